"""Setup: reading the file, bringing the book to what it says, and what it must not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.operations.billing import broken, rows
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.setup.apply import SetupResult, apply_setup
from twofold.operations.setup.file import read_setup
from twofold.operations.setup.records import OperationsSetup

EXAMPLE = ROOT / "examples" / "operations.toml"

SMALL = """
[[role]]
name = "Engineer"

[[category]]
number = "T-1"
name = "Travel"

[[company]]
code = "USPM"

[[company.unit]]
name = "US"
currency = "USD"

[[company.customer]]
account = "C-1"
name = "Adatum"
currency = "USD"
payment_terms = "Net30"

[[company.contract]]
number = "K-1"
name = "Arm"
customer = "C-1"
unit = "US"
currency = "USD"

[[company.contract.line]]
number = 1
name = "Fixed"
billing_method = "fixed_price"
project = "P-1"
classes = ["time", "fee"]
contracted_amount = 17000

[[company.contract.line.milestone]]
name = "Start"
date = 2026-10-05
amount = 5000

[[company.contract.line.milestone]]
name = "End"
date = 2026-11-03
amount = 12000.00

[[company.project]]
number = "P-1"
name = "Arm"
contract = "K-1"
tasks = ["Design"]

[[company.price_list]]
name = "Sales"
context = "sales"
currency = "USD"
effective_from = 2026-01-01
contracts = ["K-1"]
role_prices = { "Engineer" = 200 }
"""

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


def codes(books: Books, setup: OperationsSetup) -> list[str]:
    with pytest.raises(Refused) as refused:
        apply(books, setup)
    return list(refused.value.codes)


def counts(result: SetupResult) -> dict[str, tuple[int, int]]:
    return {
        table.table: (table.added, table.changed)
        for table in result.tables
        if table.added or table.changed
    }


def test_a_file_is_read_into_records(write: Write) -> None:
    setup = write(SMALL)

    assert [line.classes for line in setup.contract_lines] == [("time", "fee")]
    assert [(one.name, one.state) for one in setup.milestones] == [
        ("Start", "not_ready"),
        ("End", "not_ready"),
    ]
    assert setup.contracts[0].state == "active"


def test_all_problems_of_a_file_come_at_once(write: Write) -> None:
    text = (
        SMALL.replace('currency = "USD"\npayment_terms', 'currency = "usd"\npayment_terms')
        .replace('billing_method = "fixed_price"', 'billing_method = "fixed"')
        .replace("amount = 5000", "amount = -5")
        .replace("date = 2026-11-03", 'date = "2026-11-03"')
        .replace('name = "Engineer"', 'name = "Engineer"\ncolour = "red"', 1)
        .replace('classes = ["time", "fee"]\n', "")
    )

    with pytest.raises(Refused) as refused:
        write(text)

    assert sorted((one.code, one.field) for one in refused.value.refusals) == [
        ("ERR-A14", "classes"),
        ("ERR-A15", "colour"),
        ("ERR-A16", "amount"),
        ("ERR-A16", "billing_method"),
        ("ERR-A16", "currency"),
        ("ERR-A16", "date"),
    ]
    assert all(one.record and one.remedy for one in refused.value.refusals)


def test_a_record_is_in_a_file_once(write: Write) -> None:
    with pytest.raises(Refused) as refused:
        write(SMALL + '\n[[role]]\nname = "Engineer"\n')

    assert refused.value.codes == ("ERR-A17",)


@pytest.mark.parametrize("text", ["[[company", "company = \x00"])
def test_what_is_no_toml_is_refused(write: Write, text: str) -> None:
    with pytest.raises(Refused) as refused:
        write(text)

    assert refused.value.codes == ("ERR-A13",)


def test_the_example_fills_both_companies(companies: Books) -> None:
    result = apply(companies, read_setup(EXAMPLE))

    assert {company for company, _ in result.set_ids} == {"GBPM", "USPM"}
    assert counts(result)["milestone"] == (2, 0)
    assert not broken(companies)


def test_applying_a_file_again_writes_nothing_and_opens_no_set(
    companies: Books, write: Write
) -> None:
    first = apply(companies, write(SMALL))
    before = rows(companies, "SELECT xmin::text, * FROM operations.contract_line")

    again = apply(companies, write(SMALL))

    assert first.written > 0
    assert (again.written, again.set_ids) == (0, ())
    assert sum(table.unchanged for table in again.tables) == first.written
    assert rows(companies, "SELECT xmin::text, * FROM operations.contract_line") == before


def test_the_contract_s_customer_pays_all_and_takes_the_rounding(
    companies: Books, write: Write
) -> None:
    apply(companies, write(SMALL))

    found = rows(
        companies,
        "SELECT split_percent, is_rounding, is_primary, payment_terms, bill_to_name,"
        " project.customer_id = payer.customer_id"
        " FROM operations.contract_customer AS payer JOIN operations.project USING (contract_id)",
    )
    assert found == [(100, True, True, "Net30", "Adatum", True)]


def test_only_what_differs_is_written(companies: Books, write: Write) -> None:
    apply(companies, write(SMALL))
    renamed = SMALL.replace('number = "P-1"\nname = "Arm"', 'number = "P-1"\nname = "Big arm"')

    project = apply(companies, write(renamed))
    price = apply(companies, write(renamed.replace("= 200", "= 210")))

    assert (counts(project), len(project.set_ids)) == ({"project": (0, 1)}, 1)
    assert (counts(price), price.set_ids) == ({"role_price": (0, 1)}, ())
    assert rows(companies, "SELECT change_set_id FROM operations.project") == [
        (project.set_ids[0][1],)
    ]


def test_a_new_role_concerns_every_company(companies: Books, write: Write) -> None:
    apply(companies, write(SMALL))

    result = apply(companies, write('[[role]]\nname = "Designer"\n'))

    assert [company for company, _ in result.set_ids] == ["GBPM", "USPM"]


def test_a_price_list_that_no_longer_names_a_contract_is_taken_from_it(
    companies: Books, write: Write
) -> None:
    second = SMALL.replace(
        "[[company.price_list]]",
        '[[company.contract]]\nnumber = "K-2"\nname = "Leg"\ncustomer = "C-1"\nunit = "US"\n'
        'currency = "USD"\n\n[[company.price_list]]',
    )
    apply(companies, write(second.replace('contracts = ["K-1"]', 'contracts = ["K-1", "K-2"]')))

    result = apply(companies, write(second))

    assert counts(result) == {"contract_price_list": (0, 1)}
    assert rows(companies, "SELECT count(*) FROM operations.contract_price_list") == [(1,)]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        # The contracting unit keeps its company's currency.
        ('name = "US"\ncurrency = "USD"', 'name = "US"\ncurrency = "EUR"', "ERR-A01"),
        ('code = "USPM"', 'code = "FRPM"', "ERR-A02"),
        ('project = "P-1"\n', 'project = "P-1"\ndiscount_percent = 5\n', "ERR-B34"),
        ('project = "P-1"\n', 'project = "P-1"\nfee_percent = 0.0001\n', "ERR-B34"),
        ("amount = 12000.00", "amount = 11000", "ERR-A08"),
        ("amount = 12000.00", "amount = 12000.01", "ERR-A08"),
        ('billing_method = "fixed_price"', 'billing_method = "time_and_material"', "ERR-A09"),
        ('project = "P-1"\n', "", "ERR-A09"),
        ("amount = 12000.00", ("amount = 12000\n\n[[company.contract.line.milestone]]\n"
         'name = "Nothing"\ndate = 2026-12-01\namount = 0\ntax_amount = 1'), "ERR-A09"),
        ('customer = "C-1"', 'customer = "C-9"', "ERR-A18"),
        ('unit = "US"', 'unit = "UK"', "ERR-A18"),
        ('"Engineer" = 200', '"Wizard" = 200', "ERR-A18"),
        ('contracts = ["K-1"]', 'contracts = ["K-9"]', "ERR-A18"),
        ('account = "C-1"\nname = "Adatum"\ncurrency = "USD"',
         'account = "C-1"\nname = "Adatum"\ncurrency = "XXX"', "ERR-A18"),
        ('context = "sales"\ncurrency = "USD"', 'context = "sales"\ncurrency = "GBP"', "ERR-A21"),
    ],
)  # fmt: skip
def test_a_setup_that_does_not_hold_together_is_refused(
    companies: Books, write: Write, old: str, new: str, code: str
) -> None:
    assert old in SMALL

    refused = set(codes(companies, write(SMALL.replace(old, new))))

    assert code in refused
    companies.then("""
        operations.contract
        number

        operations.role
        name

        operations:dualwrite.outbox
        set_id
    """)


LINE = """
[[company.contract.line]]
number = 2
name = "More"
billing_method = "time_and_material"
project = "P-1"
classes = {classes}

