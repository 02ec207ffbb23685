"""Setup of prices and project types: what a file may say, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.operations.billing import broken, rows
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.setup.apply import SetupResult, apply_setup
from twofold.operations.setup.file import read_setup
from twofold.operations.setup.records import OperationsSetup

SETUP = """
[[role]]
name = "Engineer"

[[category]]
number = "M-1"
name = "Motor"

[[product]]
number = "P-100"
name = "Servo"

[[time_unit]]
name = "India Day"
hours = 10

[[company]]
code = "GBPM"

[[company.unit]]
name = "UK"
currency = "GBP"

[[company]]
code = "USPM"

[[company.unit]]
name = "US"
currency = "USD"

[[company.customer]]
account = "C-1"
name = "Adatum"
currency = "USD"

[[company.contract]]
number = "K-1"
name = "Arm"
customer = "C-1"
unit = "US"
currency = "USD"

[[company.contract.line]]
number = 1
name = "Work"
billing_method = "time_and_material"
project = "P-1"
classes = ["time"]

[[company.project]]
number = "P-1"
name = "Arm"
contract = "K-1"

[[company.project]]
number = "P-2"
name = "Own tool"
type = "investment"

[[company.price_list]]
name = "Cost"
context = "cost"
currency = "USD"
effective_from = 2026-01-01
units = ["US"]

[[company.price_list.role]]
name = "Engineer"
price = 90

[[company.price_list]]
name = "Sales"
context = "sales"
currency = "USD"
effective_from = 2026-01-01
effective_to = 2026-12-31
contracts = ["K-1"]
role_prices = { "Engineer" = 200 }

[[company.price_list.role]]
name = "Engineer"
contract = "K-1"
effective_from = 2026-12-31
method = "markup"
percent = 99999.9999

[[company.price_list.role]]
name = "Engineer"
resourcing_unit = "US"
time_unit = "India Day"
price = 1500

[[company.price_list.role]]
name = "Engineer"
resourcing_company = "GBPM"
resourcing_unit = "UK"
customer = "C-1"
price = 70

[[company.price_list.category]]
name = "Motor"
method = "at_cost"

[[company.price_list.category]]
name = "Motor"
unit = "box"
method = "per_unit"
price = 0

[[company.price_list.product]]
number = "P-100"
method = "markup"
percent = 10
"""

CONTRACT = 'name = "Engineer"\ncontract = "K-1"'

Write = Callable[[str], OperationsSetup]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give what writes a file and reads it."""

    def read(text: str) -> OperationsSetup:
        path = tmp_path / "setup.toml"
        path.write_text(text, encoding="utf-8")
        return read_setup(path)

    return read


@pytest.fixture
def companies(books: Books) -> Books:
    books.given("""
        operations.company
        company  name     accounting_currency  source_version
        USPM     US firm  USD                  1
        GBPM     GB firm  GBP                  1

        operations.ledger
        company  accounting_currency  reporting_currency  source_version
        USPM     USD                  USD                 1
        GBPM     GBP                  GBP                 1
    """)
    return books


def apply(books: Books, setup: OperationsSetup) -> SetupResult:
    with books.operations.transaction() as transaction:
        return apply_setup(transaction, setup=setup, actor="admin", at=NOW)


def refused(books: Books, write: Write, text: str) -> list[tuple[str, str, str]]:
    """Give what is refused of a file, by reading it or by applying it."""
    with pytest.raises(Refused) as caught:
        apply(books, write(text))
    return sorted((one.code, one.record, one.field) for one in caught.value.refusals)


