"""The finance book alone: import from staging, the integration journal, one proposal, many.

    python -m tests.bench.finance --rows 1000000

Sales are planted as they arrive from operations; every later step is the product's own, each in a
transaction with its commit and the sealing of its change sets. The floor of a step is binary
``COPY`` of the rows it wrote, into empty tables with the same constraints and indexes, in the same
run. A journal line is a sale that accrues: a project transaction and a voucher of two entries.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
from psycopg import sql
from rich.console import Console

from tests.bench import engine, floor
from tests.bench.data import COMPANY, EXAMPLES
from tests.bench.engine import Figure
from tests.bench.world import PROJECTS, RESOURCES
from tests.operations.billing import system_of
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.embedded import ADMIN
from twofold.database.invariants import check_book
from twofold.database.statement import Command, SqlFile
from twofold.finance.journal.post import post_journal
from twofold.finance.posting.candidates import Wanted, find_candidates
from twofold.finance.posting.post import post_proposals
from twofold.finance.setup.apply import apply_setup
from twofold.finance.setup.file import read_setup
from twofold.finance.staging.import_from_staging import import_from_staging
from twofold.journey.post_batch import PostingOrder, post_batch

WORKERS: Final = 2
LINES: Final = 100
TIMES_FLOOR_MAX: Final = 3.0
LINES_PER_SECOND_MIN: Final = 20_000
# Seconds for a million lines.
BARS: Final = {"import from staging": 10.0, "post the journal": 20.0, "post one proposal": 20.0}

SQL: Final = SqlFile("tests.bench.finance")  # its name is another when it is run
RECORDS: Final = ("records", "contracts", "projects", "contract_lines", "categories", "resources")
PLANT: Final = {
    name: SQL.command(f"plant_{name}")
    for name in (*RECORDS, "sales", "bills", "connections", "headers", "sets")
}

# The rows that each step writes.
_JOURNAL: Final[Mapping[str, LiteralString]] = {
    "finance.project_transaction": "true",
    "finance.ledger_entry": "true",
}
_INVOICES: Final[Mapping[str, LiteralString]] = {
    "finance.customer_invoice": "true",
    "finance.invoice_line": "true",
    "finance.customer_transaction": "true",
    "finance.tax_transaction": "true",
    "finance.ledger_entry": "posting_id IN"
    " (SELECT posting_id FROM finance.posting WHERE kind = 'invoices')",
    "dualwrite.outbox": "kind = 'invoice_posting'",
}
WRITES: Final[Mapping[str, Mapping[str, LiteralString]]] = {
    "import from staging": {"finance.journal_line": "true"},
    "post the journal": _JOURNAL,
    "make proposal lines": {"finance.proposal_line": "true"},
    "post one proposal": _INVOICES,
    "post proposals": _INVOICES,
}


@dataclass(slots=True)
class Bench:
    """The books, and how long each step and its floor took."""

    books: Books
    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)
    lowest: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, *, has_floor: bool = True) -> Generator[None]:
        """Take the time of a step and, after it, of its floor."""
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started
        if has_floor:
            self.lowest[name] = self._floor(name)

    def plant(self, command: Command, **given: object) -> None:
        """Plant rows as owner, with the statistics that a running server has of them."""
        used = {name: given[name] for name in command.parameters}
        with self.books.owner_finance.transaction() as transaction:
            transaction.run(command, **used)

    def finance(self, process: Callable[..., Any], **given: object) -> Any:  # noqa: ANN401 - what it gives
        """Run a process in a transaction of its own."""
        with self.books.finance.transaction() as transaction:
            return process(transaction, company=COMPANY, actor="bench", at=NOW, **given)

    def one(self, query: str) -> tuple[Any, ...]:
        """Give the only row of a query."""
        with self.books.auditor_finance.raw() as connection:
            (row,) = connection.execute(query.encode()).fetchall()
            return row

    def _floor(self, name: str) -> float:
        target = self.folder / name.replace(" ", "-")
        target.mkdir()
        for table, which in WRITES[name].items():
            rows = sql.SQL("SELECT * FROM {} WHERE company = {} AND {}").format(
                sql.Identifier(*table.split(".")), COMPANY, sql.SQL(which)
            )
            with self.books.owner_finance.raw() as connection:
                floor.write(connection, rows, target / table)
        with self.books.server.fresh_pair() as pair:
            dsn = self.books.server.embedded.dsn_to(pair.finance, ADMIN)
            with psycopg.connect(dsn, autocommit=True) as connection:
                seconds = floor.copy_in(connection, target)
        shutil.rmtree(target)
        return seconds


def run(bench: Bench, *, proposals: int, lines: int) -> None:
    """Take ``lines`` sales of each of so many proposals from staging to posted invoices."""
    given = {
        "company": COMPANY, "projects": PROJECTS, "resources": RESOURCES, "at": NOW,
        "rows": proposals * lines, "lines": lines,
    }  # fmt: skip
    _set_up(bench.books)
    for name in (*RECORDS, "sales", "sets"):
        bench.plant(PLANT[name], **given)
    _settle(bench)
    with bench.step("import from staging", has_floor=proposals == 1):
        (journal,) = bench.finance(import_from_staging, on=NOW.date()).journals
    _settle(bench)
    with bench.step("post the journal", has_floor=proposals == 1):
        posted = bench.finance(post_journal, journal_id=journal.journal_id)
    assert posted.posted_count == given["rows"], posted.refusals[:3]
    for name in ("bills", "connections", "headers", "sets"):
        bench.plant(PLANT[name], **given)
    _settle(bench)
    with bench.step("make proposal lines", has_floor=proposals == 1):
        made = bench.finance(import_from_staging, on=NOW.date())
    assert len(made.ready_proposal_ids) == proposals, made.refusals[:3]
    _settle(bench)
    if proposals == 1:
        with bench.step("post one proposal"):
            bench.finance(post_proposals, proposal_ids=made.ready_proposal_ids, invoice_date=None)
    else:
        with bench.step("post proposals"):
            _post_side_by_side(bench)
    _whole(bench, proposals=proposals, lines=lines)


def _set_up(books: Books) -> None:
    file = EXAMPLES / "finance.toml"
    setup = read_setup(file.read_bytes(), file=file.name)
    with books.finance.transaction() as transaction:
        apply_setup(transaction, setup=setup, actor="bench", at=NOW)


def _settle(bench: Bench) -> None:
    """Do what autovacuum and the checkpointer do by themselves sooner or later."""
    with bench.books.owner_finance.session() as connection:
        connection.execute("VACUUM ANALYZE")
    with bench.books.server.embedded.admin() as connection:
        connection.execute("CHECKPOINT")


def _post_side_by_side(bench: Bench) -> None:
    with bench.books.finance.reader() as reader:
        found = find_candidates(reader, company=COMPANY, wanted=Wanted())
    done = post_batch(
        system_of(bench.books),
        company=COMPANY,
        proposals=found,
        order=PostingOrder(actor="bench", workers=WORKERS),
        tell=lambda _: None,
    )
    assert not done.refusals, done.refusals[:3]


def _whole(bench: Bench, *, proposals: int, lines: int) -> None:
    """Every line is invoiced once, numbers have no gap, and the book's invariants hold."""
    assert bench.one("SELECT count(*), count(DISTINCT actual_id) FROM finance.invoice_line") == (
        proposals * lines,
        proposals * lines,
    )
    assert bench.one(
        """
        SELECT count(*), max(number) - min(number) + 1, min(number)
        FROM (
            SELECT substring(invoice_number FROM '[0-9]+$')::bigint AS number
            FROM finance.customer_invoice
        ) AS invoice
        """
    ) == (proposals, proposals, 1)
    with bench.books.auditor_finance.reader() as reader:
        broken = [one.invariant for one in check_book(reader, "finance")]
    assert broken == [], broken


