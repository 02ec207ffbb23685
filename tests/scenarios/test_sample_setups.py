"""The ready-made setups: each applies to fresh books, and a company of it bills as its law says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Final

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.support import Story, Work
from tests.support.clock import NOW
from twofold.finance.setup.apply import apply_setup
from twofold.finance.setup.file import read_setup
from twofold.finance.setup.records import CustomerAccounting, FinanceSetup
from twofold.operations.setup import file as operations_file

OPERATIONS: Final = """
[[role]]
name = "Consultant"

[[category]]
number = "LABOUR"
name = "Labour"

[[category]]
number = "TRAVEL"
name = "Travel"

[[category]]
number = "MATERIAL"
name = "Material"

[[company]]
code = "{code}"

[[company.unit]]
name = "Unit"
currency = "{currency}"

[[company.customer]]
account = "HOME"
name = "Customer at home"
currency = "{currency}"
payment_terms = "{terms}"

[[company.customer]]
account = "ABROAD"
name = "Customer abroad"
currency = "{currency}"
payment_terms = "{terms}"

[[company.resource]]
name = "Bob Kozack"
role = "Consultant"
unit = "Unit"

[[company.contract]]
number = "C-HOME"
name = "Work at home"
customer = "HOME"
unit = "Unit"
currency = "{currency}"
payment_terms = "{terms}"

[[company.contract.line]]
number = 1
name = "Work"
billing_method = "time_and_material"
project = "P-HOME"
classes = ["time", "expense", "material"]

[[company.contract.line]]
number = 2
name = "Delivery"
billing_method = "fixed_price"
project = "P-FIXED"
classes = ["time"]
contracted_amount = 1000

[[company.contract.line.milestone]]
name = "Delivered"
date = 2026-10-05
amount = 1000

[[company.contract]]
number = "C-ABROAD"
name = "Work abroad"
customer = "ABROAD"
unit = "Unit"
currency = "{currency}"
payment_terms = "{terms}"

[[company.contract.line]]
number = 1
name = "Work"
billing_method = "time_and_material"
project = "P-ABROAD"
classes = ["time"]

[[company.project]]
number = "P-HOME"
name = "At home"
contract = "C-HOME"

[[company.project]]
number = "P-FIXED"
name = "Fixed"
contract = "C-HOME"

[[company.project]]
number = "P-ABROAD"
name = "Abroad"
contract = "C-ABROAD"

[[company.price_list]]
name = "Cost"
context = "cost"
currency = "{currency}"
effective_from = 2026-01-01
units = ["Unit"]
role_prices = {{ "Consultant" = 60 }}

[[company.price_list]]
name = "Sales"
context = "sales"
currency = "{currency}"
effective_from = 2026-01-01
contracts = ["C-HOME", "C-ABROAD"]
role_prices = {{ "Consultant" = 100 }}

[[company.price_list.category]]
name = "Travel"
method = "at_cost"

