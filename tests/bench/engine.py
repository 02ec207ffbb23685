"""Measure the engine alone: one large set, many small ones, and small ones beside a large one.

    python -m tests.bench.engine --rows 1000000 --sets 4000

It builds its own data on its own embedded server with durable settings and prints each figure;
the large set is given as a multiple of a binary COPY of the same rows, from book to book, into a
table with the same indexes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from psycopg import sql

from tests.dualwrite.planted import plant, plant_costs
from tests.support.books import Books
from tests.support.server import TestServer, postgres_bin
from twofold.database.connection import Book
from twofold.database.embedded import EmbeddedServer
from twofold.database.outbox import open_change_set
from twofold.dualwrite.run.engine import Engine, Plan
from twofold.dualwrite.run.heartbeat import Heartbeat
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.lease import lease_sets
from twofold.dualwrite.sets.route import Route

WORKERS: Final = 4
SMALL_ROWS: Final = 20
INVOICE_ROWS: Final = 1_000
INVOICES: Final = 60


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a measurement reads the clock


class Sender:
    """Plants costs and seals them as sets, numbered as they come."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.set_id = 0
        self.key = 0

    def send(self, sizes: list[int]) -> None:
        """Seal sets of so many rows, all in one transaction, each in a stream of its own."""
        starts: list[int] = []
        for size in sizes:
            starts.append(self.key + 1)
            plant_costs(
                self.books, set_id=self.set_id + len(starts), first=self.key + 1, count=size
            )
            self.key += size
        with self.books.operations.transaction() as transaction:
            for first, size in zip(starts, sizes, strict=True):
                self.set_id += 1
                change_set = open_change_set(
                    transaction, company="USPM", kind="approval",
                    stream=f"approval/{first}", actor="bench", at=now(),
                )  # fmt: skip
                assert change_set.set_id == self.set_id
                change_set.covers(first, first + size - 1)


def routes(books: Books, application: str) -> tuple[Route, Route]:
    dsn, role = books.server.embedded.dsn_to, "twofold_dualwrite"
    operations = Book("operations", dsn(books.pair.operations, role), role, application=application)
    finance = Book("finance", dsn(books.pair.finance, role), role, application=application)
    maps = books.server.active_maps()
    return Route(operations, finance, maps), Route(finance, operations, maps)


@contextmanager
def running(books: Books) -> Generator[None]:
    """Run an engine beside the measurement."""
    plan = Plan(
        Heartbeat("bench", "here", 1), WORKERS, lambda name: routes(books, name), lambda: None,
        lambda: 0.0,
    )  # fmt: skip
    engine = Engine(plan)
    thread = threading.Thread(target=engine.run)
    thread.start()
    yield
    engine.stop()
    thread.join()


def acknowledged(books: Books) -> int:
    with books.auditor_operations.raw() as connection:
        (count,) = connection.execute("SELECT count(*) FROM dualwrite.acknowledged").fetchone() or (
            0,
        )
    return int(count)


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def floor(books: Books, rows: int) -> float:
    """Copy the applied rows into an empty table with the same columns and indexes."""
    with books.owner_finance.raw() as there:
        there.execute("CREATE TABLE finance.floor (LIKE finance.staged_actual INCLUDING ALL)")
    out = sql.SQL("COPY finance.staged_actual TO STDOUT (FORMAT binary)")
    into = sql.SQL("COPY finance.floor FROM STDIN (FORMAT binary)")

    def copy() -> None:
        with (
            books.auditor_finance.raw() as here,
            books.owner_finance.raw() as there,
            here.cursor().copy(out) as outgoing,
            there.cursor().copy(into) as incoming,
        ):
            for piece in outgoing:
                incoming.write(piece)

    spent = seconds(copy)
    with books.owner_finance.raw() as there:
        (count,) = there.execute("SELECT count(*) FROM finance.floor").fetchone() or (0,)
        assert count == rows
        there.execute("DROP TABLE finance.floor")
    return spent


