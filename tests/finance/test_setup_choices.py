"""What a company chooses in its setup, and what follows: precedence, offsets, categories, days of tax."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from tests.finance.company import (
    SETUP,
    announce,
    arrive,
    bill,
    change,
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.posting.post import post_proposals


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


@pytest.mark.parametrize(
    ("order", "profile"), [("group_first", "TM_WIP"), ("contract_first", "TM_NoWIP")]
)
def test_which_of_group_and_contract_wins_is_a_parameter(
    company: Books, order: str, profile: str
) -> None:
    """Q-15."""
    change(company, "UPDATE finance.parameter SET profile_rule_order = %s", order)
    company.given("""
        finance.project_accounting
        company  project_number  project_group
        USPM     P-2             Small
        USPM     P-4             Small

        finance.profile_rule
        company  billing_method     project_number  project_group  contract_number  profile
        USPM     time_and_material  -               Small          -                TM_WIP
        USPM     time_and_material  -               -              K-3              TM_NoWIP
        USPM     time_and_material  P-2             -              -                TM_WIP
    """)
    arrive(company, """
        actual_id  project_id  contract_id  contract_line_id
        1          4           3            3
        2          2           3            3
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)

    company.then(f"""
        finance.project_transaction
        actual_id  profile
        1          {profile}
        2          TM_WIP
    """)


@pytest.mark.parametrize(
    ("search", "design", "service"),
    [("project_first", "5101", "5101"), ("category_first", "5103", "5104")],
)
def test_which_side_of_the_posting_setup_varies_slowest_is_set_up_per_project(
    company: Books, search: str, design: str, service: str
) -> None:
    """4.15: the sort priority of the project."""
    company.given(f"""
        finance.main_account
        company  account  name  kind
        USPM     5101     a     expense
        USPM     5103     c     expense
        USPM     5104     d     expense

        finance.project_accounting
        company  project_number  account_search
        USPM     P-4             {search}

        finance.posting_setup
        company  posting_type  project_number  category_number  category_group  account
        USPM     cost          P-4             -                -               5101
        USPM     cost          -               Design           -               5103
        USPM     cost          -               -                Hours           5104
    """)
    arrive(company, """
        actual_id  transaction_type  category_id
        1          cost              2
        2          cost              1
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)

    company.then(f"""
        finance.ledger_entry
        voucher   posting_type        account
        IJV-0001  cost                {design}
        IJV-0001  payroll_allocation  5200
        IJV-0002  cost                {service}
        IJV-0002  payroll_allocation  5200
    """)


# What may be named, from the most specific to the least, when the project varies slowest.
RULES = """
    P-4  -      Design  -      -    -    -          5101
    -    Large  Design  -      -    -    -          5102
    -    -      Design  -      K-3  C-2  STATEONLY  5103
    -    -      Design  -      K-3  C-2  -          5104
    -    -      Design  -      -    -    STATEONLY  5105
    -    -      Design  -      -    -    -          5106
    -    -      -       Hours  K-3  C-2  STATEONLY  5107
    -    -      -       Hours  -    -    STATEONLY  5108
    -    -      -       -      K-3  C-2  -          5109
    -    -      -       -      -    -    STATEONLY  5110
    -    -      -       -      K-3  C-1  STATEONLY  5198
    -    -      -       -      K-1  C-2  STATEONLY  5199
"""


def revenue_rules(company: Books, rules: Sequence[str]) -> None:
    """Give accounts of accrued and of invoiced revenue by rules of the table, which decide nothing else."""
    named = [rule.split() for rule in rules]
    accounts = "\n".join(f"USPM  {cells[7]}  rule  revenue" for cells in named)
    setup = "\n".join(
        f"USPM  {posting_type}  {'  '.join(cells)}"
        for cells in named
        for posting_type in ("accrued_revenue", "invoiced_revenue")
    )
    company.given(f"finance.main_account\ncompany  account  name  kind\n{accounts}")
    company.given(
        "finance.posting_setup\ncompany  posting_type  project_number  project_group  category_number"
        f"  category_group  contract_number  payer  tax_group  account\n{setup}"
    )


@pytest.mark.parametrize("first", range(10))
def test_the_account_is_of_project_then_category_then_funding_source_then_tax_group(
    company: Books, first: int
) -> None:
    """4.15: of the rules left in the table the first wins; those for another payer never do."""
    rules = RULES.strip().splitlines()
    change(company, "DELETE FROM finance.posting_setup WHERE category_number = 'Design'")
    company.given("""
        finance.project_accounting
        company  project_number  project_group
        USPM     P-4             Large
    """)
    revenue_rules(company, rules[first:])
    arrive(company, "actual_id  category_id  amount\n1  2  1000")
    run_import(company)

    run_journal(company, 1)
    bill(company, 7, {101: 1})
    run_import(company)
    run_proposals(company, 7)

    account = rules[first].split()[7]
    company.then(f"""
        finance.project_transaction
        actual_id  accrued_revenue_account
        1          {account}

        finance.invoice_line
        actual_id  revenue_account
        101        {account}
    """)


def test_two_payers_and_their_tax_groups_have_accounts_of_their_own(company: Books) -> None:
    """One journal and one invoice each; what no rule names goes where all else goes."""
    change(company, "UPDATE finance.contract SET currency = 'USD' WHERE contract_id = 1")
    revenue_rules(
        company,
        [
            "-  -  -  -  K-3  C-2  -  5111",
            "-  -  -  -  -  -  DOM  5112",
            "-  -  -  -  K-1  C-2  -  5113",
        ],
    )
    arrive(company, """
        actual_id  project_id  contract_id  contract_line_id  customer_id  category_id
        1          4           3            3                 2            1
        2          4           3            3                 1            1
        3          1           1            1                 2            1
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)

    # The tax group is that of the customer who pays: STATEONLY, DOM, STATEONLY.
    company.then("""
        finance.project_transaction
        actual_id  accrued_revenue_account
        1          5111
        2          5112
        3          5113
    """)


