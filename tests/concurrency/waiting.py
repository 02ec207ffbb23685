"""Waiting for something to happen elsewhere, and seeing who waits for a lock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from tests.support.books import Books

# Far more than anything here takes; whoever waits this long waits in vain.
_SECONDS_MAX: Final = 60.0
_PAUSE_SECONDS: Final = 0.002


def wait_until(happened: Callable[[], bool]) -> None:
    """Look again and again until it has happened; fail when it never does."""
    end = time.monotonic() + _SECONDS_MAX
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(_PAUSE_SECONDS)


def sessions_waiting_for_a_lock(books: Books) -> int:
    """Count the sessions of the two databases that wait for another's lock."""
    with books.server.embedded.admin() as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_catalog.pg_stat_activity"
            " WHERE datname = ANY(%s) AND wait_event_type = 'Lock'",
            ([books.pair.operations, books.pair.finance],),
        ).fetchone() or (0,)
    return int(count)
