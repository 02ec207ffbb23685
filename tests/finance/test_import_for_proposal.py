"""The import for one proposal takes the sales it needs, and leaves everything else as it was."""

from __future__ import annotations

import pytest

from tests.finance.company import (
    SETUP,
    arrive,
    bill,
    change,
    credit,
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from twofold.database.invariants import check_book
from twofold.finance.staging.import_from_staging import ImportRun, import_from_staging
from twofold.finance.staging.waiting_rows import BEFORE_ALL, waiting_rows
from twofold.kernel.errors import Refused


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


def import_proposal(books: Books, number: str) -> ImportRun:
    with finance_of(books) as transaction:
        return import_from_staging(
            transaction, company="USPM", actor="ada", at=NOW, on=TODAY, proposal_number=number
        )


def in_one_place(books: Books) -> bool:
    with books.auditor_finance.reader() as reader:
        names = {one.invariant for one in check_book(reader, "finance")}
    return "imported_actual_is_in_one_place" not in names


def arrived(books: Books) -> list[int]:
    """Give the costs and sales that no import has taken."""
    with books.auditor_finance.reader() as reader:
        found = waiting_rows(reader, company="USPM", place="arrived", after=BEFORE_ALL, limit=50)
    return [one.actual_id for one in found if one.transaction_type != "billed_sales"]


def test_only_what_the_proposal_bills_is_taken(company: Books) -> None:
    arrive(company, """
        actual_id  transaction_type
        1          cost
        2          unbilled_sales
        3          unbilled_sales
        4          unbilled_sales
    """)  # fmt: skip
    bill(company, 7, {101: 2, 102: 3})
    bill(company, 8, {111: 4})

    run = import_proposal(company, "PF-7")

    assert (run.taken_count, run.line_count, run.waiting_proposal_count) == (2, 2, 1)
    assert {one.record for one in run.refusals} == {"proposal/PF-7"}
    company.then("""
        finance.journal_line
        actual_id
        2
        3

        finance.proposal_problem
        proposal_id  actual_id  code
        7            101        ERR-I01
        7            102        ERR-I01

        finance.imported_set
        source_set_id
    """)
    assert in_one_place(company)
    assert arrived(company) == [1, 4]

    run_journal(company, 1)
    ready = import_proposal(company, "PF-7")

    assert (ready.taken_count, ready.ready_proposal_ids) == (0, (7,))
    assert in_one_place(company)

    rest = run_import(company)

    assert (rest.taken_count, rest.line_count) == (2, 2)
    company.then("""
        finance.journal_line
        actual_id
        1
        4

        finance.taken_ahead
        actual_id
    """)
    assert in_one_place(company)


def test_a_sale_that_is_held_is_judged_again(company: Books) -> None:
    arrive(company, "actual_id  currency\n1  EUR\n2  EUR")
    bill(company, 7, {101: 1})
    run_import(company)
    company.given("""
        finance.exchange_rate
        company  currency  valid_from  rate  change_set_id
        USPM     EUR       2026-08-27  110   1
    """)

    run = import_proposal(company, "PF-7")

    assert (run.taken_count, run.line_count, run.held_count) == (1, 1, 0)
    company.then("""
        finance.held_actual
        actual_id
        2
    """)


def test_a_sale_that_lacks_something_is_held_and_stays_one_row(company: Books) -> None:
    arrive(company, "actual_id  currency\n1  EUR\n2  USD")
    bill(company, 7, {101: 1})

    first = import_proposal(company, "PF-7")
    again = import_proposal(company, "PF-7")
    whole = run_import(company)

    assert (first.held_count, again.held_count, whole.held_count) == (1, 1, 1)
    assert whole.taken_count == 2
    assert in_one_place(company)


def test_a_correction_takes_the_sales_it_opens_again(company: Books) -> None:
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    run_import(company)
    run_proposals(company, 7)
    credit(company, 8, {201: 101}, {202: 101})
    arrive(company, "actual_id\n50", set_id=3)

    run = import_proposal(company, "PF-8")

    assert (run.taken_count, run.line_count) == (1, 1)
    company.then("finance.journal_line\nactual_id\n202")
    run_journal(company, 2)
    assert import_proposal(company, "PF-8").ready_proposal_ids == (8,)


def test_a_proposal_with_lines_or_an_unknown_one_takes_nothing(company: Books) -> None:
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    run_import(company)

    run = import_proposal(company, "PF-7")
    with pytest.raises(Refused) as refused:
        import_proposal(company, "PF-8")

    assert (run.taken_count, run.ready_proposal_ids, run.waiting_proposal_count) == (0, (), 0)
    assert refused.value.codes == ("ERR-F09",)


def test_sets_are_looked_at_once_and_those_without_rows_until_these_come(company: Books) -> None:
    arrive(company, "actual_id\n1")
    arrive(company, "actual_id\n11", set_id=2)
    change(company, "DELETE FROM finance.staged_actual WHERE actual_id = 1")

    first = run_import(company)

    assert first.taken_count == 1
    company.then("""
        finance.import_progress
        company  chain_number
        USPM     2

        finance.awaited_set
        source_set_id
        1

        finance.imported_set
        source_set_id
        2
    """)

    change(
        company,
        "INSERT INTO finance.staged_actual SELECT (jsonb_populate_record(one,"
        """ '{"actual_id": 1, "source_set_id": 1}')).*"""
        " FROM finance.staged_actual AS one",
    )
    second = run_import(company)
    third = run_import(company)

    assert (second.taken_count, third.taken_count) == (1, 0)
    company.then("""
        finance.awaited_set
        source_set_id

        finance.journal_line
        actual_id
        1
        11
    """)