def test_prices_become_rows(companies: Books, write: Write) -> None:
    apply(companies, write(SETUP))

    found = rows(
        companies,
        """
        SELECT list.name, price.resourcing_company, unit.name, contract.number, customer.account,
            price.effective_from::text, price.time_unit, price.method::text,
            trim_scale(coalesce(price.price, price.percent))::text
        FROM operations.role_price AS price
        JOIN operations.price_list AS list USING (company, price_list_id)
        LEFT JOIN operations.organizational_unit AS unit
            ON unit.organizational_unit_id = price.resourcing_unit_id
        LEFT JOIN operations.contract ON contract.contract_id = price.contract_id
        LEFT JOIN operations.customer ON customer.customer_id = price.customer_id
        """,
    )
    assert sorted(found, key=lambda row: (row[0], row[-1])) == [
        ("Cost", None, None, None, None, None, "hour", "per_unit", "90"),
        ("Sales", "USPM", "US", None, None, None, "India Day", "per_unit", "1500"),
        ("Sales", None, None, None, None, None, "hour", "per_unit", "200"),
        ("Sales", "GBPM", "UK", None, "C-1", None, "hour", "per_unit", "70"),
        ("Sales", None, None, "K-1", None, "2026-12-31", "hour", "markup", "99999.9999"),
    ]
    companies.then("""
        operations.category_price
        unit  method    price  percent
        -     at_cost   -      -
        box   per_unit  0      -

        operations.product_price
        unit  method  price  percent
        -     markup  -      10

        operations.project
        number  project_type
        P-1     standard
        P-2     investment
    """)
    assert not broken(companies)


def test_the_same_prices_again_write_nothing_and_one_that_differs_is_one_change(
    companies: Books, write: Write
) -> None:
    apply(companies, write(SETUP))

    again = apply(companies, write(SETUP))
    other = apply(companies, write(SETUP.replace("price = 70", "price = 71")))
    renewed = SETUP.replace("price = 70", "price = 71").replace("hours = 10", "hours = 9")
    shorter = apply(companies, write(renewed))

    changed = [
        {one.table: (one.added, one.changed) for one in run.tables if one.added or one.changed}
        for run in (again, other, shorter)
    ]
    assert changed == [{}, {"role_price": (0, 1)}, {"time_unit": (0, 1)}]
    assert (again.set_ids, other.set_ids) == ((), ())


