"""Time every station of the flow for M invoices of N lines, and the floor of the same rows.

    python -m tests.bench --lines 100000 --invoices 1
    python -m tests.bench --lines 100000 --invoices 1000 --rows 0

It builds its own data on its own embedded server with durable settings, prints a row per
station, and writes figures and a picture into the output folder. Then, unless ``--rows 0``, it
measures the dual-write engine alone (``tests.bench.engine``) and rows as they stand
(``tests.bench.reconcile``) over that many rows, billing alone (``tests.bench.billing``), the
finance book alone (``tests.bench.finance``) and its ledger over twenty times as many entries
(``tests.bench.ledger``), each figure beside its bar.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import psycopg
from rich.console import Console
from rich.table import Table

from tests.bench import billing, data, engine, finance, floor, ledger, reconcile, scheduled
from tests.bench.plot import draw
from tests.support.server import postgres_bin
from twofold.database import cluster
from twofold.database.connection import Book
from twofold.database.embedded import ADMIN, EmbeddedServer
from twofold.database.invariants import check
from twofold.database.migrate import migrate
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.precheck import precheck_sets
from twofold.finance.journal.post import post_journal
from twofold.finance.posting.post import post_proposals
from twofold.finance.staging.import_from_staging import import_from_staging
from twofold.journey.system import System, activate_shipped_maps, open_system
from twofold.operations.backlog.mark import mark_ready
from twofold.operations.backlog.selection import Selection
from twofold.operations.entries.approve import approve_entries
from twofold.operations.proforma.confirm import confirm_proformas
from twofold.operations.proforma.create import create_proformas

NOW: Final = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
BATCH: Final = 100
WORKERS: Final = 2
SETS: Final = 2_000
ENTRIES_PER_ROW: Final = 20
# Seconds for a million rows (dual-write contract 4.5).
WRITE_SECONDS_MAX: Final = 60.0
COMPARE_SECONDS_MAX: Final = 10.0
LOCATE_SECONDS_MAX: Final = 2.0
INVOICING: Final = (
    "create proformas", "confirm, pre-checked", "deliver invoices", "import proposal lines",
    "post invoices", "write back invoices",
)  # fmt: skip
R = TypeVar("R")
T = TypeVar("T")


@dataclass(slots=True)
class Run:
    """What was measured: seconds per station, in order, and the floor of the rows written."""

    lines: int
    invoices: int
    seconds: dict[str, float] = field(default_factory=dict)
    floor_seconds: float = 0.0
    rows_kept: int = 0
    peak_memory_mb: float = 0.0
    broken: tuple[str, ...] = ()

    @contextmanager
    def station(self, name: str) -> Generator[None]:
        """Add the time of the block to the station ``name``."""
        started = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started


class Flow:
    """Takes the submitted entries to posted invoices and back, station by station."""

    def __init__(self, system: System, run: Run) -> None:
        self.system: Final = system
        self.run: Final = run

    def operations(self, process: Callable[..., R], **given: object) -> R:
        """Run a process of operations in a transaction of its own."""
        with self.system.operations.transaction() as transaction:
            return process(transaction, company=data.COMPANY, **given)

    def finance(self, process: Callable[..., R], **given: object) -> R:
        """Run a process of finance in a transaction of its own."""
        with self.system.finance.transaction() as transaction:
            return process(transaction, company=data.COMPANY, actor="bench", at=NOW, **given)

    def imported(self) -> None:
        """Import from staging; nothing is held or waits."""
        imported = self.finance(import_from_staging, on=NOW.date())
        assert not imported.refusals, imported.refusals[0]

    def work(self) -> None:
        """From submitted entries to posted project transactions and vouchers written back."""
        with self.run.station("approve entries"):
            self.operations(approve_entries, actor="bench", at=NOW)
        with self.run.station("deliver actuals"):
            deliver_sets(self.system.forward)
        with self.run.station("import journal lines"):
            self.imported()
        with self.run.station("post journal"):
            for journal_id in journals(self.system):
                posted = self.finance(post_journal, journal_id=journal_id)
                assert not posted.refusals, posted.refusals[0]
        with self.run.station("write back vouchers"):
            deliver_sets(self.system.back)

    def invoices(self) -> None:
        """From the backlog to posted invoices, mirrored; in batches of a hundred invoices.

        Batches are confirmed, delivered and posted by two workers side by side.
        """
        with self.run.station("mark ready"):
            self.operations(mark_ready, selection=Selection(), actor="bench", at=NOW)
        with self.run.station("create proformas"):
            created = self.operations(
                create_proformas, contract_ids=None, cutoff=data.LAST_DAY, actor="bench", at=NOW
            )
        ids = tuple(one.proforma_id for one in created.proformas)
        batches = [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
        with self.run.station("confirm, pre-checked"):
            self.side_by_side(self.confirm, batches)
        with self.run.station("deliver invoices"):
            self.side_by_side(deliver_sets, [self.system.forward] * min(WORKERS, len(batches)))
        with self.run.station("import proposal lines"):
            self.imported()
        with self.run.station("post invoices"):
            self.side_by_side(self.post, batches)
        with self.run.station("write back invoices"):
            deliver_sets(self.system.back)

    def side_by_side(self, work: Callable[[T], object], parts: list[T]) -> None:
        """Do the parts with as many workers as the machine has cores; they meet in PostgreSQL."""
        with ThreadPoolExecutor(WORKERS) as workers:
            for done in [workers.submit(work, part) for part in parts]:
                done.result()

    def post(self, proposal_ids: tuple[int, ...]) -> None:
        """Post a batch of proposals in one transaction."""
        self.finance(post_proposals, proposal_ids=proposal_ids, invoice_date=None)

    def confirm(self, proforma_ids: tuple[int, ...]) -> None:
        """Confirm as ``journey.confirm`` does, up to the commit."""
        with self.system.operations.transaction() as transaction:
            confirm_proformas(
                transaction,
                company=data.COMPANY,
                proforma_ids=proforma_ids,
                actor="bench",
                at=NOW,
                on=NOW.date(),
            )
            precheck_sets(
                transaction, sealer=self.system.sealer, target=self.system.dualwrite_finance
            )


def journals(system: System) -> list[int]:
    """Give the draft journals of the company."""
    with system.auditor_finance.raw() as connection:
        rows = connection.execute(
            "SELECT journal_id FROM finance.journal WHERE state = 'draft' ORDER BY journal_id"
        )
        return [journal_id for (journal_id,) in rows]


def measure_floor(server: EmbeddedServer, system: System, run: Run, folder: Path) -> None:
    """Copy all rows of the run into empty databases with the same tables and indexes."""
    for source in (system.auditor_operations, system.auditor_finance):
        book = source.name
        target = folder / book
        target.mkdir()
        with source.raw() as connection:
            run.rows_kept += sum(floor.copy_out(connection, target, data.COMPANY).values())
        database = f"floor_{book}"
        with server.admin() as connection:
            cluster.create_database(connection, database, book)
        migrate(book, server.dsn_to(database, cluster.OWNER))
        dsn = server.dsn_to(database, ADMIN)
        with psycopg.connect(dsn, autocommit=True) as connection:
            run.floor_seconds += floor.copy_in(connection, target)


def measure(lines: int, invoices: int, folder: Path) -> Run:
    """Run the flow once on a server of its own, and the floor after it."""
    run = Run(lines, invoices)
    home = Path(tempfile.mkdtemp(prefix="tf-bench-", dir="/tmp"))
    home.chmod(0o711)
    server = EmbeddedServer(home, postgres_bin())
    try:
        server.ensure()
        for book in cluster.BOOKS:
            migrate(book, server.dsn(book, cluster.OWNER))
        activate_shipped_maps(server.dsn, actor="bench", at=NOW)
        system = open_system(server.dsn, now=lambda: NOW)
        owner = Book("operations", server.dsn("operations", cluster.OWNER), cluster.OWNER)
        data.prepare(system, owner, folder, lines=lines, contracts=invoices)
        flow = Flow(system, run)
        flow.work()
        flow.invoices()
        run.peak_memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with system.auditor_operations.reader() as here, system.auditor_finance.reader() as there:
            broken = check(operations=here, finance=there)
        run.broken = tuple(one.invariant for one in broken)
        measure_floor(server, system, run, folder)
        system.close()
        owner.close()
    finally:
        server.erase()
        shutil.rmtree(home, ignore_errors=True)
    return run


def show(run: Run, console: Console) -> None:
    """Print a row per station, and the whole."""
    table = Table(title=f"{run.invoices:,} invoice(s), {run.lines:,} lines")
    for name in ("station", "seconds", "lines/s", "x floor"):
        table.add_column(name, justify="left" if name == "station" else "right")
    total = sum(run.seconds.values())
    for name, seconds in (*run.seconds.items(), ("end to end", total)):
        times = f"{seconds / run.floor_seconds:.2f}"
        table.add_row(name, f"{seconds:.2f}", f"{run.lines / seconds:,.0f}", times)
    floor_rate = f"{run.lines / run.floor_seconds:,.0f}"
    table.add_row("floor (COPY)", f"{run.floor_seconds:.2f}", floor_rate, "1.00")
    console.print(table)
    invoicing = sum(run.seconds[name] for name in run.seconds if name in INVOICING)
    verified = "clean" if not run.broken else f"BROKEN {run.broken}"
    console.print(
        f"{run.rows_kept:,} rows kept · {run.invoices / total:,.1f} invoices/s end to end, "
        f"{run.invoices / invoicing:,.1f} from backlog to mirror · "
        f"Python peak {run.peak_memory_mb:.0f} MB · verify: {verified}"
    )


def standing(rows: int) -> list[engine.Figure]:
    """Measure rows as they stand, on durable books of their own."""
    with engine.durable_books() as books:
        seconds = reconcile.measure(books, rows)
    lowest = seconds["read by COPY"]
    compared = seconds["reconcile, equal"]
    bars = {
        "initial write": WRITE_SECONDS_MAX,
        "reconcile, equal": COMPARE_SECONDS_MAX,
        "reconcile, one field located": compared + LOCATE_SECONDS_MAX,
    }
    return [
        engine.Figure(
            f"{name}, {rows:,} rows",
            f"{spent:.2f} s, {spent / lowest:.1f} times reading them by COPY",
            f"≤ {bars[name]:.1f} s" if name in bars else "",
            spent <= bars[name] if name in bars else None,
        )
        for name, spent in seconds.items()
    ]


def bridge(rows: int, output: Path, console: Console) -> None:
    """Measure the bridge alone, and write the figures beside those of the flow."""
    found = engine.measure_engine(rows=rows, sets=SETS)
    engine.show("The engine", found, console)
    found += (stood := standing(rows))
    engine.show("Rows as they stand", stood, console)
    text = json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False)
    (output / "bench-bridge.json").write_text(text + "\n", encoding="utf-8")


def bills(rows: int, output: Path, console: Console) -> None:
    """Measure billing alone, and write the figures beside the others."""
    found = billing.measure_billing(rows=rows, open_rows=5 * rows)
    found += scheduled.measure_job(contracts=rows // 100, lines=100)
    engine.show("Billing", found, console)
    text = json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False)
    (output / "bench-billing.json").write_text(text + "\n", encoding="utf-8")


def posts(rows: int, output: Path, console: Console) -> None:
    """Measure the finance book and its ledger alone, and write the figures beside the others."""
    found = finance.measure_finance(rows=rows)
    with engine.durable_books() as books:
        found += ledger.measure_ledger(books, ENTRIES_PER_ROW * rows)
    engine.show("The finance book", found, console)
    text = json.dumps([asdict(one) for one in found], indent=2, ensure_ascii=False)
    (output / "bench-finance.json").write_text(text + "\n", encoding="utf-8")


def main() -> int:
    """Measure as the arguments say; 1 when an invariant is broken afterwards."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--invoices", type=int, default=1)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--output", type=Path, default=Path("bench"))
    given = parser.parse_args()
    given.output.mkdir(exist_ok=True)
    console = Console()
    runs: list[Run] = []
    for lines in given.lines:
        folder = Path(tempfile.mkdtemp(prefix="twofold-bench-"))
        try:
            runs.append(measure(lines, given.invoices, folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        show(runs[-1], console)
    name = f"bench-{given.invoices}"
    written = [
        {
            "lines": run.lines, "invoices": run.invoices, "seconds": run.seconds,
            "floor_seconds": run.floor_seconds, "rows_kept": run.rows_kept,
            "peak_memory_mb": run.peak_memory_mb, "broken": run.broken,
        }
        for run in runs
    ]  # fmt: skip
    (given.output / f"{name}.json").write_text(json.dumps(written, indent=2) + "\n")
    draw(written, given.output / f"{name}.png")
    if given.rows:
        bridge(given.rows, given.output, console)
        bills(given.rows, given.output, console)
        posts(given.rows, given.output, console)
    return 1 if any(run.broken for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
