"""Billing alone, over many rows: marked ready, put on a draft, confirmed, revised, listed.

    python -m tests.bench.billing --rows 1000000 --open 5000000

Sales are planted as approval leaves them. The floor of a step is binary ``COPY`` of the rows it
writes or changes, into empty tables with the same constraints and indexes, in the same run.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from rich.console import Console

from tests.bench import engine, floor
from tests.operations.billing import CUTOFF, KEEP_SUMS, broken, confirm, create, plant_contracts
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.embedded import ADMIN
from twofold.operations.backlog.mark import mark_ready
from twofold.operations.backlog.reads import BacklogFilter, backlog_totals, list_backlog
from twofold.operations.backlog.selection import Selection
from twofold.operations.proforma.revise import revise_proforma

COMPANY: Final = "USPM"
FIRST_KEY: Final = 10_000_000
TIMES_FLOOR_MAX: Final = 3.0
PAGE_SECONDS_MAX: Final = 0.3
# Seconds for a million rows.
BARS: Final = {"mark ready": 8.0, "create a proforma": 12.0, "confirm it": 12.0, "revise it": 20.0}
# Copies of how many rows of which table each step writes or changes, per line.
WRITES: Final = {
    "mark ready": {"backlog_item": 1},
    "create a proforma": {"backlog_item": 1, "proforma_detail": 1},
    "confirm it": {"actual": 2},
    "revise it": {"proforma_detail": 1},
    "confirm the credit": {"actual": 2, "backlog_item": 1},
}

SALES: Final = """
    INSERT INTO operations.actual (
        company, actual_id, transaction_type, class, billing_type, event, transaction_date,
        accounting_date, quantity, price, amount, currency, unit, project_id, contract_id,
        contract_line_id, customer_id, skip_sync, change_set_id, description
    )
    SELECT
        %(company)s, %(first)s + line, 'unbilled_sales', 'time', 'chargeable', 'approval',
        '2026-10-01'::date + (line %% 31)::integer, '2026-10-01'::date + (line %% 31)::integer,
        1 + line %% 8, 200, 200 * (1 + line %% 8), 'USD', 'hour', 1, %(contract)s, 10, 1, false, 1,
        'Work item ' || line
    FROM generate_series(1, %(rows)s) AS line
"""
ITEMS: Final = """
    INSERT INTO operations.backlog_item (
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class,
        billing_type, transaction_date, quantity, amount, currency, state, not_to_exceed
    )
    SELECT
        %(company)s, %(first)s + line, 1 + %(contracts)s * (line %% 2), 10 + 10 * (line %% 2), 1,
        1 + line %% 2, 'time', 'chargeable', '2026-10-01'::date + (line %% 31)::integer,
        1 + line %% 8, 200 * (1 + line %% 8), 'USD', 'created', 'not_applicable'
    FROM generate_series(1, %(rows)s) AS line
"""


@dataclass(slots=True)
class Bench:
    """The books, and how long each step took."""

    books: Books
    rows: int
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Take the time of a step, its commit included."""
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


def plant(books: Books, statement: str, *, rows: int, **given: int) -> None:
    """Plant rows as owner, with the statistics that a running server has of them."""
    with books.owner_operations.raw() as connection:
        connection.execute(
            statement.encode(), {"company": COMPANY, "first": FIRST_KEY, "rows": rows, **given}
        )
    with books.owner_operations.raw() as connection:
        connection.execute(KEEP_SUMS)
        connection.execute("ANALYZE operations.actual, operations.backlog_item")
        connection.execute("SELECT setval('operations.actual_key', %s)", (FIRST_KEY + 2 * rows,))


def bill(bench: Bench) -> None:
    """Take the sales through their life: ready, on a draft, confirmed, credited whole."""
    books = bench.books
    with bench.step("mark ready"), books.operations.transaction() as transaction:
        marked = mark_ready(
            transaction, company=COMPANY, selection=Selection(contract_id=1), actor="ann", at=NOW
        )
    assert marked.item_count == bench.rows, marked
    with bench.step("create a proforma"):
        (draft,) = create(books, 1).proformas
    with bench.step("confirm it"):
        confirm(books, draft.proforma_id)
    with bench.step("revise it"), books.operations.transaction() as transaction:
        credit = revise_proforma(
            transaction,
            company=COMPANY,
            proforma_id=draft.proforma_id,
            actual_ids=None,
            actor="pm",
            at=NOW,
        )
    with bench.step("confirm the credit"):
        confirm(books, credit.proforma_id)
    assert broken(books) == []


