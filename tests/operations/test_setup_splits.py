"""Setup: who pays which share, and what a setup must not say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.operations.billing import broken, rows
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.setup.apply import SetupResult, apply_setup
from twofold.operations.setup.file import read_setup

# {contract} and {line} are what a test adds to the contract and to its line.
TEXT: Final = """
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
account = "A"
name = "Adatum"
currency = "USD"

[[company.customer]]
account = "B"
name = "Contoso"
currency = "USD"
payment_terms = "Net14"

[[company.customer]]
account = "C"
name = "Coffee"
currency = "USD"

[[company.contract]]
number = "K-1"
name = "Arm"
customer = "{customer}"
unit = "US"
currency = "USD"
{contract}

[[company.contract.line]]
number = 1
name = "Work"
billing_method = "{method}"
project = "P-1"
classes = ["time", "expense"]
{line}

[[company.project]]
number = "P-1"
name = "Arm"
contract = "K-1"
tasks = ["Design", "Build"]
"""
PAYERS: Final = """
    SELECT account, trim_scale(split_percent)::text, is_rounding, is_primary
    FROM operations.contract_customer JOIN operations.customer USING (company, customer_id)
    ORDER BY account
"""
LINE_PAYERS: Final = """
    SELECT line_number, account, trim_scale(split_percent)::text, is_rounding
    FROM operations.contract_line_customer
    JOIN operations.customer USING (company, customer_id)
    JOIN operations.contract_line USING (company, contract_line_id)
    ORDER BY line_number, account