def measure_finance(*, rows: int) -> list[Figure]:
    """Measure one proposal of so many lines, then proposals of a hundred lines each."""
    found: list[Figure] = []
    with _bench() as bench:
        run(bench, proposals=1, lines=rows)
    for name, seconds in bench.seconds.items():
        times = seconds / bench.lowest[name]
        most = BARS[name] * rows / 1_000_000 if name in BARS else None
        found.append(
            Figure(
                f"{name}, {rows:,} lines",
                f"{seconds:.2f} s, {times:.1f} times the floor",
                f"≤ {most:.1f} s, {TIMES_FLOOR_MAX:.0f} times" if most else "",
                (seconds <= most and times <= TIMES_FLOOR_MAX) if most else None,
            )
        )
    with _bench() as bench:
        run(bench, proposals=rows // LINES, lines=LINES)
    seconds, lowest = bench.seconds["post proposals"], bench.lowest["post proposals"]
    rate = rows / seconds
    found.append(
        Figure(
            f"posting {rows // LINES:,} proposals x {LINES} lines, {WORKERS} workers",
            f"{rate:,.0f} lines/s, {seconds / lowest:.1f} times the floor",
            f"≥ {LINES_PER_SECOND_MIN:,} lines/s, {TIMES_FLOOR_MAX:.0f} times",
            rate >= LINES_PER_SECOND_MIN and seconds <= TIMES_FLOOR_MAX * lowest,
        )
    )
    return found


@contextmanager
def _bench() -> Generator[Bench]:
    folder = Path(tempfile.mkdtemp(prefix="twofold-bench-"))
    try:
        with engine.durable_books() as books:
            yield Bench(books, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Measure as the arguments say, and print; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.finance", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    found = measure_finance(rows=given.rows)
    engine.show("The finance book", found, Console())
    return 1 if any(one.met is False for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
