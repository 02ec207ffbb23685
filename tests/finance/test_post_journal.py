"""Posting a journal: good lines to the ledger, bad ones to a journal of their own."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import pytest

from tests.finance.company import SETUP, arrive, change, finance_of, run_import, run_journal
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.journal.post import post_journal
from twofold.finance.journal.update_to_draft import update_to_draft
from twofold.kernel.errors import Refused


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


def test_hours_are_cost_and_accrue_revenue(company: Books) -> None:
    arrive(company, """
        actual_id  transaction_type  amount
        1          cost              50
        2          unbilled_sales    75
    """)  # fmt: skip
    run_import(company)

    posted = run_journal(company, 1)

    assert (posted.state, posted.posted_count, posted.entry_count) == ("posted", 2, 4)
    company.then("""
        finance.ledger_entry
        voucher   entry_number  accounting_date  posting_type        account  project_id  currency  transaction_amount  accounting_amount  reporting_amount
        IJV-0001  1             2026-08-27       cost                5100     4           USD       50                  50                 50
        IJV-0001  2             2026-08-27       payroll_allocation  5200     4           USD       -50                 -50                -50
        IJV-0002  1             2026-08-27       wip_sales_value     1300     4           USD       75                  75                 75
        IJV-0002  2             2026-08-27       accrued_revenue     4200     4           USD       -75                 -75                -75

        finance.project_transaction
        actual_id  voucher   profile  accounting_amount  accrued_amount  wip_account  accrued_revenue_account
        1          IJV-0001  TM_WIP   50                 0               -            -
        2          IJV-0002  TM_WIP   75                 75              1300         4200

        finance.journal_line
        actual_id

        finance.journal
        number       state   posted_by
        USPM-000041  posted  ada
    """)


@pytest.mark.parametrize(
    ("hours", "debit"),
    [
        ("no_ledger", None),
        ("never_ledger", None),
        ("balance", ("wip_cost_value", "1310")),
        ("profit_and_loss", ("cost", "5100")),
    ],
)
def test_hour_costs_follow_the_profile(
    company: Books, hours: str, debit: tuple[str, str] | None
) -> None:
    change(
        company,
        "UPDATE finance.revenue_profile SET accrues_hours = false, hour_costs = %s WHERE profile = 'TM_WIP'",
        hours,
    )
    arrive(company, "actual_id  transaction_type  amount\n1  cost  480\n2  unbilled_sales  900")
    run_import(company)

    run_journal(company, 1)

    entries = "" if debit is None else (
        f"\nIJV-0001  {debit[0]}  {debit[1]}  480\nIJV-0001  payroll_allocation  5200  -480"
    )  # fmt: skip
    company.then(
        f"finance.ledger_entry\nvoucher  posting_type  account  accounting_amount{entries}"
    )


def test_each_class_has_its_accounts(company: Books) -> None:
    arrive(company, """
        actual_id  transaction_type  class     category_id  billing_type    amount
        1          cost              expense   1            chargeable      10
        2          cost              material  5            chargeable      20
        3          unbilled_sales    fee       1            chargeable      30
        4          unbilled_sales    time      1            non_chargeable  40
        5          unbilled_sales    time      1            chargeable      0
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)

    company.then("""
        finance.ledger_entry
        voucher   account  accounting_amount
        IJV-0001  5100     10
        IJV-0001  5300     -10
        IJV-0002  5100     20
        IJV-0002  5400     -20
        IJV-0003  1300     30
        IJV-0003  4200     -30

        finance.project_transaction
        actual_id  accounting_amount  accrued_amount
        1          10                 0
        2          20                 0
        3          30                 30
        4          40                 0
        5          0                  0
    """)


