"""A run posts many journals: each in one pair of hands, and none lost with a worker that dies."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.finance.company import SETUP, arrive, change, finance_of, run_import
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.journal.post import PostedJournal, post_journal
from twofold.finance.journal.posting_run import (
    Chosen,
    RunProgress,
    StartedRun,
    TakenJournal,
    give_back,
    list_runs,
    note_done,
    start_run,
    take_journal,
)
from twofold.finance.journal.update_to_draft import update_to_draft
from twofold.kernel.errors import Refused

EVERY_DRAFT = Chosen()


@pytest.fixture
def company(books: Books) -> Books:
    """Give three drafts of a line each: August, September (closed) and November."""
    books.given(SETUP)
    arrive(books, """
        actual_id  transaction_date  accounting_date
        1          2026-08-27        2026-08-27
        2          2026-09-27        2026-09-27
        3          2026-11-02        2026-11-02
    """)  # fmt: skip
    run_import(books)
    return books


def start(books: Books, chosen: Chosen = EVERY_DRAFT) -> StartedRun:
    with finance_of(books) as transaction:
        return start_run(
            transaction, company="USPM", chosen=chosen, worker_count=2, actor="ada", at=NOW
        )


def take(books: Books, run: StartedRun) -> TakenJournal | None:
    with finance_of(books) as transaction:
        return take_journal(transaction, company="USPM", posting_run_id=run.posting_run_id, at=NOW)


def post(books: Books, run: StartedRun | None, journal_id: int) -> PostedJournal:
    run_id = run.posting_run_id if run else None
    with finance_of(books) as transaction:
        posted = post_journal(
            transaction,
            company="USPM",
            journal_id=journal_id,
            actor="ada",
            at=NOW,
            posting_run_id=run_id,
        )
        if run:
            note_done(
                transaction,
                company="USPM",
                posting_run_id=run.posting_run_id,
                journal_id=journal_id,
                counts=(posted.posted_count, posted.refused_count),
                at=NOW,
            )
    return posted


def to_draft(books: Books, journal_id: int, *, at: datetime = NOW) -> None:
    with finance_of(books) as transaction:
        update_to_draft(transaction, company="USPM", journal_id=journal_id, actor="ada", at=at)


def progress(books: Books) -> RunProgress:
    with books.finance.reader() as reader:
        return list_runs(reader, company="USPM")[0]


def test_a_journal_taken_is_processing_and_only_its_run_posts_it(company: Books) -> None:
    run, other = start(company), start(company)

    taken = take(company, run)
    beside = take(company, other)

    assert taken == TakenJournal(1, is_taken=True)
    assert beside == TakenJournal(1, is_taken=False)
    company.then("""
        finance.journal
        journal_id  state
        1           processing
        2           draft
        3           draft

        finance.posting_run_journal
        posting_run_id  journal_id  state       code
        1               1           processing  -
        1               2           waiting     -
        1               3           waiting     -
        2               1           refused     ERR-J09
        2               2           waiting     -
        2               3           waiting     -
    """)
    for stranger in (other, None):
        with pytest.raises(Refused) as refused:
            post(company, stranger, 1)
        assert [(one.code, one.value) for one in refused.value.refusals] == [
            ("ERR-J09", "processing")
        ]
    assert post(company, run, 1).posted_count == 1


def test_workers_take_different_journals_until_none_waits(company: Books) -> None:
    run = start(company)
    with finance_of(company) as first, finance_of(company) as second:
        keys = [
            take_journal(one, company="USPM", posting_run_id=run.posting_run_id, at=NOW)
            for one in (first, second)
        ]

    assert keys == [TakenJournal(1, is_taken=True), TakenJournal(2, is_taken=True)]
    assert take(company, run) == TakenJournal(3, is_taken=True)
    assert take(company, run) is None


def test_everybody_sees_how_far_a_run_is(company: Books) -> None:
    run = start(company)
    for _ in range(2):
        taken = take(company, run)
        assert taken
        post(company, run, taken.journal_id)
    take(company, run)

    seen = progress(company)

    assert (seen.journal_count, seen.waiting_count, seen.processing_count) == (3, 0, 1)
    assert (seen.done_count, seen.posted_line_count, seen.refused_line_count) == (2, 1, 1)


@pytest.mark.parametrize(
    ("chosen", "keys"),
    [
        (EVERY_DRAFT, [2, 3]),
        (Chosen(period_start=date(2026, 9, 1)), [2]),
        (Chosen(period_start=date(2026, 9, 2)), []),
        (Chosen(original_number="USPM-000041"), []),
        (Chosen(journal_ids=(1, 3)), [1, 3]),
    ],
)
def test_a_run_lists_drafts_that_fit_and_never_what_is_in_error(
    company: Books, chosen: Chosen, keys: list[int]
) -> None:
    change(company, "UPDATE finance.journal SET state = 'error' WHERE journal_id = 1")

    run = start(company, chosen)

    found: list[int] = []
    while taken := take(company, run):
        found.append(taken.journal_id)
    assert (found, run.journal_count) == (keys, len(keys))


def test_lines_split_from_a_journal_are_found_by_its_number(company: Books) -> None:
    change(company, "UPDATE finance.journal SET original_journal_id = 1 WHERE journal_id = 3")

    run = start(company, Chosen(original_number="USPM-000041"))

    assert take(company, run) == TakenJournal(3, is_taken=True)


def test_the_journal_of_a_worker_that_died_is_brought_back_to_draft(company: Books) -> None:
    run = start(company)
    take(company, run)

    to_draft(company, 1)

    company.then("""
        finance.journal
        journal_id  state
        1           draft
        2           draft
        3           draft

        finance.posting_run_journal
        journal_id  state
        1           given_up
        2           waiting
        3           waiting
    """)
    # It was only slow: what it took is not its own any more, until someone takes it again.
    again = start(company)
    assert take(company, again) == TakenJournal(1, is_taken=True)
    with pytest.raises(Refused) as refused:
        post(company, run, 1)
    assert refused.value.codes == ("ERR-J09",)
    assert post(company, again, 1).posted_count == 1


def test_only_the_step_that_holds_the_journal_is_given_up(company: Books) -> None:
    company.given("""
        finance.posting_run
        company  started_by  started_at            worker_count
        OTHER    eve         2026-11-02T09:00:00Z  1

        finance.posting_run_journal
        company  posting_run_id  journal_id  state       begun_at
        OTHER    1               1           processing  2026-11-02T09:00:00Z
    """)
    run, late = start(company), start(company)
    for _ in range(3):
        take(company, run)
    take(company, late)
    # September is closed: the run is done with journal 2, and its line is in error.
    assert post(company, run, 2).state == "error"

    for journal_id in (1, 2):
        to_draft(company, journal_id, at=NOW + timedelta(hours=1))

    company.then("""
        finance.posting_run_journal
        company  posting_run_id  journal_id  state       code     ended_at
        OTHER    1               1           processing  -        -
        USPM     2               1           given_up    -        2026-11-02T10:30:00Z
        USPM     2               2           done        -        2026-11-02T09:30:00Z
        USPM     2               3           processing  -        -
        USPM     3               1           refused     ERR-J09  2026-11-02T09:30:00Z
        USPM     3               2           waiting     -        -
        USPM     3               3           waiting     -        -

        finance.journal
        journal_id  state
        1           draft
        2           draft
        3           processing
    """)


def test_a_journal_that_is_being_posted_is_not_brought_back(company: Books) -> None:
    run = start(company)
    take(company, run)

    with finance_of(company) as worker:
        post_journal(
            worker,
            company="USPM",
            journal_id=1,
            actor="ada",
            at=NOW,
            posting_run_id=run.posting_run_id,
        )
        with pytest.raises(Refused) as refused:
            to_draft(company, 1)

    assert refused.value.codes == ("ERR-J22",)
    company.then("""
        finance.journal
        journal_id  state
        1           posted
        2           draft
        3           draft
    """)


def test_a_journal_that_could_not_be_posted_at_all_is_given_back(company: Books) -> None:
    run = start(company)
    take(company, run)
    with finance_of(company) as transaction:
        give_back(
            transaction,
            company="USPM",
            posting_run_id=run.posting_run_id,
            journal_id=1,
            code="ERR-J08",
            at=NOW,
        )

    assert progress(company).refused_count == 1
    assert post(company, None, 1).posted_count == 1


def test_an_import_passes_over_a_journal_that_is_processing(company: Books) -> None:
    take(company, start(company))
    arrive(company, "actual_id\n11", set_id=2)

    run = run_import(company)

    assert [one.journal_id for one in run.journals] == [4]