"""


class Setup:
    """A file that is written anew for each step, and the book it is applied to."""

    def __init__(self, books: Books, path: Path) -> None:
        self.books = books
        self.path = path

    def apply(
        self,
        *,
        contract: str = "",
        line: str = "",
        customer: str = "A",
        method: str = "time_and_material",
    ) -> SetupResult:
        """Apply the file with what is given in it."""
        text = TEXT.format(contract=contract, line=line, customer=customer, method=method)
        self.path.write_text(text, encoding="utf-8")
        setup = read_setup(self.path)
        with self.books.operations.transaction() as transaction:
            return apply_setup(transaction, setup=setup, actor="admin", at=NOW)

    def codes(self, **given: str) -> list[str]:
        """Give what the file is refused with."""
        with pytest.raises(Refused) as refused:
            self.apply(**given)
        return list(refused.value.codes)


@pytest.fixture
def setup(books: Books, tmp_path: Path) -> Setup:
    books.given("""
        operations.company
        company  name     accounting_currency  source_version
        USPM     US firm  USD                  1

        operations.ledger
        company  accounting_currency  reporting_currency  source_version
        USPM     USD                  USD                 1
    """)
    return Setup(books, tmp_path / "setup.toml")


def payers(*shares: str, of: str = "contract") -> str:
    """Write payers: «A 60» or, of who takes the rounding, «A 60 *»; other words are keys."""
    text = ""
    for share in shares:
        account, percent, *more = share.split()
        text += f'[[company.{of}.payer]]\naccount = "{account}"\n'
        text += "" if percent == "-" else f"percent = {percent}\n"
        text += "rounding = true\n" if "*" in more else ""
        text += "".join(f"{one}\n" for one in more if one != "*")
    return text


def line_payers(*shares: str) -> str:
    return payers(*shares, of="contract.line")


def milestones(*amounts: str) -> str:
    return "".join(
        f'[[company.contract.line.milestone]]\nname = "M{n}"\ndate = 2026-10-0{n}\n{amount}\n'
        for n, amount in enumerate(amounts, start=1)
    )


def test_a_new_line_has_the_customers_of_its_contract(setup: Setup) -> None:
    setup.apply(contract=payers("A 60 *", "B 40 not_to_exceed=500"))

    assert rows(setup.books, PAYERS) == [("A", "60", True, True), ("B", "40", False, False)]
    assert rows(setup.books, LINE_PAYERS) == [(1, "A", "60", True), (1, "B", "40", False)]
    terms = "SELECT bill_to_name, payment_terms, not_to_exceed FROM operations.contract_customer"
    assert rows(setup.books, terms) == [("Adatum", None, None), ("Contoso", "Net14", 500)]
    assert not broken(setup.books)


def test_shares_of_a_line_stay_when_those_of_the_contract_change(setup: Setup) -> None:
    setup.apply(contract=payers("A 60 *", "B 40"))

    changed = setup.apply(contract=payers("A 10", "B 90 *"))
    again = setup.apply(contract=payers("A 10", "B 90 *"))

    assert rows(setup.books, PAYERS) == [("A", "10", False, True), ("B", "90", True, False)]
    assert rows(setup.books, LINE_PAYERS) == [(1, "A", "60", True), (1, "B", "40", False)]
    assert (changed.written, again.written) == (2, 0)
    assert not broken(setup.books)


def test_who_only_a_line_names_comes_onto_the_contract_with_nothing_to_pay(setup: Setup) -> None:
    setup.apply(line=line_payers("B 70 *", "C 30"))

    assert rows(setup.books, PAYERS) == [
        ("A", "100", True, True), ("B", "0", False, False), ("C", "0", False, False),
    ]  # fmt: skip
    assert rows(setup.books, LINE_PAYERS) == [(1, "B", "70", True), (1, "C", "30", False)]
    assert not broken(setup.books)


def test_who_is_left_out_of_a_list_pays_nothing(setup: Setup) -> None:
    setup.apply(contract=payers("A 60 *", "B 40"), line=line_payers("A 60", "B 40 *"))

    setup.apply(contract=payers("A 100"), line=line_payers("A 100"))

    assert rows(setup.books, PAYERS) == [("A", "100", True, True), ("B", "0", False, False)]
    assert rows(setup.books, LINE_PAYERS) == [(1, "A", "100", True), (1, "B", "0", False)]
    assert not broken(setup.books)


def test_who_has_sales_cannot_be_left_out_but_pay_0_percent(setup: Setup) -> None:
    setup.apply(contract=payers("A 60 *", "B 40"))
    with setup.books.owner_operations.raw() as connection:
        connection.execute("""
            INSERT INTO operations.actual (company, actual_id, transaction_type, class,
                billing_type, event, transaction_date, accounting_date, quantity, price, amount,
                currency, unit, project_id, contract_id, contract_line_id, customer_id, skip_sync,
                change_set_id)
            SELECT company, 1, 'unbilled_sales', 'time', 'chargeable', 'approval', '2026-10-01',
                '2026-10-01', 1, 1, 1, 'USD', 'hour', project_id, contract_id, contract_line_id,
                (SELECT customer_id FROM operations.customer WHERE account = 'B'), false, 1
            FROM operations.contract_line""")

    assert setup.codes(contract=payers("A 100")) == ["ERR-A05"]
    assert setup.codes(line=line_payers("A 100")) == ["ERR-A05"]
    setup.apply(contract=payers("A 100 *", "B 0"), line=line_payers("A 100 *", "B 0"))
    # From now on it pays nothing: leaving it out changes nothing.
    assert setup.apply(contract=payers("A 100"), line=line_payers("A 100")).written == 0


def test_an_even_split_gives_the_rest_to_who_takes_the_rounding(setup: Setup) -> None:
    setup.apply(contract='split = "even"\n' + payers("A -", "B - *", "C -"))

    assert rows(setup.books, PAYERS) == [
        ("A", "33.33", False, True), ("B", "33.34", True, False), ("C", "33.33", False, False),
    ]  # fmt: skip


def test_the_former_customer_of_a_contract_stays_and_pays(setup: Setup) -> None:
    setup.apply()

    setup.apply(customer="B")

    assert rows(setup.books, PAYERS) == [("A", "100", True, False), ("B", "0", False, True)]
    assert not broken(setup.books)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"contract": payers("A 60 *", "B 30")}, "ERR-A03"),
        ({"contract": payers("A 60 *", "B 40.0001")}, "ERR-A03"),
        ({"line": line_payers("A 60 *", "B 39.9999")}, "ERR-A03"),
        ({"contract": payers("B 100")}, "ERR-A04"),
        ({"contract": payers("A 60 *", "A 40")}, "ERR-A06"),
        ({"line": line_payers("B 60 *", "B 40")}, "ERR-A06"),
        ({"contract": payers("A 60", "B 40")}, "ERR-A22"),
        ({"contract": payers("A 60 *", "B 40 *")}, "ERR-A22"),
        ({"line": line_payers("A 100", "B 0 *")}, "ERR-A22"),
        ({"contract": payers("A 101")}, "ERR-A16"),
        ({"contract": payers("A 60.12345 *", "B 40")}, "ERR-A16"),
        ({"contract": payers("A 60 * not_to_exceed=-1", "B 40")}, "ERR-A16"),
        ({"contract": 'split = "even"\n'}, "ERR-A16"),
        ({"contract": 'split = "even"\n' + payers("A 50 *", "B 50")}, "ERR-A16"),
        ({"contract": payers("A -")}, "ERR-A14"),
        ({"contract": payers("A 60 *", "Z 40")}, "ERR-A18"),
        ({"line": line_payers("Z 100")}, "ERR-A18"),
        ({"contract": "not_to_exceed = -0.01\n"}, "ERR-A16"),
        ({"line": "not_to_exceed = 1\n", "method": "fixed_price"}, "ERR-A23"),
        ({"line": line_payers("A 100 not_to_exceed=1"), "method": "fixed_price"}, "ERR-A23"),
        ({"line": 'tasks = { "Paint" = "chargeable" }\n'}, "ERR-A18"),
        ({"line": 'roles = { "Wizard" = "chargeable" }\n'}, "ERR-A18"),
        ({"line": 'tasks = { "Design" = "complimentary" }\n'}, "ERR-A16"),
    ],
)
def test_a_split_that_does_not_hold_together_is_refused(
    setup: Setup, given: dict[str, str], code: str
) -> None:
    assert code in setup.codes(**given)
    assert rows(setup.books, "SELECT contract_id FROM operations.contract") == []


def test_tasks_roles_and_categories_of_a_line_are_those_of_the_file(setup: Setup) -> None:
    tasks = 'tasks = { "Design" = "chargeable", "Build" = "non_chargeable" }\n'
    parts = 'roles = { "Engineer" = "non_chargeable" }\ncategories = { "Travel" = "chargeable" }\n'
    found = """
        SELECT included_tasks::text,
            (SELECT string_agg(name || ' ' || billing_type, ', ' ORDER BY name)
            FROM operations.contract_line_task JOIN operations.task USING (company, task_id)),
            (SELECT count(*) FROM operations.contract_line_role),
            (SELECT count(*) FROM operations.contract_line_category)
        FROM operations.contract_line
    """
    setup.apply(line=tasks + parts)
    assert rows(setup.books, found) == [
        ("selected", "Build non_chargeable, Design chargeable", 1, 1)
    ]
    assert setup.apply(line=tasks + parts).written == 0

    setup.apply(line='tasks = { "Build" = "chargeable" }\n')
    assert rows(setup.books, found) == [("selected", "Build chargeable", 0, 0)]

    setup.apply()
    assert rows(setup.books, found) == [("all", None, 0, 0)]


PARTS: Final = """
    SELECT milestone.name, account, trim_scale(amount)::text, trim_scale(tax_amount)::text
    FROM operations.milestone JOIN operations.customer USING (company, customer_id)
    ORDER BY milestone.name, account