def test_the_most_specific_profile_applies(company: Books) -> None:
    company.given("""
        finance.project_accounting
        company  project_number  project_group
        USPM     P-1             Small
        USPM     P-2             Small

        finance.profile_rule
        company  billing_method     project_number  project_group  contract_number  profile
        USPM     time_and_material  P-1             -              -                TM_WIP
        USPM     time_and_material  -               Small          -                TM_NoWIP
        USPM     time_and_material  -               -              K-2              TM_WIP
        USPM     time_and_material  -               -              K-3              TM_NoWIP
    """)
    arrive(company, """
        actual_id  project_id  contract_id  contract_line_id
        1          1           3            3
        2          2           2            2
        3          4           3            3
        4          4           2            2
        5          4           3            100
        6          4           -            -
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)

    company.then("""
        finance.project_transaction
        actual_id  profile
        1          TM_WIP
        2          TM_NoWIP
        3          TM_NoWIP
        4          TM_WIP
        5          FP_NoWIP
        6          TM_WIP
    """)


def test_the_most_specific_account_applies_and_the_project_varies_slowest(company: Books) -> None:
    company.given("""
        finance.main_account
        company  account  name  kind
        USPM     5101     a     expense
        USPM     5102     b     expense
        USPM     5103     c     expense
        USPM     5104     d     expense

        finance.project_accounting
        company  project_number  project_group
        USPM     P-2             Small

        finance.posting_setup
        company  posting_type  project_number  project_group  category_number  category_group  account
        USPM     cost          P-1             -              -                -               5101
        USPM     cost          -               Small          -                Hours           5102
        USPM     cost          -               -              Design           -               5103
        USPM     cost          -               -              -                Hours           5104
    """)
    arrive(company, """
        actual_id  transaction_type  project_id  category_id  class
        1          cost              1           2            time
        2          cost              2           2            time
        3          cost              4           2            time
        4          cost              4           1            time
        5          cost              4           1            expense
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)

    company.then("""
        finance.ledger_entry
        voucher   posting_type        account
        IJV-0001  cost                5101
        IJV-0001  payroll_allocation  5200
        IJV-0002  cost                5102
        IJV-0002  payroll_allocation  5200
        IJV-0003  cost                5103
        IJV-0003  payroll_allocation  5200
        IJV-0004  cost                5104
        IJV-0004  payroll_allocation  5200
        IJV-0005  cost                5100
        IJV-0005  expense_offset      5300
    """)


def test_bad_lines_move_to_a_journal_in_error(company: Books) -> None:
    arrive(company, """
        actual_id  transaction_type  class  category_id  project_id  accounting_date  contract_line_id
        1          cost              time   1            4           2026-08-27       3
        2          cost              time   1            4           2026-09-01       3
        3          cost              time   1            3           2026-08-27       3
        4          cost              time   2            4           2026-08-27       3
        5          unbilled_sales    time   1            4           2026-08-31       3
        6          cost              time   1            4           2026-10-01       3
    """)  # fmt: skip
    run_import(company)
    change(company, "DELETE FROM finance.posting_setup WHERE posting_type = 'payroll_allocation'")
    company.given("""
        finance.posting_setup
        company  posting_type        category_number  account
        USPM     payroll_allocation  Service          5200
    """)

    posted = run_journal(company, 1)

    assert (posted.state, posted.posted_count, posted.refused_count) == ("posted", 2, 4)
    assert [(one.code, one.record, one.value) for one in posted.refusals] == [
        ("ERR-J07", "journal/USPM-000041", "USPM-000042"),
        ("ERR-J01", "journal/USPM-000042 actual/2", "2026-09-01"),
        ("ERR-J06", "journal/USPM-000042 actual/3", "P-3"),
        (
            "ERR-J03",
            "journal/USPM-000042 actual/4",
            "payroll_allocation project P-4 category Design",
        ),
        ("ERR-J01", "journal/USPM-000042 actual/6", "2026-10-01"),
    ]
    company.then("""
        finance.journal
        journal_id  number       state   original_journal_id  period_start
        1           USPM-000041  posted  -                    2026-08-01
        2           USPM-000042  error   1                    2026-08-01

        finance.journal_line
        actual_id  journal_id  voucher   state  code     field
        2          2           IJV-0002  error  ERR-J01  accounting_date
        3          2           IJV-0003  error  ERR-J06  project
        4          2           IJV-0004  error  ERR-J03  account
        6          2           IJV-0006  error  ERR-J01  accounting_date

        finance.project_transaction
        actual_id  journal_id
        1          1
        5          1
    """)


def test_a_journal_in_error_posts_again_after_update_to_draft(company: Books) -> None:
    arrive(company, "actual_id  accounting_date\n1  2026-08-27\n2  2026-09-01")
    run_import(company)
    run_journal(company, 1)
    with pytest.raises(Refused) as refused:
        run_journal(company, 2)
    change(company, "UPDATE finance.fiscal_period SET state = 'open'")

    with finance_of(company) as transaction:
        reopened = update_to_draft(transaction, company="USPM", journal_id=2, actor="ada", at=NOW)
    posted = run_journal(company, 2)

    assert refused.value.codes == ("ERR-J09",)
    assert (reopened.number, reopened.line_count) == ("USPM-000042", 1)
    assert (posted.posted_count, posted.refusals) == (1, ())
    company.then("finance.journal_line\nactual_id")