[[company.price_list.category]]
name = "Material"
method = "markup"
percent = 25
"""


@dataclass(frozen=True, slots=True)
class Country:
    """What the invoice of a country comes to: 800 of work, 50 of travel, 250 of goods, 1000 due."""

    name: str
    home: str
    abroad: str
    terms: str
    due_on: date
    tax_at_home: Decimal
    # Per account, what the two invoices leave there.
    balances: dict[str, Decimal]


COUNTRIES: Final = (
    # Goods alone are taxed: 10 + 11.25 + 0.94.
    Country(
        "us", "NYC", "OUT-OF-STATE", "NET30", date(2026, 12, 2), Decimal("22.19"),
        {
            "110000": Decimal("2222.19"), "220100": Decimal(-10), "220200": Decimal("-11.25"),
            "220300": Decimal("-0.94"), "400100": Decimal(-900), "400200": Decimal(-50),
            "400300": Decimal(-250), "400500": Decimal(-1000), "500100": Decimal(540),
            "500200": Decimal(50), "500300": Decimal(200), "600900": Decimal(-540),
            "200000": Decimal(-50), "120000": Decimal(-200),
        },
    ),
    Country(
        "fr", "FRANCE", "UE", "45JFM", date(2027, 1, 14), Decimal(420),
        {
            "411000": Decimal(2620), "445711": Decimal(-420), "706000": Decimal(-900),
            "708800": Decimal(-50), "707000": Decimal(-250), "704000": Decimal(-1000),
            "641100": Decimal(540), "625100": Decimal(50), "601100": Decimal(200),
            "641900": Decimal(-540), "428600": Decimal(-50), "310000": Decimal(-200),
        },
    ),
    Country(
        "pt", "CONTINENTE", "UE", "PP", date(2026, 11, 2), Decimal(483),
        {
            "2111": Decimal(2683), "243311": Decimal(-483), "721": Decimal(-900),
            "7816": Decimal(-50), "711": Decimal(-250), "723": Decimal(-1000),
            "6321": Decimal(540), "6251": Decimal(50), "6121": Decimal(200),
            "6329": Decimal(-540), "2382": Decimal(-50), "331": Decimal(-200),
        },
    ),
    Country(
        "es", "NACIONAL", "UE", "60D", date(2027, 1, 1), Decimal(441),
        {
            "430000": Decimal(2641), "477021": Decimal(-441), "705000": Decimal(-900),
            "759000": Decimal(-50), "700000": Decimal(-250), "705100": Decimal(-1000),
            "640100": Decimal(540), "629000": Decimal(50), "611000": Decimal(200),
            "640900": Decimal(-540), "465000": Decimal(-50), "310000": Decimal(-200),
        },
    ),
)  # fmt: skip


def sample(name: str) -> FinanceSetup:
    """Read a ready-made setup."""
    file = resources.files("twofold.finance.setup") / "samples" / f"{name}.toml"
    return read_setup(file.read_bytes(), file=f"{name}.toml")


def begin(tell: Tell, tmp_path: Path, country: Country) -> Story:
    """Set a company of the country up, with a customer at home and one abroad."""
    (company,) = sample(country.name).company
    file = tmp_path / "operations.toml"
    file.write_text(
        OPERATIONS.format(
            code=company.code, currency=company.accounting_currency, terms=country.terms
        ),
        encoding="utf-8",
    )
    story = tell(
        operations=operations_file.read_setup(file), finance=sample(country.name)
    ).in_company(company.code)
    story.change_finance(
        customers=(
            CustomerAccounting("HOME", tax_group=country.home),
            CustomerAccounting("ABROAD", tax_group=country.abroad),
        )
    )
    return story


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.name)
def test_a_sample_company_bills_as_its_law_says(
    tell: Tell, tmp_path: Path, country: Country
) -> None:
    story = begin(tell, tmp_path, country)
    currency = story.company_setup.accounting_currency
    story.approve(
        Work("P-HOME", 8),
        Work("P-HOME", cls="expense", category="Travel", unit_price=50, currency=currency),
        Work("P-HOME", cls="material", category="Material", unit_price=200, currency=currency),
        Work("P-ABROAD", 1),
    )
    story.post_work()

    invoices = story.invoice(story.draft())

    by_net = {invoice.net_amount: invoice for invoice in invoices}
    home, abroad = by_net[Decimal(2100)], by_net[Decimal(100)]
    assert (home.tax_amount, abroad.tax_amount) == (country.tax_at_home, 0)
    assert home.due_date == abroad.due_date == country.due_on
    assert {one.invoice_number[-6:] for one in invoices} == {"000001", "000002"}
    found = story.in_finance(
        "SELECT account, sum(accounting_amount) AS amount FROM finance.ledger_entry"
        " WHERE company = %s GROUP BY account HAVING sum(accounting_amount) <> 0",
        story.company,
    )
    assert {row["account"]: row["amount"] for row in found} == country.balances
    story.holds()


@pytest.mark.parametrize("country", COUNTRIES[1:], ids=lambda country: country.name)
def test_what_is_taxed_abroad_keeps_its_base_for_the_return(
    tell: Tell, tmp_path: Path, country: Country
) -> None:
    story = begin(tell, tmp_path, country)
    story.approve(Work("P-ABROAD", 3))
    story.post_work()

    story.invoice(story.draft("C-ABROAD"))

    (posted,) = story.in_finance(
        "SELECT rate, base_amount, tax_amount FROM finance.tax_transaction"
    )
    assert tuple(posted.values()) == (0, 300, 0)


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.name)
def test_a_sample_misses_nothing_that_postings_need(
    tell: Tell, tmp_path: Path, country: Country
) -> None:
    story = begin(tell, tmp_path, country)

    with story.books.finance.transaction() as transaction:
        again = apply_setup(transaction, setup=sample(country.name), actor="ann", at=NOW)

    assert (again.written, again.warnings) == (0, ())


def test_the_rates_change_on_the_days_of_the_law() -> None:
    rates = {
        (name, code.tax_code): [(rate.valid_from, rate.rate) for rate in code.rates]
        for name in ("us", "fr", "pt", "es")
        for code in sample(name).company[0].tax_codes
    }

    assert rates["fr", "TVA-20"][-1] == (date(2014, 1, 1), Decimal(20))
    assert rates["fr", "TVA-10"][-1] == (date(2014, 1, 1), Decimal(10))
    assert rates["fr", "TVA-5.5"][-1][1] == Decimal("5.5")
    assert rates["fr", "TVA-2.1"][-1][1] == Decimal("2.1")
    assert rates["pt", "IVA-NOR"][-1] == (date(2011, 1, 1), Decimal(23))
    assert rates["pt", "IVA-INT"][-1] == (date(2010, 7, 1), Decimal(13))
    assert rates["pt", "IVA-RED"][-1] == (date(2010, 7, 1), Decimal(6))
    assert rates["es", "IVA-GEN"][-1] == (date(2012, 9, 1), Decimal(21))
    assert rates["es", "IVA-RED"][-1] == (date(2012, 9, 1), Decimal(10))
    assert rates["es", "IVA-SUP"][-1][1] == Decimal(4)
    assert sum(rates["us", code][-1][1] for code in ("NY-STATE", "NY-CITY", "NY-MCTD")) == Decimal(
        "8.875"
    )