ENGINEER = "company USPM/price list Sales/role Engineer"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"India Day"\nprice', '"Week"\nprice', ("ERR-A18", ENGINEER, "time_unit")),
        ('"US"\ntime_unit', '"UK"\ntime_unit', ("ERR-A18", ENGINEER, "resourcing_unit")),
        ('"GBPM"\nresourcing_unit = "UK"', '"FRPM"', ("ERR-A18", ENGINEER, "resourcing_company")),
        ('"GBPM"\nresourcing_unit = "UK"', '"GBPM"\nresourcing_unit = "US"',
         ("ERR-A18", ENGINEER, "resourcing_unit")),
        ('customer = "C-1"\nprice', 'customer = "C-9"\nprice', ("ERR-A18", ENGINEER, "customer")),
        ('"P-100"\nmethod', '"P-9"\nmethod',
         ("ERR-A18", "company USPM/price list Sales/product P-9", "number")),
        (CONTRACT, 'name = "Engineer"\ncontract = "K-9"', ("ERR-A16", ENGINEER, "contract")),
        (CONTRACT, CONTRACT + '\ncustomer = "C-1"', ("ERR-A16", ENGINEER, "customer")),
        ("effective_from = 2026-12-31", "effective_from = 2027-01-01",
         ("ERR-A16", ENGINEER, "effective_from")),
        ("effective_from = 2026-12-31", "effective_from = 2025-12-31",
         ("ERR-A16", ENGINEER, "effective_from")),
        ("percent = 99999.9999", "percent = 100000", ("ERR-A16", ENGINEER, "percent")),
        ("price = 90", 'customer = "C-1"\nprice = 90',
         ("ERR-A16", "company USPM/price list Cost/role Engineer", "customer")),
        ("price = 90", 'method = "at_cost"',
         ("ERR-A16", "company USPM/price list Cost/role Engineer", "method")),
        ("hours = 10", "hours = 0", ("ERR-A16", "time unit India Day", "hours")),
        ('[[time_unit]]', '[[time_unit]]\nname = "hour"\nhours = 2\n\n[[time_unit]]',
         ("ERR-A16", "time unit hour", "hours")),
        ('type = "investment"', 'type = "internal"',
         ("ERR-A16", "company USPM/project P-2", "type")),
        ('[[product]]', '[[product]]\nnumber = "P-100"\nname = "Again"\n\n[[product]]',
         ("ERR-A17", "product P-100", "")),
        ('time_unit = "India Day"\nprice', ('resourcing_company = "USPM"\nprice = 1\n\n'
         '[[company.price_list.role]]\nname = "Engineer"\nresourcing_unit = "US"\nprice'),
         ("ERR-A17", "role price Engineer", "")),
        ('unit = "box"\n', "", ("ERR-A17", "category price Motor", "")),
        ('type = "investment"', 'type = "investment"\ncontract = "K-1"',
         ("ERR-A11", "company USPM/project P-2", "contract")),
        ('project = "P-1"', 'project = "P-2"',
         ("ERR-A11", "company USPM/contract K-1/line 1", "project")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_named(
    companies: Books, write: Write, old: str, new: str, problem: tuple[str, str, str]
) -> None:
    assert old in SETUP

    assert refused(companies, write, SETUP.replace(old, new, 1)) == [problem]
    companies.then("""
        operations.price_list
        name

        operations.product
        number
    """)


def test_all_bad_prices_are_said_at_once(companies: Books, write: Write) -> None:
    text = (
        SETUP.replace('"India Day"\nprice', '"Week"\nprice')
        .replace('"US"\ntime_unit', '"Mars"\ntime_unit')
        .replace('"P-100"\nmethod', '"P-9"\nmethod')
    )

    assert [field for _, _, field in refused(companies, write, text)] == [
        "number",
        "resourcing_unit",
        "time_unit",
    ]


def test_a_project_with_actuals_keeps_its_type(companies: Books, write: Write) -> None:
    apply(companies, write(SETUP))
    alone = SETUP.replace('project = "P-1"\n', "").replace(
        'name = "Arm"\ncontract = "K-1"\n', 'name = "Arm"\n'
    )
    invested = alone.replace('name = "Arm"\n\n', 'name = "Arm"\ntype = "investment"\n\n', 1)
    standard = SETUP.replace('type = "investment"\n', "")
    assert "investment" not in standard
    companies.given("""
        operations.actual
        company  actual_id  transaction_type  class  billing_type   event     transaction_date  accounting_date  quantity  price  amount  currency  unit  project_id  skip_sync  change_set_id
        GBPM     1          cost              time   not_available  approval  2026-10-05        2026-10-05       1         90     90      USD       hour  1           false      1
    """)  # noqa: E501
    # Somebody else's actual of the same project number is not ours.
    apply(companies, write(standard))
    apply(companies, write(SETUP))
    ((investment, arm),) = rows(
        companies,
        "SELECT max(project_id) FILTER (WHERE number = 'P-2'),"
        " max(project_id) FILTER (WHERE number = 'P-1') FROM operations.project",
    )
    companies.given(f"""
        operations.actual
        company  actual_id  transaction_type  class  billing_type   event     transaction_date  accounting_date  quantity  price  amount  currency  unit  project_id    skip_sync  change_set_id
        USPM     2          cost              time   not_available  approval  2026-10-05        2026-10-05       1         90     90      USD       hour  {investment}  false      1
        USPM     3          cost              time   not_available  approval  2026-10-05        2026-10-05       1         90     90      USD       hour  {arm}         false      1
    """)  # noqa: E501

    assert refused(companies, write, standard) == [("ERR-A11", "company USPM/project P-2", "type")]
    assert ("ERR-A11", "company USPM/project P-1", "type") in refused(companies, write, invested)
    assert apply(companies, write(SETUP)).written == 0
