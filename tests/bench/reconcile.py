"""Measure rows as they stand: ``python -m tests.bench.reconcile --rows N``.

Costs are planted by SQL, written to finance by the initial write, compared, and compared once
more after one field was changed by hand. Beside it stands one COPY of the rows out of the source.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.dualwrite.planted import COMPANY, forward, plant, plant_costs
from tests.support.books import Books
from tests.support.server import TestServer
from twofold.dualwrite.standing.initial_write import initial_write
from twofold.dualwrite.standing.reconcile import Asked, reconcile_map
from twofold.dualwrite.standing.writing import Writing

R = TypeVar("R")


def timed(work: Callable[[], R]) -> tuple[float, R]:
    """Give the seconds that a piece of work takes, and what it gives."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def read_by_copy(books: Books) -> None:
    """Read every planted row once."""
    with books.owner_operations.raw() as connection:
        statement = b"COPY operations.actual TO STDOUT (FORMAT binary)"
        with connection.cursor().copy(statement) as copy:
            for _ in copy:
                pass


def measure(books: Books, rows: int) -> dict[str, float]:
    """Give the seconds of each step over this many rows."""
    plant(books)
    plant_costs(books, set_id=1, first=1, count=rows)
    books.given("""
        operations:dualwrite.outbox
        company  set_id  kind      stream      version  actor  created_at
        USPM     1       approval  approval/1  1        bench  2026-11-02
    """)
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.outbox SET key_first = 1, key_last = %s", (rows,))
        connection.execute("ANALYZE operations.actual")
    route = forward(books)
    (active,) = (one for one in route.maps if one.compiled.map.id == "actuals")

    def compare(run: str) -> int:
        asked = Asked(company=COMPANY)
        result = reconcile_map(route, active, company=COMPANY, asked=asked, run=run, actor="bench")
        return len(result.differences)

    seconds = {"read by COPY": timed(lambda: read_by_copy(books))[0]}
    seconds["initial write"], done = timed(
        lambda: initial_write(Writing(route, active, COMPANY, "bench"))
    )
    assert done.added_count == rows, done
    with books.owner_finance.raw() as connection:
        connection.execute("ANALYZE finance.staged_actual")
    seconds["reconcile, equal"], found = timed(lambda: compare("equal"))
    assert found == 0
    with books.owner_finance.raw() as connection:
        connection.execute(
            "UPDATE finance.staged_actual SET amount = amount + 1 WHERE actual_id = %s",
            (rows // 2,),
        )
    seconds["reconcile, one field located"], found = timed(lambda: compare("one"))
    assert found == 1
    return seconds


def main() -> int:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.reconcile", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    home = Path(tempfile.mkdtemp(prefix="twofold-bench-"))
    home.chmod(0o711)
    server = TestServer(home)
    try:
        server.start()
        with server.fresh_pair() as pair:
            books = Books(server, pair)
            seconds = measure(books, rows)
            books.close()
    finally:
        server.erase()
    floor = seconds["read by COPY"]
    for name, took in seconds.items():
        sys.stdout.write(f"{name:30} {took:8.2f} s  {took / floor:6.1f} x COPY\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"Python peak {peak:.0f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
