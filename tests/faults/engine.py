"""Delivering processes of a test: started, awaited at a place, told to go on, killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime

from tests.architecture.sources import ROOT
from tests.concurrency.waiting import wait_until
from tests.support.books import Books
from tests.support.clock import NOW


class Engine:
    """One process that delivers, under the test's thumb."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def says(self) -> str:
        """Wait for the next line it says."""
        assert self.process.stdout
        said = self.process.stdout.readline().strip()
        assert said, "it ended without a word"
        return said

    def go_on(self) -> None:
        """Let it leave the place where it stopped."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def freeze(self) -> None:
        """Take the processor away from it."""
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it as power does: nothing is said, nothing tidied up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def engine(
    books: Books,
    *,
    direction: tuple[str, str] = ("operations", "finance"),
    stop_at: Mapping[str, int],
    now: datetime = NOW,
) -> Generator[Engine]:
    """Start a delivering process that stops when it passes a place for the n-th time."""
    dsn = books.server.embedded.dsn_to
    told = {
        "operations": dsn(books.pair.operations, "twofold_dualwrite"),
        "finance": dsn(books.pair.finance, "twofold_dualwrite"),
        "books": direction,
        "now": now.isoformat(),
        "stop_at": stop_at,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.driver", json.dumps(told)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        started = Engine(process)
        try:
            yield started
        finally:
            started.kill()


def wait_for_its_sessions_to_end(books: Books) -> None:
    """Wait until the server has noticed the death, so that what it held is free again."""
    wait_until(lambda: _sessions_in_transaction(books) == 0)


def _sessions_in_transaction(books: Books) -> int:
    with books.server.embedded.admin() as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_catalog.pg_stat_activity"
            " WHERE datname = ANY(%s) AND usename = 'twofold_dualwrite'"
            " AND state <> 'idle'",
            ([books.pair.operations, books.pair.finance],),
        ).fetchone() or (0,)
    return int(count)
