"""Measure the engine alone: large sets, small ones, small ones beside a large one, and idleness.

    python -m tests.bench.engine --rows 1000000 --sets 2000

It builds its own data on its own embedded server with durable settings, runs the engine as a
process of its own, and prints each figure beside its bar. A large set is given as a multiple of
its *floor*: one binary COPY of the very rows from book to book, into a table with the same
columns, constraints and indexes. Times are taken from the sender's answered commit to the
acknowledgement, both by the clock of this machine.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from psycopg import sql
from rich.console import Console
from rich.table import Table

from tests.bench.process import EngineProcess, running, server_seconds
from tests.bench.world import COMPANY, Sender, Sent, plant_company
from tests.support.books import Books
from tests.support.server import TestServer
from twofold.database.copy import pass_through
from twofold.dualwrite.sets.lease import lease_sets
from twofold.dualwrite.sets.route import Route

WORKERS: Final = 4
SENDERS: Final = 4
SMALL_ROWS: Final = 20
INVOICE_LINES: Final = 1_000
INVOICES_MIN: Final = 20
LIVE_SECONDS: Final = 10
IDLE_SECONDS: Final = 15
# Sessions tell the statistics of what they did ten seconds late.
SETTLING_SECONDS: Final = 11
# No wait of the measurement lasts longer.
PATIENCE_SECONDS: Final = 900

# The bars of a large set hold for sets of this size.
ROWS_HELD: Final = 1_000_000
ROWS_PER_SECOND_MIN: Final = 100_000
TIMES_FLOOR_MAX: Final = 3.0
SETS_PER_SECOND_MIN: Final = 200
SECONDS_BESIDE_MAX: Final = 1.0
MEMORY_GROWTH_MAX_MB: Final = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured; ``bar`` is what it is held to, ``met`` whether it is."""

    what: str
    found: str
    bar: str = ""
    met: bool | None = None


@dataclass(slots=True)
class Bench:
    """The books, who sends, and what was found so far."""

    books: Books
    sender: Sender
    figures: list[Figure]

    def add(self, what: str, found: str, bar: str = "", *, met: bool | None = None) -> None:
        """Note a figure."""
        self.figures.append(Figure(what, found, bar, met))

    def acknowledged(self, sent: Sequence[Sent]) -> dict[int, float]:
        """Give when the sets were acknowledged (seconds of the epoch), once all of them are."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        ids = [one.set_id for one in sent]
        while True:
            with self.books.auditor_operations.raw() as connection:
                found = connection.execute(
                    "SELECT set_id, extract(EPOCH FROM acknowledged_at)::float8"
                    " FROM dualwrite.acknowledged WHERE company = %s AND set_id = ANY(%s)",
                    (COMPANY, ids),
                ).fetchall()
            if len(found) == len(ids):
                return dict(found)
            assert time.monotonic() < deadline, f"{len(ids) - len(found)} sets did not arrive"
            time.sleep(0.05)

    def is_acknowledged(self, sent: Sent) -> bool:
        """Tell whether a set is acknowledged by now."""
        with self.books.auditor_operations.raw() as connection:
            return bool(connection.execute(
                "SELECT 1 FROM dualwrite.acknowledged WHERE company = %s AND set_id = %s",
                (COMPANY, sent.set_id),
            ).fetchall())  # fmt: skip

    def checkpoint(self) -> None:
        """Write everything out, so that the next measurement does not pay for the one before."""
        with self.books.server.embedded.admin() as connection:
            connection.execute("CHECKPOINT")


def lags(sent: Sequence[Sent], at: dict[int, float]) -> tuple[float, float]:
    """Give the median and the 95th percentile of seconds from commit to acknowledgement."""
    waited = sorted(at[one.set_id] - one.committed_at for one in sent)
    return waited[len(waited) // 2], waited[int(len(waited) * 0.95)]


def seconds(work: Callable[[], object]) -> float:
    """Give the seconds that a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and of processor time in the server and in Python."""

    clock: float
    processor: float


def floor(bench: Bench, sent: Sent) -> Spent:
    """Copy the rows of a set from book to book, into an empty table with the same indexes."""
    books = bench.books
    with books.owner_finance.raw() as there:
        there.execute("CREATE TABLE finance.floor (LIKE finance.staged_actual INCLUDING ALL)")
    out = sql.SQL(
        "COPY (SELECT * FROM finance.staged_actual WHERE company = {} AND actual_id BETWEEN {}"
        " AND {}) TO STDOUT (FORMAT binary)"
    ).format(COMPANY, sent.first, sent.first + sent.count - 1)
    into = sql.SQL("COPY finance.floor FROM STDIN (FORMAT binary)")

    def copy() -> None:
        with (
            books.auditor_finance.raw() as here,
            books.owner_finance.raw() as there,
            here.cursor().copy(out) as outgoing,
            there.cursor().copy(into) as incoming,
        ):
            pass_through(outgoing, incoming)

    bench.checkpoint()
    processor = server_seconds(books.server.embedded) + time.process_time()
    clock = seconds(copy)
    processor = server_seconds(books.server.embedded) + time.process_time() - processor
    with books.owner_finance.raw() as there:
        (count,) = there.execute("SELECT count(*) FROM finance.floor").fetchone() or (0,)
        assert count == sent.count, f"the floor has {count} rows of {sent.count}"
        there.execute("DROP TABLE finance.floor")
    return Spent(clock, processor)


def large(bench: Bench, engine: EngineProcess, rows: int) -> tuple[Sent, Spent]:
    """Have the engine deliver one set; sealing it is not counted."""

    def used() -> float:
        return server_seconds(bench.books.server.embedded) + engine.processor_seconds()

    bench.checkpoint()
    engine.forget_peak()
    sent = bench.sender.approval(rows)
    before = used()
    clock = bench.acknowledged([sent])[sent.set_id] - sent.committed_at
    return sent, Spent(clock, used() - before)


def measure_large(bench: Bench, engine: EngineProcess, sizes: Sequence[int]) -> None:
    """One set after the other, each with its floor and the engine's memory."""
    peaks: list[float] = []
    bench.acknowledged([bench.sender.approval(100)])
    for rows in sizes:
        sent, spent = large(bench, engine, rows)
        peaks.append(engine.memory_mb())
        lowest = floor(bench, sent)
        what = f"one set of {rows:,} rows"
        rate, times = rows / spent.clock, spent.clock / lowest.clock
        is_held = rows >= ROWS_HELD
        bench.add(
            what,
            f"{spent.clock:.2f} s, {rate:,.0f} rows/s",
            f"≥ {ROWS_PER_SECOND_MIN:,} rows/s" if is_held else "",
            met=rate >= ROWS_PER_SECOND_MIN if is_held else None,
        )
        bench.add(
            f"{what}, times its floor of {lowest.clock:.2f} s",
            f"{times:.2f} ({spent.processor / lowest.processor:.2f} times its processor time of"
            f" {lowest.processor:.2f} s)",
            f"≤ {TIMES_FLOOR_MAX:.0f}" if is_held else "",
            met=times <= TIMES_FLOOR_MAX if is_held else None,
        )
    bench.add(
        "memory of the engine at " + ", ".join(f"{rows:,}" for rows in sizes) + " rows",
        ", ".join(f"{peak:.0f}" for peak in peaks) + " MB",
        f"flat: +{MEMORY_GROWTH_MAX_MB} MB at most",
        met=max(peaks) - peaks[0] <= MEMORY_GROWTH_MAX_MB,
    )


