"""Posting proposals: numbers, vouchers, both subledgers, tax and the ledger, or every reason not to."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from datetime import date
from decimal import Decimal
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.finance.company import (
    SETUP,
    announce,
    arrive,
    bill,
    change,
    clear,
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from twofold.finance.journal.post import post_journal
from twofold.finance.posting.post import post_proposals
from twofold.finance.staging.import_from_staging import import_from_staging
from twofold.kernel.errors import Refused


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


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


def sell(company: Books) -> None:
    """Two hours in GBP at the agreed rate of 125, accrued; on proposal 7."""
    arrive(company, """
        actual_id  amount  currency  project_id  contract_id  contract_line_id  customer_id  category_id
        1          1000    GBP       1           1            1                 1            1
        2          0.20    GBP       1           1            1                 1            2
    """)  # fmt: skip
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1, 102: 2})
    run_import(company)


def test_an_invoice_posts_revenue_tax_and_the_reversal_of_what_was_accrued(company: Books) -> None:
    sell(company)

    (invoice,) = run_proposals(company, 7)

    assert (invoice.proposal_number, invoice.invoice_number) == ("PF-7", "INV-9998")
    assert (invoice.total_amount, invoice.due_date) == (Decimal("1125.23"), date(2026, 11, 16))
    company.then("""
        finance.ledger_entry
        voucher   entry_number  account  posting_type       project_id  currency  transaction_amount  accounting_amount  reporting_amount
        IJV-0001  1             1300     wip_sales_value    1           GBP       1000                1250               1250
        IJV-0001  2             4200     accrued_revenue    1           GBP       -1000               -1250              -1250
        IJV-0002  1             1300     wip_sales_value    1           GBP       0.20                0.25               0.25
        IJV-0002  2             4200     accrued_revenue    1           GBP       -0.20               -0.25              -0.25
        CIV-0001  1             1100     customer_balance   -           GBP       1125.23             1406.54            1406.54
        CIV-0001  2             4100     invoiced_revenue   1           GBP       -1000               -1250              -1250
        CIV-0001  3             4110     invoiced_revenue   1           GBP       -0.20               -0.25              -0.25
        CIV-0001  4             1300     wip_sales_value    1           GBP       -1000.20            -1250.25           -1250.25
        CIV-0001  5             4200     accrued_revenue    1           GBP       1000.20             1250.25            1250.25
        CIV-0001  6             2200     sales_tax_payable  -           GBP       -125.03             -156.29            -156.29

        finance.invoice_line
        actual_id  voucher   accounting_date  exchange_rate  accounting_amount  sales_tax_amount  accrual_reversed_amount
        101        CIV-0001  2026-11-02       125            1250               156.25            1250
        102        CIV-0001  2026-11-02       125            0.25               0.04              0.25

        finance.tax_transaction
        voucher   tax_code  rate  base_amount  tax_amount  accounting_base_amount  accounting_tax_amount
        CIV-0001  STATE     10    1000.20      100.02      1250.25                 125.03
        CIV-0001  CITY      2.5   1000.20      25.01       1250.25                 31.26

        finance.customer_transaction
        voucher   customer_id  transaction_date  due_date    invoice_number  posting_profile  currency  exchange_rate  amount   accounting_amount
        CIV-0001  1            2026-11-02        2026-11-16  INV-9998        GEN              GBP       125            1125.23  1406.54

        finance.proposal
        number  state
        PF-7    posted

        finance.transaction_status
        actual_id  state
        1          invoiced
        2          invoiced
    """)


def test_an_accrual_leaves_with_its_own_rate_whatever_the_rate_of_the_invoice(
    company: Books,
) -> None:
    arrive(company, """
        actual_id  amount  currency  project_id  contract_id  contract_line_id  customer_id
        1          100     GBP       2           2            2                 1
    """)  # fmt: skip
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    change(company, "UPDATE finance.customer_accounting SET tax_group = NULL")
    change(company, "UPDATE finance.project_transaction SET tax_group = NULL")
    run_import(company)

    # The header is of contract 1, whose agreement is 125; accrued were 131.
    run_proposals(company, 7)

    company.then("""
        finance.ledger_entry
        voucher   account  accounting_amount
        IJV-0001  1300     131
        IJV-0001  4200     -131
        CIV-0001  1100     125
        CIV-0001  4100     -125
        CIV-0001  1300     -131
        CIV-0001  4200     131
    """)


@pytest.mark.parametrize(
    ("group", "account", "posting_type"),
    [(None, "4300", "invoiced_revenue_on_account"), ("Large", "2300", "wip_invoiced_on_account")],
)
def test_a_milestone_follows_its_profile(
    company: Books, group: str | None, account: str, posting_type: str
) -> None:
    change(
        company, "INSERT INTO finance.project_accounting VALUES ('USPM', 'P-4', NULL, %s)", group
    )
    milestone(company)

    (invoice,) = run_proposals(company, 9)

    assert invoice.due_date == TODAY
    company.then(f"""
        finance.ledger_entry
        account    posting_type        accounting_amount
        1100       customer_balance    5500
        {account}  {posting_type}      -5000
        2200       sales_tax_payable   -500
    """)


def test_numbers_follow_the_order_of_the_proposals_and_have_no_gap(company: Books) -> None:
    sell(company)
    milestone(company)
    bill(company, 8, {111: 1}, day="2026-09-01")
    run_import(company)

    with pytest.raises(Refused):
        run_proposals(company, 9, 8, 7)
    invoices = run_proposals(company, 9, 7)

    assert [(one.proposal_id, one.invoice_number, one.voucher) for one in invoices] == [
        (7, "INV-9998", "CIV-0001"),
        (9, "INV-9999", "CIV-0002"),
    ]
    change(company, "UPDATE finance.fiscal_period SET state = 'open'")
    assert run_proposals(company, 8)[0].invoice_number == "INV-10000"


def test_every_reason_is_told_at_once_and_nothing_is_posted(company: Books) -> None:
    sell(company)
    milestone(company)
    run_proposals(company, 9)
    bill(company, 8, {111: 1}, day="2026-09-01")
    run_import(company)
    announce(company, 6, (999,), day="2026-11-02")
    change(
        company,
        "DELETE FROM finance.posting_setup WHERE posting_type = 'invoiced_revenue' AND category_number IS NULL",
    )
    change(company, "UPDATE finance.project SET state = 'completed' WHERE project_id = 1")
    change(company, "DELETE FROM finance.tax_rate WHERE tax_code = 'CITY'")

    with pytest.raises(Refused) as refused:
        run_proposals(company, 5, 6, 7, 8, 9)

    assert [(one.code, one.record, one.value) for one in refused.value.refusals] == [
        ("ERR-F09", "proposal/5", ""),
        ("ERR-F02", "proposal/PF-6", "header_only"),
        ("ERR-F05", "proposal/PF-9", "posted"),
        ("ERR-F10", "proposal/PF-7", "CITY 2026-11-02"),
        ("ERR-J03", "proposal/PF-7", "invoiced_revenue project P-1 category Service"),
        ("ERR-J06", "proposal/PF-7", "project P-1"),
        ("ERR-F08", "proposal/PF-8", "2026-09-01"),
        ("ERR-F10", "proposal/PF-8", "CITY 2026-09-01"),
        ("ERR-J03", "proposal/PF-8", "invoiced_revenue project P-1 category Service"),
        ("ERR-J06", "proposal/PF-8", "project P-1"),
    ]
    company.then("finance.customer_invoice\nproposal_id\n9")


def test_missing_rates_profiles_and_receivables_are_reasons(company: Books) -> None:
    milestone(company)
    change(company, "DELETE FROM finance.profile_rule")
    change(company, "DELETE FROM finance.parameter")
    change(company, "UPDATE finance.legal_entity SET reporting_currency = 'EUR'")

    with pytest.raises(Refused) as refused:
        run_proposals(company, 9)

    assert [(one.code, one.value) for one in refused.value.refusals] == [
        ("ERR-F07", ""),
        ("ERR-I04", "EUR 2026-11-02"),
        ("ERR-I08", "project P-4"),
    ]


def test_posting_twice_is_refused(company: Books) -> None:
    sell(company)
    run_proposals(company, 7)

    with pytest.raises(Refused) as refused:
        run_proposals(company, 7)

    assert refused.value.codes == ("ERR-F05",)


def test_of_two_posters_the_second_is_told_that_it_is_posted(company: Books) -> None:
    sell(company)
    told: list[tuple[str, ...]] = []

    def post_second() -> None:
        try:
            run_proposals(company, 7)
        except Refused as refused:
            told.append(refused.codes)

    second = Thread(target=post_second)
    with finance_of(company) as transaction:
        post_proposals(
            transaction,
            company="USPM",
            proposal_ids=(7,),
            actor="ada",
            at=NOW,
            invoice_date=None,
        )
        second.start()
        # Long enough to reach the lock; it is held until this transaction closes.
        second.join(timeout=0.5)
        assert second.is_alive()
    second.join(timeout=20)

    assert told == [("ERR-F05",)]
    company.then("finance.customer_invoice\nproposal_id  invoice_number\n7  INV-9998")


@pytest.mark.parametrize(
    ("invoice_date", "due", "tax"),
    [
        ("2026-11-02", date(2027, 1, 15), Decimal(125) + Decimal("0.03")),
        ("2026-11-19", date(2026, 12, 3), Decimal(125) + Decimal("0.03")),
        ("2026-11-20", date(2026, 12, 4), Decimal(145) + Decimal("0.03")),
    ],
)
def test_another_invoice_date_changes_due_date_and_tax(
    company: Books, invoice_date: str, due: date, tax: Decimal
) -> None:
    sell(company)
    change(
        company, "UPDATE finance.proposal SET due_date = '2027-01-15', due_date_is_manual = true"
    )

    with finance_of(company) as transaction:
        (invoice,) = post_proposals(
            transaction,
            company="USPM",
            proposal_ids=(7,),
            actor="ada",
            at=NOW,
            invoice_date=date.fromisoformat(invoice_date),
        )

    assert (invoice.due_date, invoice.tax_amount) == (due, tax)
    company.then(f"""
        finance.proposal
        invoice_date    due_date  tax_amount
        {invoice_date}  {due}     {tax}
    """)


def test_each_invoice_is_a_change_set_of_its_own(company: Books) -> None:
    sell(company)
    milestone(company)

    with finance_of(company) as transaction:
        post_proposals(
            transaction,
            company="USPM",
            proposal_ids=(7, 9),
            actor="ada",
            at=NOW,
            invoice_date=None,
        )

        assert [
            (one.kind, one.stream, one.key_first, one.key_last) for one in transaction.sets
        ] == [
            ("invoice_posting", "invoice/PF-7", 101, 102),
            ("invoice_posting", "invoice/PF-9", 201, 201),
        ]


cents = st.integers(-900_000, 900_000).map(lambda number: Decimal(number) / 100)
sales = st.lists(
    st.tuples(
        cents,
        st.sampled_from([("1", "1", "1", "GBP"), ("2", "2", "1", "GBP"), ("4", "3", "2", "USD")]),
        st.sampled_from(["time", "expense", "fee"]),
    ),
    min_size=1,
    max_size=8,
)


@given(lines=sales, voucher_per=st.sampled_from(["line", "journal_and_date", "journal"]))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_vouchers_balance_and_no_accrual_is_left(
    company: Books, lines: list[tuple[Decimal, tuple[str, str, str, str], str]], voucher_per: str
) -> None:
    change(company, "UPDATE finance.parameter SET voucher_per = %s", voucher_per)
    change(company, "UPDATE finance.legal_entity SET reporting_currency = 'GBP'")
    clear(
        company,
        (
            "history.deed", "finance.staged_actual", "finance.staged_connection", "dualwrite.inbox",
            "dualwrite.chain", "finance.import_progress", "finance.message",
            "finance.imported_set", "finance.journal", "finance.journal_line", "finance.journal_total",
            "finance.project_transaction", "finance.ledger_entry", "finance.proposal",
            "finance.proposal_line", "finance.customer_invoice", "finance.invoice_line",
            "finance.invoiced_tax", "finance.customer_transaction", "finance.tax_transaction",
        ),
    )  # fmt: skip
    rows = "\n".join(
        f"{key}  {amount}  {project}  {contract}  {contract}  {customer}  {currency}  {kind}"
        for key, (amount, (project, contract, customer, currency), kind) in enumerate(
            lines, start=1
        )
    )
    arrive(
        company,
        f"actual_id  amount  project_id  contract_id  contract_line_id  customer_id  currency  class\n{rows}",
    )

    with finance_of(company) as transaction:
        run = import_from_staging(transaction, company="USPM", actor="ada", at=NOW, on=TODAY)
        for journal in run.journals:
            post_journal(
                transaction, company="USPM", journal_id=journal.journal_id, actor="ada", at=NOW
            )
    bill(company, 7, {100 + key: key for key in range(1, len(lines) + 1)})
    run_import(company)
    (invoice,) = run_proposals(company, 7)

    assert invoice.net_amount == sum(amount for amount, _, _ in lines)
    with company.finance.raw() as connection:
        unbalanced = connection.execute(
            """
            SELECT voucher FROM finance.ledger_entry GROUP BY voucher
            HAVING sum(accounting_amount) <> 0 OR sum(reporting_amount) <> 0 OR sum(transaction_amount) <> 0
            """
        ).fetchall()
        left = connection.execute(
            """
            SELECT project_id FROM finance.ledger_entry
            WHERE posting_type IN ('wip_sales_value', 'accrued_revenue')
            GROUP BY project_id, posting_type, account
            HAVING sum(accounting_amount) <> 0 OR sum(reporting_amount) <> 0
            """
        ).fetchall()
        taxes = connection.execute(
            """
            SELECT
                (SELECT coalesce(sum(sales_tax_amount), 0) FROM finance.invoice_line)
                + (SELECT coalesce(sum(accounting_amount), 0) FROM finance.ledger_entry WHERE posting_type = 'sales_tax_payable')
            """
        ).fetchone()
    assert (unbalanced, left, taxes) == ([], [], (Decimal(0),))