def test_a_journal_without_a_good_line_is_in_error_itself(company: Books) -> None:
    arrive(company, "actual_id  accounting_date\n1  2026-09-01\n2  2026-12-01")
    run_import(company)

    posted = run_journal(company, 1)

    assert (posted.state, posted.posted_count, posted.error_journal_number) == ("error", 0, None)
    company.then("""
        finance.journal
        journal_id  state
        1           error

        finance.journal_line
        actual_id  journal_id  state  code
        1          1           error  ERR-J01
        2          1           error  ERR-J01
    """)


def test_lines_without_a_profile_are_refused(company: Books) -> None:
    change(company, "DELETE FROM finance.profile_rule WHERE billing_method = 'time_and_material'")
    arrive(company, "actual_id\n1")
    run_import(company)

    posted = run_journal(company, 1)

    assert [(one.code, one.value) for one in posted.refusals] == [("ERR-I08", "P-4")]


def test_a_voucher_shared_with_bad_lines_is_posted_once(company: Books) -> None:
    change(company, "UPDATE finance.parameter SET voucher_per = 'journal'")
    arrive(company, """
        actual_id  transaction_type  amount  accounting_date
        1          cost              10      2026-08-27
        2          cost              20      2026-08-28
        3          cost              40      2026-09-01
        4          unbilled_sales    80      2026-08-28
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)
    change(company, "UPDATE finance.fiscal_period SET state = 'open'")
    with finance_of(company) as transaction:
        update_to_draft(transaction, company="USPM", journal_id=2, actor="ada", at=NOW)
    run_journal(company, 2)

    company.then("""
        finance.ledger_entry
        voucher   entry_number  accounting_date  account  accounting_amount
        IJV-0001  1             2026-08-27       5100     10
        IJV-0001  2             2026-08-28       5100     20
        IJV-0001  3             2026-08-27       5200     -10
        IJV-0001  4             2026-08-28       5200     -20
        IJV-0001  5             2026-08-28       1300     80
        IJV-0001  6             2026-08-28       4200     -80
        IJV-0002  1             2026-09-01       5100     40
        IJV-0002  2             2026-09-01       5200     -40
    """)


def test_vouchers_of_one_line_and_of_several_are_posted_together(company: Books) -> None:
    change(company, "UPDATE finance.parameter SET voucher_per = 'journal_and_date'")
    arrive(company, """
        actual_id  transaction_type  amount  accounting_date
        1          unbilled_sales    80      2026-08-27
        2          cost              10      2026-08-28
        3          cost              -10     2026-08-28
        4          unbilled_sales    20      2026-08-28
        5          unbilled_sales    40      2026-08-28
        6          cost              30      2026-08-29
        7          cost              5       2026-08-29
    """)  # fmt: skip
    run_import(company)

    posted = run_journal(company, 1)

    assert posted.entry_count == 6
    company.then("""
        finance.ledger_entry
        voucher   entry_number  posting_type        account  accounting_amount
        IJV-0001  1             wip_sales_value     1300     80
        IJV-0001  2             accrued_revenue     4200     -80
        IJV-0002  1             wip_sales_value     1300     60
        IJV-0002  2             accrued_revenue     4200     -60
        IJV-0003  1             cost                5100     35
        IJV-0003  2             payroll_allocation  5200     -35
    """)


def test_debit_and_credit_of_a_line_differ_in_type(company: Books) -> None:
    """What numbers the entries of a line without summing them."""
    with company.auditor_finance.raw() as connection:
        (same,) = connection.execute(
            "SELECT count(*) FROM finance.profile_posting WHERE debit_type = credit_type"
        ).fetchall()
    assert same == (0,)


def test_a_reversal_mirrors_its_original_on_its_accounts(company: Books) -> None:
    arrive(company, """
        actual_id  transaction_type  amount  currency  contract_id  contract_line_id  project_id
        1          cost              480     USD       2            2                 2
        2          unbilled_sales    1000    GBP       2            2                 2
    """)  # fmt: skip
    run_import(company)
    run_journal(company, 1)
    change(company, "UPDATE finance.exchange_rate SET rate = 200")
    change(company, "UPDATE finance.profile_rule SET profile = 'TM_NoWIP' WHERE profile = 'TM_WIP'")
    change(
        company,
        "UPDATE finance.posting_setup SET account = '1320' WHERE posting_type = 'wip_sales_value'",
    )
    arrive(
        company,
        """
        actual_id  transaction_type  amount  currency  contract_id  contract_line_id  project_id
        11         cost              -480    USD       2            2                 2
        12         unbilled_sales    -1000   GBP       2            2                 2
        """,
        set_id=2,
        kind="cancellation",
    )
    company.given("""
        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     11               reversing          1                original
        USPM     12               reversing          2                original
    """)
    run_import(company)

    run_journal(company, 2)

    company.then("""
        finance.ledger_entry
        voucher   account  transaction_amount  accounting_amount
        IJV-0001  5100     480                 480
        IJV-0001  5200     -480                -480
        IJV-0002  1300     1000                1310
        IJV-0002  4200     -1000               -1310
        IJV-0003  5100     -480                -480
        IJV-0003  5200     480                 480
        IJV-0004  1300     -1000               -1310
        IJV-0004  4200     1000                1310

        finance.project_transaction
        actual_id  profile  accounting_amount  accrued_amount
        1          TM_WIP   480                0
        2          TM_WIP   1310               1310
        11         TM_WIP   -480               0
        12         TM_WIP   -1310              -1310
    """)


def test_a_reversal_of_what_was_not_accrued_accrues_nothing(company: Books) -> None:
    change(company, "UPDATE finance.profile_rule SET profile = 'TM_NoWIP' WHERE profile = 'TM_WIP'")
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    change(
        company,
        "UPDATE finance.revenue_profile SET accrues_hours = true WHERE profile = 'TM_NoWIP'",
    )
    arrive(company, "actual_id  amount\n11  -100", set_id=2, kind="cancellation")
    company.given("""
        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     11               reversing          1                original
    """)
    run_import(company)

    run_journal(company, 2)

    company.then("finance.ledger_entry\nvoucher")


def test_the_reporting_currency_balances_on_its_own(company: Books) -> None:
    change(company, "UPDATE finance.legal_entity SET reporting_currency = 'GBP'")
    arrive(company, "actual_id  amount\n1  0.01\n2  100\n3  1  ")
    run_import(company)

    run_journal(company, 1)

    company.then("""
        finance.ledger_entry
        voucher   account  accounting_amount  reporting_amount
        IJV-0001  1300     0.01               0.01
        IJV-0001  4200     -0.01              -0.01
        IJV-0002  1300     100                76.34
        IJV-0002  4200     -100               -76.34
        IJV-0003  1300     1                  0.76
        IJV-0003  4200     -1                 -0.76

        finance.project_transaction
        actual_id  accrued_amount  accrued_reporting_amount
        1          0.01            0.01
        2          100             76.34
        3          1               0.76
    """)


def test_a_missing_reporting_rate_is_a_reason(company: Books) -> None:
    change(company, "UPDATE finance.legal_entity SET reporting_currency = 'EUR'")
    arrive(company, "actual_id\n1")
    run_import(company)

    posted = run_journal(company, 1)

    assert [(one.code, one.value) for one in posted.refusals] == [("ERR-I04", "EUR 2026-08-27")]


@pytest.mark.parametrize("state", ["posted", "unknown"])
def test_only_a_draft_is_posted_or_updated(company: Books, state: str) -> None:
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    journal_id = {"posted": 1, "unknown": 99}[state]

    with pytest.raises(Refused) as posting:
        run_journal(company, journal_id)
    with finance_of(company) as transaction, pytest.raises(Refused) as updating:
        update_to_draft(transaction, company="USPM", journal_id=journal_id, actor="ada", at=NOW)

    assert posting.value.refusals[0].value == state
    assert updating.value.codes == posting.value.codes == ("ERR-J09",)


def test_the_change_set_covers_what_was_posted(company: Books) -> None:
    arrive(company, "actual_id  accounting_date\n1  2026-09-01\n2  2026-08-27\n5  2026-08-27")
    run_import(company)

    with finance_of(company) as transaction:
        post_journal(transaction, company="USPM", journal_id=1, actor="ada", at=NOW)

        (change_set,) = transaction.sets
        assert (change_set.kind, change_set.stream) == ("journal_posting", "journal/USPM-000041")
        assert (change_set.key_first, change_set.key_last) == (2, 5)