def measure_beside(bench: Bench, rows: int) -> None:
    """Invoices committed while a large set is under way."""
    large = bench.sender.approval(rows)
    sent: list[Sent] = []
    while not bench.is_acknowledged(large) or len(sent) < INVOICES_MIN:
        sent.append(bench.sender.invoice(INVOICE_LINES))
        time.sleep(0.1)
    done_at = bench.acknowledged([large])[large.set_id]
    beside = [one for one in sent if one.committed_at < done_at] or sent[:1]
    p50, p95 = lags(beside, bench.acknowledged(sent))
    bench.add(
        f"{len(beside)} invoices of {INVOICE_LINES:,} lines beside a set of {rows:,} rows,"
        " commit to acknowledged",
        f"p50 {1000 * p50:.0f} ms, p95 {1000 * p95:.0f} ms",
        f"p95 < {SECONDS_BESIDE_MAX:.0f} s",
        met=p95 < SECONDS_BESIDE_MAX,
    )


def measure_backlog(bench: Bench, sets: int) -> None:
    """Small sets that wait when the engine starts: the rate after its first batch."""
    with ThreadPoolExecutor(SENDERS) as senders:
        sent = list(senders.map(bench.sender.approval, [SMALL_ROWS] * sets))
    with running(bench.books, workers=WORKERS):
        at = sorted(bench.acknowledged(sent).values())
    first = sum(1 for one in at if one - at[0] < 0.001)
    rate = (sets - first) / (at[-1] - at[0])
    bench.add(
        f"{sets:,} sets of {SMALL_ROWS} rows waiting, {WORKERS} workers",
        f"{rate:,.0f} sets/s",
        f"≥ {SETS_PER_SECOND_MIN}",
        met=rate >= SETS_PER_SECOND_MIN,
    )


def measure_live(bench: Bench) -> None:
    """Small sets sent one by one, as fast as the senders can, while the engine runs."""
    until = time.monotonic() + LIVE_SECONDS

    def send(_place: int) -> list[Sent]:
        sent: list[Sent] = []
        while time.monotonic() < until:
            sent.append(bench.sender.approval(SMALL_ROWS))
        return sent

    with ThreadPoolExecutor(SENDERS) as senders:
        sent = [one for part in senders.map(send, range(SENDERS)) for one in part]
    at = bench.acknowledged(sent)
    p50, p95 = lags(sent, at)
    bench.add(
        f"sets of {SMALL_ROWS} rows as {SENDERS} senders commit them"
        f" ({len(sent) / LIVE_SECONDS:,.0f} a second), {WORKERS} workers, commit to acknowledged",
        f"p50 {1000 * p50:.0f} ms, p95 {1000 * p95:.0f} ms",
        f"p95 < {SECONDS_BESIDE_MAX:.0f} s",
        met=p95 < SECONDS_BESIDE_MAX,
    )