"""


def fixed(setup: Setup, shares: str, *amounts: str, contracted: str = "100.01") -> SetupResult:
    line = f"contracted_amount = {contracted}\n" + shares + milestones(*amounts)
    return setup.apply(line=line, method="fixed_price")


def test_a_milestone_is_shared_with_its_tax_and_follows_the_split(setup: Setup) -> None:
    thirds = line_payers("A 33.33", "B 33.34 *", "C 33.33")
    fixed(setup, thirds, "amount = 100.01\ntax_amount = 10")

    assert rows(setup.books, PARTS) == [
        ("M1", "A", "33.33", "3.33"), ("M1", "B", "33.35", "3.34"), ("M1", "C", "33.33", "3.33"),
    ]  # fmt: skip

    fixed(setup, line_payers("A 50 *", "B 50"), "amount = 100.01\ntax_amount = 10")

    assert rows(setup.books, PARTS) == [
        ("M1", "A", "50", "5"), ("M1", "B", "50.01", "5"), ("M1", "C", "0", "0"),
    ]  # fmt: skip
    assert not broken(setup.books)


def test_parts_stand_once_one_is_on_a_proforma(setup: Setup) -> None:
    fixed(setup, line_payers("A 60 *", "B 40"), "amount = 100.01")
    with setup.books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.milestone SET state = 'on_proforma', proforma_id = 1"
            " WHERE amount = 40"
        )
    before = rows(setup.books, PARTS)

    fixed(setup, line_payers("A 10 *", "B 90"), "amount = 100.01")
    assert rows(setup.books, PARTS) == before

    for amount, contracted in (
        ("amount = 99", "99"),
        ("amount = 100.01\ntax_amount = 1", "100.01"),
    ):
        with pytest.raises(Refused) as refused:
            fixed(setup, line_payers("A 10 *", "B 90"), amount, contracted=contracted)
        assert "ERR-A20" in refused.value.codes


def test_tax_on_a_share_of_nothing_is_refused(setup: Setup) -> None:
    with pytest.raises(Refused) as refused:
        fixed(
            setup,
            line_payers("A 50 *", "B 50"),
            "amount = 0.01\ntax_amount = 0.02",
            contracted="0.01",
        )

    assert "ERR-A09" in refused.value.codes
