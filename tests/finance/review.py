"""What the tests of reviewed and posted proposals share: all holds, somebody waits."""

from __future__ import annotations

from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.support.books import Books
from twofold.database.invariants import check


def holds(books: Books) -> None:
    """Check every invariant of the finance book."""
    with books.auditor_operations.reader() as here, books.auditor_finance.reader() as there:
        broken = [one.invariant for one in check(operations=here, finance=there)]
    # What arrived in these tests came without its other book, and without its set.
    outside = ("agree_", "staged_actual_refers")
    assert not [one for one in broken if not one.startswith(outside)], broken


def somebody_waits(books: Books) -> None:
    """Return when a session waits for another's lock."""
    wait_until(lambda: sessions_waiting_for_a_lock(books) > 0)