def measure_idle(bench: Bench, engine: EngineProcess) -> None:
    """Take what the engine costs while nothing happens."""
    time.sleep(SETTLING_SECONDS)
    used, done = engine.processor_seconds(), transactions(bench)
    time.sleep(IDLE_SECONDS)
    used, done = engine.processor_seconds() - used, transactions(bench) - done
    bench.add(
        f"idle engine, {WORKERS} workers each way",
        f"{100 * used / IDLE_SECONDS:.1f} % of a core,"
        f" {done / IDLE_SECONDS:.0f} transactions/s in both books",
    )


def transactions(bench: Bench) -> int:
    """Count the transactions that both books have seen."""
    pair = bench.books.pair
    with bench.books.server.embedded.admin() as connection:
        row = connection.execute(
            "SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database"
            " WHERE datname IN (%s, %s)",
            (pair.operations, pair.finance),
        ).fetchone()
    assert row is not None
    return int(row[0])


def measure_lease(bench: Bench, pending: int) -> None:
    """Time a lease with so many sets of one company due, and so many of another held."""
    books = bench.books
    with books.owner_operations.raw() as connection:
        connection.execute(
            "INSERT INTO dualwrite.pending (company, set_id, stream, version)"
            " SELECT 'AAAA', 1000000000 + n, 's' || n, 1 FROM generate_series(1, %s) AS n",
            (pending,),
        )
        connection.execute(
            "INSERT INTO dualwrite.pending (company, set_id, stream, version, state)"
            " SELECT 'BBBB', 2000000000 + n, 'hot', n, CASE n WHEN 1 THEN 'stopped'"
            " ELSE 'waiting' END::dualwrite.pending_state FROM generate_series(1, %s) AS n",
            (pending,),
        )
        connection.execute("ANALYZE dualwrite.pending")
    route = Route(books.dualwrite_operations, books.dualwrite_finance, books.server.active_maps())
    for company, which in (("AAAA", "due"), ("BBBB", "behind a stopped one of their stream")):
        spent = [1000 * seconds(partial(lease_sets, route, company=company)) for _ in range(5)]
        bench.add(
            f"a lease with {pending:,} sets {which}",
            f"{spent[0]:.0f} ms, then {sum(spent[1:]) / 4:.0f} ms",
        )
    with books.owner_operations.raw() as connection:
        connection.execute("DELETE FROM dualwrite.pending WHERE company IN ('AAAA', 'BBBB')")


@contextmanager
def durable_books() -> Generator[Books]:
    """Give two fresh books on a server with the product's own settings: nothing is off."""
    home = Path(tempfile.mkdtemp(prefix="tf-engine-", dir="/tmp"))
    home.chmod(0o711)
    server = TestServer(home, settings={})
    try:
        server.start()
        with server.fresh_pair() as pair:
            books = Books(server, pair)
            try:
                yield books
            finally:
                books.close()
    finally:
        server.erase()
        shutil.rmtree(home, ignore_errors=True)


def measure_engine(*, rows: int, sets: int, pending: int = 10_000) -> list[Figure]:
    """Measure everything once; each set is found whole in finance afterwards."""
    with durable_books() as books:
        plant_company(books)
        bench = Bench(books, Sender(books), [])
        sizes = [size for size in (10_000, 100_000) if size < rows]
        with running(books, workers=WORKERS) as engine:
            measure_idle(bench, engine)
            measure_large(bench, engine, [*sizes, rows])
            measure_beside(bench, rows)
            measure_live(bench)
        measure_backlog(bench, sets)
        measure_lease(bench, pending)
        assert_whole(books)
        return bench.figures


def assert_whole(books: Books) -> None:
    """Every actual that was sent has arrived, once, and nothing is pending."""
    count = "SELECT count(*), sum(actual_id), sum(amount) FROM {}"
    with books.auditor_operations.raw() as here, books.auditor_finance.raw() as there:
        sent = here.execute(sql.SQL(count).format(sql.Identifier("operations", "actual")))
        came = there.execute(sql.SQL(count).format(sql.Identifier("finance", "staged_actual")))
        assert sent.fetchall() == came.fetchall()
        assert here.execute("SELECT 1 FROM dualwrite.pending LIMIT 1").fetchall() == []


def show(title: str, figures: Sequence[Figure], console: Console) -> None:
    """Print a row per figure with its bar."""
    table = Table(title=title)
    for name in ("measured", "found", "bar", "met"):
        table.add_column(name)
    for one in figures:
        met = "" if one.met is None else ("yes" if one.met else "NO")
        table.add_row(one.what, one.found, one.bar, met)
    console.print(table)


def main() -> int:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engine", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--sets", type=int, default=2_000)
    given = parser.parse_args()
    show("The engine", measure_engine(rows=given.rows, sets=given.sets), Console())
    return 0


if __name__ == "__main__":
    sys.exit(main())