def test_the_account_against_an_expense_is_that_of_its_resource_project_or_category(
    company: Books,
) -> None:
    company.given("""
        finance.resource
        company  resource_id  name  source_version
        USPM     8            Bob   1
        USPM     9            Ann   1

        finance.main_account
        company  account  name      kind
        USPM     2201     Card Bob  liability
        USPM     2202     Project   liability
        USPM     2203     Travel    liability

        finance.project_category
        company  category_number  class    category_group  item_tax_group  is_active
        USPM     Design           expense  Costs           STATE           t

        finance.expense_offset
        company  resource_name  project_number  category_number  account
        USPM     Bob            -               -                2201
        USPM     -              P-2             -                2202
        USPM     -              -               Service          2203
    """)
    arrive(company, """
        actual_id  transaction_type  class    amount  project_id  category_id  resource_id
        1          cost              expense  1       2           1            8
        2          cost              expense  2       2           1            9
        3          cost              expense  3       4           1            -
        4          cost              expense  4       4           2            9
        5          cost              time     5       2           1            8
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)

    company.then("""
        finance.ledger_entry
        voucher   posting_type        account  transaction_amount
        IJV-0001  cost                5100     1
        IJV-0001  expense_offset      2201     -1
        IJV-0002  cost                5100     2
        IJV-0002  expense_offset      2202     -2
        IJV-0003  cost                5100     3
        IJV-0003  expense_offset      2203     -3
        IJV-0004  cost                5100     4
        IJV-0004  expense_offset      5300     -4
        IJV-0005  cost                5100     5
        IJV-0005  payroll_allocation  5200     -5
    """)


def test_an_expense_needs_no_offset_in_the_posting_setup_where_it_has_its_own(
    company: Books,
) -> None:
    change(company, "DELETE FROM finance.posting_setup WHERE posting_type = 'expense_offset'")
    company.given("finance.expense_offset\ncompany  account\nUSPM  5300")
    arrive(company, "actual_id  transaction_type  class\n1  cost  expense")
    run_import(company)

    assert run_journal(company, 1).posted_count == 1


def milestone(company: Books) -> None:
    arrive(
        company,
        """
        actual_id  transaction_type  class      amount  milestone_id  proforma_id  contract_line_id
        201        billed_sales      milestone  5000    9             9            100
        """,
        set_id=9,
        kind="confirmation",
    )
    announce(company, 9, (201,), day="2026-11-02")
    company.given("""
        finance.on_account_transaction
        company  milestone_id  contract_id  contract_line_id  customer_id  project_id  description  transaction_date  amount  currency  source_version
        USPM     9             3            100               2            4           Delivered    2026-08-27        5000    USD       1
    """)
    run_import(company)


def test_a_category_for_on_account_amounts_gives_account_and_tax(company: Books) -> None:
    """Feature 121."""
    change(company, "UPDATE finance.customer_accounting SET tax_group = 'DOM'")
    company.given("""
        finance.main_account
        company  account  name    kind
        USPM     4310     Stages  revenue

        finance.project_category
        company  category_number  class      category_group  item_tax_group
        USPM     Stage            milestone  Stages          FULL

        finance.category_default
        company  class      category_number
        USPM     milestone  Stage

        finance.posting_setup
        company  posting_type                 category_group  account
        USPM     invoiced_revenue_on_account  Stages          4310
    """)
    milestone(company)

    (invoice,) = run_proposals(company, 9)

    assert invoice.tax_amount == 625
    company.then("""
        finance.invoice_line
        actual_id  revenue_account
        201        4310

        finance.proposal_line
        actual_id  item_tax_group
        201        FULL
    """)


def sell(company: Books) -> None:
    arrive(company, "actual_id  amount\n1  1000")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    run_import(company)


@pytest.mark.parametrize(
    ("tax_on", "rate"), [("invoice_date", Decimal(12)), ("document_date", Decimal(10))]
)
def test_tax_has_the_rate_of_the_invoice_or_of_the_confirmed_proforma(
    company: Books, tax_on: str, rate: Decimal
) -> None:
    """4.7: the proforma is of 2 November, the invoice of the 20th, when the rate changes."""
    change(company, "UPDATE finance.parameter SET tax_on = %s::finance.tax_day", tax_on)
    sell(company)
    assert_tax(company, Decimal(100))

    with finance_of(company) as transaction:
        (invoice,) = post_proposals(
            transaction,
            company="USPM",
            proposal_ids=(7,),
            actor="ada",
            at=NOW,
            invoice_date=date(2026, 11, 20),
        )

    assert invoice.tax_amount == 10 * rate
    assert_tax(company, 10 * rate)


def assert_tax(company: Books, amount: Decimal) -> None:
    company.then(f"finance.proposal_line\ntax_amount\n{amount}")


@pytest.mark.parametrize(("valid_to", "refused"), [("2026-11-02", []), ("2026-11-01", ["ERR-F10"])])
def test_a_tax_rate_ends_with_its_last_day(
    company: Books, valid_to: str, refused: list[str]
) -> None:
    change(
        company,
        "UPDATE finance.tax_rate SET valid_to = %s::date WHERE valid_from = '2026-01-01'",
        valid_to,
    )
    arrive(company, "actual_id  amount\n1  1000")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})

    run = run_import(company)

    assert [one.code for one in run.refusals] == refused


def test_cash_on_delivery_is_due_on_the_invoice_date(company: Books) -> None:
    change(company, "UPDATE finance.payment_terms SET method = 'cash_on_delivery', days = 0")
    change(company, "UPDATE finance.customer SET payment_terms = 'D14'")
    sell(company)

    (invoice,) = run_proposals(company, 7)

    assert invoice.due_date == date(2026, 11, 2)


def test_a_cutoff_day_moves_the_due_date_by_a_month(company: Books) -> None:
    """P32.3, on the proposal and again where the invoice date changes."""
    change(
        company,
        "UPDATE finance.payment_terms SET method = 'current_month', days = 0, cutoff_day = 10",
    )
    change(company, "UPDATE finance.customer SET payment_terms = 'D14'")
    sell(company)
    company.then("finance.proposal\ndue_date\n2026-11-30")

    with finance_of(company) as transaction:
        (invoice,) = post_proposals(
            transaction,
            company="USPM",
            proposal_ids=(7,),
            actor="ada",
            at=NOW,
            invoice_date=date(2026, 11, 11),
        )

    assert invoice.due_date == date(2026, 12, 31)