[[company.project]]
number = "P-1\""""


@pytest.mark.parametrize(
    ("classes", "is_refused"),
    [('["time"]', True), ('["fee", "material"]', True), ('["expense", "material"]', False)],
)
def test_a_class_of_a_project_is_on_one_line_of_the_contract(
    companies: Books, write: Write, classes: str, *, is_refused: bool
) -> None:
    text = SMALL.replace('\n[[company.project]]\nnumber = "P-1"', LINE.format(classes=classes))

    if is_refused:
        assert codes(companies, write(text)) == ["ERR-A07"]
    else:
        apply(companies, write(text))


def test_all_that_is_wrong_is_said_at_once(companies: Books, write: Write) -> None:
    text = (
        SMALL.replace('name = "US"\ncurrency = "USD"', 'name = "US"\ncurrency = "EUR"')
        .replace('"Engineer" = 200', '"Wizard" = 200')
        .replace("amount = 5000", "amount = 6000")
    )

    assert codes(companies, write(text)) == ["ERR-A01", "ERR-A18", "ERR-A08"]


def test_a_contract_keeps_its_currency(companies: Books, write: Write) -> None:
    apply(companies, write(SMALL))
    text = SMALL.replace('unit = "US"\ncurrency = "USD"', 'unit = "US"\ncurrency = "GBP"')

    assert codes(companies, write(text))[:1] == ["ERR-A19"]


def test_a_milestone_on_a_proforma_does_not_change(companies: Books, write: Write) -> None:
    apply(companies, write(SMALL))
    with companies.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.milestone SET state = 'on_proforma', proforma_id = 1"
            " WHERE name = 'Start'"
        )

    unchanged = apply(companies, write(SMALL))
    moved = codes(companies, write(SMALL.replace("date = 2026-10-05", "date = 2026-10-06")))

    assert unchanged.written == 0
    assert moved == ["ERR-A20"]


def test_the_state_of_a_milestone_is_the_backlog_s(companies: Books, write: Write) -> None:
    ready = SMALL.replace("amount = 5000", 'amount = 5000\nstate = "ready"')
    apply(companies, write(ready))

    apply(companies, write(SMALL))

    found = rows(companies, "SELECT name, state::text FROM operations.milestone ORDER BY name")
    assert found == [("End", "not_ready"), ("Start", "ready")]
