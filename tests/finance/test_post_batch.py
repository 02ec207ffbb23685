"""Posting many proposals: several workers, one number after the other, whatever dies meanwhile."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from threading import Thread

import pytest

from tests.architecture.sources import ROOT
from tests.finance.company import (
    SETUP,
    announce,
    arrive,
    bill,
    change,
    run_import,
    run_journal,
    run_proposals,
)
from tests.finance.review import holds, somebody_waits
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.posting.candidates import Candidate, Wanted, find_candidates
from twofold.finance.posting.invoices import PostedInvoice
from twofold.journey import post_batch as batches
from twofold.journey.post_batch import PostedBatch, PostingOrder, post_batch
from twofold.journey.system import System

PROPOSALS = 12


@pytest.fixture
def ready(books: Books) -> Books:
    """Give a company with proposals 1 to 12 of one hour each, in dollars; 13 has no lines."""
    books.given(SETUP)
    keys = range(1, PROPOSALS + 1)
    rows = "\n".join(f"        {key}          {100 + key}" for key in keys)
    arrive(books, f"        actual_id  amount\n{rows}")
    run_import(books)
    run_journal(books, 1)
    for key in keys:
        bill(books, key, {1000 + key: key})
    announce(books, PROPOSALS + 1, (5000,), day="2026-11-02")
    run_import(books)
    return books


def system_of(books: Books) -> System:
    return System(
        operations=books.operations,
        access=books.access,
        jobs=books.jobs,
        finance=books.finance,
        dualwrite_operations=books.dualwrite_operations,
        dualwrite_finance=books.dualwrite_finance,
        auditor_operations=books.auditor_operations,
        auditor_finance=books.auditor_finance,
        maps=books.server.active_maps(),
        now=lambda: NOW,
    )


def candidates(books: Books, **wanted: object) -> tuple[Candidate, ...]:
    with books.finance.reader() as reader:
        return find_candidates(reader, company="USPM", wanted=Wanted(**wanted))  # pyright: ignore[reportArgumentType]


def run(
    books: Books,
    proposals: tuple[Candidate, ...],
    *,
    workers: int = 2,
    named: bool = False,
    tell: Callable[[int], None] = lambda _: None,
) -> PostedBatch:
    return post_batch(
        system_of(books),
        company="USPM",
        proposals=proposals,
        order=PostingOrder(actor="ada", workers=workers, named=named),
        tell=tell,
    )


def numbers(books: Books) -> list[str]:
    with books.auditor_finance.raw() as connection:
        rows = connection.execute(
            "SELECT invoice_number FROM finance.customer_invoice ORDER BY length(invoice_number), invoice_number"
        ).fetchall()
    return [number for (number,) in rows]


def series(count: int) -> list[str]:
    return [f"INV-{9998 + number}" for number in range(count)]


def test_workers_side_by_side_leave_no_gap_and_tell_how_far_they_are(
    ready: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "PROPOSALS_MAX", 1)
    told: list[int] = []

    done = run(ready, candidates(ready), workers=4, tell=told.append)

    assert (len(done.invoices), done.refusals, sum(told)) == (PROPOSALS, (), PROPOSALS)
    assert numbers(ready) == series(PROPOSALS)
    assert candidates(ready) == ()
    holds(ready)


def test_a_batch_ends_at_so_many_proposals_or_lines_and_a_large_one_stands_alone() -> None:
    large = Candidate(3, "PF-3", 50_000)
    small = [Candidate(key, f"PF-{key}", 9_000) for key in (1, 2, 4, 5)]

    cut = list(batches.batches_of([*small[:2], large, *small[2:]]))
    many = list(batches.batches_of([Candidate(key, "PF", 1) for key in range(250)]))

    assert [[one.proposal_id for one in batch] for batch in cut] == [[1, 2], [3], [4, 5]]
    assert [len(batch) for batch in many] == [100, 100, 50]


def test_one_that_is_refused_and_one_that_fails_do_not_hold_up_the_others(ready: Books) -> None:
    # The project of 3 is finished; with its tax, 5 comes to more than the books can hold.
    found = candidates(ready)
    change(ready, "UPDATE finance.staged_actual SET project_id = 3 WHERE actual_id = 1003")
    change(
        ready, "UPDATE finance.proposal_line SET amount = 999999999999999 WHERE actual_id = 1005"
    )

    done = run(ready, found)

    assert [(one.code, one.record) for one in done.refusals] == [
        ("ERR-J06", "proposal/PF-3"),
        ("ERR-F22", "proposal/PF-5"),
    ]
    assert len(done.invoices) == PROPOSALS - 2
    assert numbers(ready) == series(PROPOSALS - 2)


def test_what_lost_its_lines_or_was_posted_meanwhile_is_passed_by_or_told_where_it_was_named(
    ready: Books,
) -> None:
    found = (*candidates(ready), Candidate(PROPOSALS + 1, "PF-13", 0))
    run_proposals(ready, 4)

    passed = run(ready, found)
    named = run(ready, found[3:], named=True)

    assert (len(passed.invoices), passed.refusals, passed.passed_count) == (PROPOSALS - 1, (), 2)
    assert {one.code for one in named.refusals} == {"ERR-F05", "ERR-F02"}
    assert numbers(ready) == series(PROPOSALS)
    holds(ready)


def test_the_query_is_asked_when_the_batch_runs(ready: Books) -> None:
    change(ready, "UPDATE finance.proposal SET invoice_date = '2026-11-10' WHERE proposal_id > 2")

    up_to = candidates(ready, up_to=date(2026, 11, 2))
    contract = candidates(ready, contract_number="K-1")
    customer = candidates(ready, customer_account="C-2")

    assert [one.proposal_id for one in up_to] == [1, 2]
    assert contract == ()
    assert len(customer) == PROPOSALS


def test_a_poster_waits_for_the_number_of_another_and_takes_it_when_that_one_is_killed(
    ready: Books,
) -> None:
    done: list[tuple[PostedInvoice, ...]] = []
    dsn = ready.server.embedded.dsn_to(ready.pair.finance, "twofold_finance")
    command = [sys.executable, "-m", "tests.finance.poster", dsn, "1", "2", "3"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as poster:
        assert poster.stdout is not None
        assert poster.stdout.readline().split() == series(3)
        second = Thread(target=lambda: done.append(run_proposals(ready, 4, 5)))
        second.start()
        somebody_waits(ready)
        poster.kill()
        second.join()

    ((four, five),) = done
    assert [four.invoice_number, five.invoice_number] == series(2)
    run(ready, candidates(ready))
    assert numbers(ready) == series(PROPOSALS)
    holds(ready)