def measure_large(books: Books, sender: Sender, rows: int) -> None:
    sender.send([rows])
    route, _ = routes(books, "bench")
    spent = seconds(lambda: deliver_sets(route))
    lowest = floor(books, rows)
    say(f"one set of {rows:,} rows: {spent:.2f} s, {rows / spent:,.0f} rows/s, ")
    say(f"{spent / lowest:.2f} times the floor of {lowest:.2f} s\n")


def measure_small(books: Books, sender: Sender, sets: int) -> None:
    for _ in range(0, sets, 500):
        sender.send([SMALL_ROWS] * 500)
    wanted = sender.set_id

    def drained() -> None:
        with running(books):
            while acknowledged(books) < wanted:
                time.sleep(0.05)

    spent = seconds(drained)
    say(f"{sets:,} sets of {SMALL_ROWS} rows, {WORKERS} workers: {sets / spent:,.0f} sets/s\n")


def measure_beside(books: Books, sender: Sender, rows: int) -> None:
    sender.send([rows])
    first = sender.set_id + 1
    with running(books):
        for _ in range(INVOICES):
            sender.send([INVOICE_ROWS])
            time.sleep(0.1)
        while acknowledged(books) < sender.set_id:
            time.sleep(0.1)
    with books.auditor_operations.raw() as connection:
        found = connection.execute(
            "SELECT extract(EPOCH FROM acknowledged_at - created_at)::float8"
            " FROM dualwrite.acknowledged JOIN dualwrite.outbox USING (company, set_id)"
            " WHERE set_id >= %s ORDER BY 1",
            (first,),
        ).fetchall()
    p50, p95 = (found[int(len(found) * part)][0] for part in (0.5, 0.95))
    say(f"invoices of {INVOICE_ROWS:,} rows beside a set of {rows:,}, seal to acknowledgement: ")
    say(f"p50 {1000 * p50:.0f} ms, p95 {1000 * p95:.0f} ms\n")


def measure_lease(books: Books, pending: int) -> None:
    """Time a lease with so many sets of one company pending, and one of another."""
    with books.owner_operations.raw() as connection:
        connection.execute(
            "INSERT INTO dualwrite.pending (company, set_id, stream, version)"
            " SELECT 'AAAA', 1000000000 + n, 's' || n, 1 FROM generate_series(1, %s) AS n",
            (pending,),
        )
        connection.execute(
            "INSERT INTO dualwrite.pending (company, set_id, stream, version)"
            " SELECT 'BBBB', 2000000000 + n, 'hot', n FROM generate_series(1, %s) AS n",
            (pending,),
        )
        connection.execute(
            "UPDATE dualwrite.pending SET state = 'stopped' WHERE set_id = 2000000001"
        )
        connection.execute("ANALYZE dualwrite.pending")
    route, _ = routes(books, "bench")
    for company in ("AAAA", "BBBB"):
        spent = [seconds(partial(lease_sets, route, company=company)) for _ in range(5)]
        times = ", ".join(f"{1000 * one:.0f}" for one in spent)
        say(f"lease of {company} with {pending:,} pending: {times} ms\n")
    with books.owner_operations.raw() as connection:
        connection.execute("DELETE FROM dualwrite.pending WHERE company IN ('AAAA', 'BBBB')")


def say(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engine", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sets", type=int, default=4_000)
    parser.add_argument("--pending", type=int, default=10_000)
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="tf-engine-", dir="/tmp"))
    home.chmod(0o711)
    server = TestServer(home)
    server.embedded = EmbeddedServer(home, postgres_bin())
    try:
        server.start()
        with server.fresh_pair() as pair:
            books = Books(server, pair)
            plant(books)
            sender = Sender(books)
            measure_large(books, sender, given.rows)
            measure_small(books, sender, given.sets)
            measure_beside(books, sender, given.rows)
            measure_lease(books, given.pending)
            books.close()
    finally:
        server.erase()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
