"""Delivering processes of a test: started, awaited at a place, told to go on, killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from tests.architecture.sources import ROOT
from tests.concurrency.waiting import wait_until
from tests.support.books import Books


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

    def ends(self) -> int:
        """Wait for it to end by itself; give its exit code."""
        return self.process.wait(timeout=60)

    def freeze(self) -> None:
        """Take the processor away from it."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Give it the processor again."""
        self.process.send_signal(signal.SIGCONT)

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
    through: Mapping[str, str] | None = None,
    program: tuple[str, ...] = (sys.executable, "-m", "tests.faults.driver"),
) -> Generator[Engine]:
    """Start a delivering process that stops when it passes a place for the n-th time.

    ``through`` gives other connection strings of the books, as through a door; ``program``
    another program than the plain driver.
    """
    dsn = books.server.embedded.dsn_to
    told = {
        "operations": dsn(books.pair.operations, "twofold_dualwrite"),
        "finance": dsn(books.pair.finance, "twofold_dualwrite"),
        **(through or {}),
        "books": direction,
        "stop_at": stop_at,
    }
    process = subprocess.Popen(
        [*program, json.dumps(told)],
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
    count = 0
    for owner in (books.owner_operations, books.owner_finance):
        with owner.raw() as connection:
            # Of other roles' sessions the owner sees no state, but that they are there.
            (found,) = connection.execute(
                "SELECT count(*) FROM pg_catalog.pg_locks AS held"
                " JOIN pg_catalog.pg_stat_activity AS session USING (pid)"
                " WHERE datname = pg_catalog.current_database()"
                " AND usename = 'twofold_dualwrite' AND locktype = 'virtualxid'"
            ).fetchone() or (0,)
        count += int(found)
    return count