def floors(bench: Bench, folder: Path) -> dict[str, float]:
    """Copy as many rows as there were lines of each table that was written; give the seconds."""
    found: dict[str, float] = {}
    for table in sorted({one for writes in WRITES.values() for one in writes}):
        target = folder / table
        target.mkdir()
        name = sql.Identifier("operations", table)
        rows = sql.SQL("SELECT * FROM {} LIMIT {}").format(name, bench.rows)
        with bench.books.owner_operations.raw() as connection:
            floor.write(connection, rows, target / f"operations.{table}")
        with bench.books.server.fresh_pair() as pair:
            dsn = bench.books.server.embedded.dsn_to(pair.operations, ADMIN)
            with psycopg.connect(dsn, autocommit=True) as connection:
                found[table] = floor.copy_in(connection, target)
    return found


def lists(books: Books, rows: int) -> dict[str, float]:
    """Show the backlog of many open sales: totals by contract, and the first page of items."""
    plant(books, ITEMS, rows=rows, contracts=1)
    seconds: dict[str, float] = {}
    for name in ("totals by contract", "first page"):
        started = time.perf_counter()
        with books.operations.reader() as reader:
            if name == "first page":
                list_backlog(reader, company=COMPANY, only=BacklogFilter(), limit=50)
            else:
                backlog_totals(reader, company=COMPANY, only=BacklogFilter(as_of=CUTOFF))
        seconds[name] = time.perf_counter() - started
    return seconds


def measure_billing(*, rows: int, open_rows: int) -> list[engine.Figure]:
    """Measure everything once; the invariants of the book hold afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="twofold-bench-"))
    figures: list[engine.Figure] = []
    try:
        with engine.durable_books() as books:
            plant_contracts(books)
            plant(books, SALES, rows=rows, contract=1)
            with books.owner_operations.raw() as connection:
                connection.execute("UPDATE dualwrite.outbox SET key_last = %s", (FIRST_KEY + rows,))
                connection.execute(AS_APPROVED.encode(), {"first": FIRST_KEY})
                connection.execute(KEEP_SUMS)
                connection.execute("ANALYZE operations.backlog_item")
            bench = Bench(books, rows)
            bill(bench)
            lowest = floors(bench, folder)
        for name, seconds in bench.seconds.items():
            lowest_of_it = sum(count * lowest[table] for table, count in WRITES[name].items())
            times = seconds / lowest_of_it
            bar = BARS.get(name)
            most = bar * rows / 1_000_000 if bar else None
            figures.append(
                engine.Figure(
                    f"{name}, {rows:,} lines",
                    f"{seconds:.2f} s, {times:.1f} times the floor",
                    f"≤ {most:.1f} s, {TIMES_FLOOR_MAX:.0f} times" if most else "",
                    (seconds <= most and times <= TIMES_FLOOR_MAX) if most else None,
                )
            )
        with engine.durable_books() as books:
            plant_contracts(books)
            figures += [
                engine.Figure(
                    f"backlog, {name}, {open_rows:,} open",
                    f"{seconds:.2f} s",
                    f"≤ {PAGE_SECONDS_MAX:.1f} s",
                    seconds <= PAGE_SECONDS_MAX,
                )
                for name, seconds in lists(books, open_rows).items()
            ]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return figures


AS_APPROVED: Final = """
    INSERT INTO operations.backlog_item (
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class,
        billing_type, transaction_date, quantity, amount, currency, state, not_to_exceed
    )
    SELECT
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class,
        billing_type, transaction_date, quantity, amount, currency, 'created', 'not_applicable'
    FROM operations.actual
    WHERE actual_id > %(first)s
"""


def main() -> None:
    """Measure as the arguments say, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=5_000_000, dest="open_rows")
    given = parser.parse_args()
    found = measure_billing(rows=given.rows, open_rows=given.open_rows)
    engine.show("Billing", found, Console())


if __name__ == "__main__":
    main()
