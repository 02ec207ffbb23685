"""Opening balances: what is dated up to the cut-off goes to the subledger and not to the ledger."""

from __future__ import annotations

from datetime import date

import pytest

from tests.finance.company import (
    SETUP,
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
from twofold.database.invariants import check_book
from twofold.finance.setup.state_cut_off import CutOff, state_cut_off
from twofold.kernel.errors import Refused

OCTOBER = date(2026, 10, 31)
ARRIVED = """
    actual_id  transaction_type  accounting_date  transaction_date  project_id  contract_id  contract_line_id
    1          cost              2026-10-31       2026-10-31        4           3            3
    2          unbilled_sales    2026-10-31       2026-10-31        4           3            3
    3          unbilled_sales    2026-11-01       2026-10-31        4           3            3
    4          unbilled_sales    2026-02-01       2026-02-01        4           3            100
    5          cost              2026-02-01       2026-02-01        4           -            -
"""  # noqa: E501 - a row of a text table stays on one line


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


def state(books: Books, cut_off_on: date = OCTOBER) -> CutOff:
    with finance_of(books) as transaction:
        return state_cut_off(
            transaction, company="USPM", cut_off_on=cut_off_on, actor="ada", at=NOW
        )


def broken(books: Books) -> set[str]:
    with books.auditor_finance.reader() as reader:
        names = {one.invariant for one in check_book(reader, "finance")}
    # Rows that tests let arrive have no change set of the invoices.
    return names - {"staged_actual_refers_to_what_exists"}


def test_what_is_dated_up_to_the_cut_off_is_collected_on_a_journal_of_its_own(
    company: Books,
) -> None:
    change(company, "UPDATE finance.parameter SET moves_accounting_date_to_open_period = true")
    state(company)
    arrive(company, ARRIVED)

    run = run_import(company)

    assert [one.line_count for one in run.journals] == [1, 4]
    company.then("""
        finance.journal
        journal_id  period_start  is_beginning_balance  description
        1           2026-10-01    f                     Import from staging
        2           -             t                     Opening balances

        finance.journal_line
        actual_id  journal_id  accounting_date
        1          2           2026-10-31
        2          2           2026-10-31
        3          1           2026-11-01
        4          2           2026-02-01
        5          2           2026-02-01
    """)


@pytest.mark.parametrize("unit", ["days", "months", "years", "all"])
def test_an_open_journal_of_opening_balances_is_continued(company: Books, unit: str) -> None:
    change(company, "UPDATE finance.parameter SET period_unit = %s", unit)
    state(company)
    arrive(company, "actual_id  accounting_date\n1  2026-02-01\n2  2026-11-02")
    run_import(company)
    arrive(company, "actual_id  accounting_date\n11  2026-03-01\n12  2026-11-02", set_id=2)

    again = run_import(company)

    assert [(one.journal_id, one.line_count) for one in again.journals] == [(1, 1), (2, 1)]


def test_they_are_posted_to_the_subledger_whatever_the_period(company: Books) -> None:
    state(company)
    arrive(company, ARRIVED)
    run_import(company)

    posted = run_journal(company, 2)

    assert (posted.posted_count, posted.refused_count, posted.entry_count) == (4, 0, 0)
    company.then("""
        finance.project_transaction
        actual_id  profile   accounting_amount  accrued_amount  wip_account  accrued_revenue_account
        1          TM_WIP    100                0               -            -
        2          TM_WIP    100                100             1300         4200
        4          FP_NoWIP  100                0               -            -
        5          TM_WIP    100                0               -            -

        finance.ledger_entry
        voucher
    """)
    assert not broken(company)


def test_a_sale_brought_over_is_invoiced_and_its_accrual_reversed(company: Books) -> None:
    state(company)
    arrive(company, "actual_id  accounting_date\n1  2026-10-31\n2  2026-11-01")
    run_import(company)
    run_journal(company, 1)
    run_journal(company, 2)
    bill(company, 7, {101: 1, 102: 2})
    run_import(company)
    run_proposals(company, 7)

    company.then("""
        finance.invoice_line
        actual_id  accrual_reversed_amount
        101        100
        102        100
    """)
    assert not broken(company) & {"wip_is_accrued_less_invoiced", "wip_is_what_is_not_invoiced"}


def test_bad_lines_of_opening_balances_stay_what_they_are(company: Books) -> None:
    state(company)
    arrive(company, """
        actual_id  accounting_date  project_id
        1          2026-02-01       4
        2          2026-02-01       3
    """)  # fmt: skip
    run_import(company)

    posted = run_journal(company, 1)

    assert (posted.posted_count, posted.refused_count) == (1, 1)
    company.then("""
        finance.journal
        journal_id  state   is_beginning_balance
        1           posted  t
        2           error   t
    """)


def test_the_day_is_locked_by_the_first_posting(company: Books) -> None:
    first = state(company, date(2026, 9, 30))
    second = state(company)
    arrive(company, "actual_id  accounting_date\n1  2026-10-31")
    run_import(company)
    with pytest.raises(Refused) as waiting:
        state(company, date(2026, 10, 30))
    run_journal(company, 1)
    with pytest.raises(Refused) as locked:
        state(company, date(2026, 10, 30))

    assert (first.before, second.before) == (None, date(2026, 9, 30))
    assert [(one.code, one.record) for one in waiting.value.refusals] == [
        ("ERR-I12", "journal/USPM-000041")
    ]
    assert locked.value.codes == ("ERR-I11",)
    assert state(company) == CutOff(OCTOBER, OCTOBER)


@pytest.mark.parametrize(("day", "code"), [("2026-11-02", "ERR-I11"), ("2026-11-01", None)])
def test_what_is_in_the_ledger_is_not_brought_over(
    company: Books, day: str, code: str | None
) -> None:
    arrive(company, "actual_id  accounting_date\n1  2026-11-02")
    run_import(company)
    run_journal(company, 1)

    if code is None:
        assert state(company, date.fromisoformat(day)).before is None
        return
    with pytest.raises(Refused) as refused:
        state(company, date.fromisoformat(day))
    assert refused.value.codes == (code,)


def test_a_line_already_on_a_journal_is_deleted_first(company: Books) -> None:
    arrive(company, "actual_id  accounting_date\n1  2026-10-31\n2  2026-11-01")
    run_import(company)

    with pytest.raises(Refused) as refused:
        state(company)

    assert refused.value.codes == ("ERR-I12",)
    assert state(company, date(2026, 10, 30)).before is None


def brought(books: Books) -> None:
    """Post work of October as opening balance."""
    state(books)
    arrive(books, "actual_id  accounting_date\n1  2026-10-31\n2  2026-10-31\n3  2026-11-01")
    run_import(books)
    run_journal(books, 1)
    run_journal(books, 2)


def test_what_was_invoiced_up_to_the_cut_off_is_fully_invoiced(company: Books) -> None:
    brought(company)
    bill(company, 7, {101: 1}, day="2026-10-31")
    bill(company, 8, {102: 2}, day="2026-11-01")

    run = run_import(company)

    assert (run.brought_over_proposal_count, run.ready_proposal_ids) == (1, (8,))
    assert run.waiting_proposal_count == 0
    company.then("""
        finance.proposal
        number  state         line_count
        PF-7    brought_over  0
        PF-8    ready         1

        finance.brought_over_sale
        actual_id  transaction_id
        101        1

        finance.transaction_status
        actual_id  state
        1          invoiced
        2          invoice_proposal
        3          posted
    """)
    assert not broken(company)
    with pytest.raises(Refused) as refused:
        run_proposals(company, 7)
    assert refused.value.codes


def test_it_waits_until_the_work_is_posted(company: Books) -> None:
    state(company)
    arrive(company, "actual_id  accounting_date\n1  2026-10-31")
    bill(company, 7, {101: 1}, day="2026-10-31")

    early = run_import(company)
    run_journal(company, 1)
    late = run_import(company)

    assert {one.code for one in early.refusals} == {"ERR-I01"}
    assert late.brought_over_proposal_count == 1


def test_what_is_in_the_ledger_or_no_work_is_not_brought_over(company: Books) -> None:
    brought(company)
    bill(company, 7, {101: 3}, day="2026-10-31")
    bill(company, 8, {102: 2}, day="2026-10-31")
    change(company, "UPDATE finance.staged_actual SET class = 'retainer' WHERE actual_id = 102")

    run = run_import(company)

    assert [(one.code, one.record) for one in run.refusals] == [
        ("ERR-I13", "proposal/PF-7"),
        ("ERR-I13", "proposal/PF-8"),
    ]
    assert (run.brought_over_proposal_count, run.waiting_proposal_count) == (0, 2)
