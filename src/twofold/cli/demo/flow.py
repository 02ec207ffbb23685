"""The whole flow on the example files: from exported hours to the ledger and back.

Every station runs the same processes as the commands do. Running it again is harmless: what is
there already is found, said and reused. The business day is fixed, so that the figures are the
same on every machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.demo.advance import CUSTOMER, agree_advance
from twofold.cli.demo.correction import correct_price
from twofold.cli.demo.people import add_people
from twofold.cli.demo.report import YEAR, DemoReport, make_report, report_tables
from twofold.cli.finance.arrivals import import_companies
from twofold.cli.finance.journal import WORKERS, post_chosen
from twofold.cli.finance.proposal_post import post_ready
from twofold.cli.integration.deliver import deliver_all, waiting_sets
from twofold.cli.opening import opened
from twofold.cli.operations.backlog import EVERYTHING, mark, totals_of, totals_table
from twofold.cli.operations.entries import approve_companies
from twofold.cli.operations.importing import record
from twofold.cli.operations.proforma import create_drafts
from twofold.cli.operations.proforma_confirm import confirm_drafts, drafts_of
from twofold.cli.parameters import AsJson, Misused, actor_name
from twofold.cli.setup import apply_finance, apply_operations, written
from twofold.finance.closing.accruals import imbalances
from twofold.finance.journal.posting_run import Chosen
from twofold.finance.setup.file import read_setup
from twofold.journey.system import System
from twofold.kernel.errors import Refusal
from twofold.operations.entries.formats.recognise import read_export
from twofold.operations.setup.guards import known_companies

BUSINESS_DAY: Final = date(2026, 11, 2)
FILES: Final = (
    "toggl-october.csv",
    "clockify-october.csv",
    "harvest-october.csv",
    "expenses.xlsx",
    "shared-bench.csv",
)
REFUSED: Final = 1
BROKEN: Final = 4

# In a checkout the examples lie beside the sources; an installed package does not carry them.
_EXAMPLES: Final = Path(__file__).parents[4] / "examples"
_NAME_WIDTH: Final = 34
_OUTCOME_WIDTH: Final = 52


@dataclass(frozen=True, slots=True)
class Station:
    """One station of the demo: what came of it, and how long it took."""

    name: str
    outcome: str
    seconds: float


@dataclass(slots=True)
class _Tour:
    """One run: where the files are, who asks, and the stations so far."""

    system: System
    examples: Path
    actor: str
    loud: bool
    stations: list[Station] = field(default_factory=list[Station])
    refusals: list[Refusal] = field(default_factory=list[Refusal])

    @contextmanager
    def station(self, name: str) -> Generator[Callable[[str], None]]:
        """Run one station; the block tells its outcome, and the line appears when it is done."""
        told: list[str] = []
        began = time.perf_counter()
        with printing.working(name):
            yield told.append
        station = Station(name, "; ".join(told), round(time.perf_counter() - began, 3))
        self.stations.append(station)
        if self.loud:
            line = f"{name:<{_NAME_WIDTH}}  {station.outcome:<{_OUTCOME_WIDTH}}"
            printing.output().print(f"{line} {station.seconds:7.2f} s", markup=False)


def demo(
    *,
    examples: Annotated[
        Path | None, Parameter(help="Where the example files are; left out: in this checkout.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Run the whole flow on the example files, up to the ledger."""
    directory = _example_files(examples or _EXAMPLES)
    with opened() as system:
        _check_books(system, directory)
        tour = _Tour(system, directory, actor_name(None), loud=not as_json)
        _set_up(tour)
        _record_work(tour)
        _agree(tour)
        _bill(tour)
        _post(tour)
        _correct(tour)
        _reconcile(tour)
        with tour.station("Verify") as told:
            report = make_report(system)
            broken = len(report.broken)
            told(f"{report.invariant_count - broken} invariants hold, {broken} broken")
        left = waiting_sets(system, company=None)
    _show(tour, report, as_json=as_json)
    if report.broken or left:
        return BROKEN
    return REFUSED if tour.refusals else 0


def _example_files(directory: Path) -> Path:
    needed = ("finance.toml", "operations.toml", *FILES)
    missing = [name for name in needed if not (directory / name).is_file()]
    if missing:
        raise Misused(
            f"the demo needs its example files, and {directory} has no {', '.join(missing)}: "
            "run it in a checkout of Twofold, or add --examples DIRECTORY"
        )
    return directory


def _check_books(system: System, directory: Path) -> None:
    """Refuse books that others work in: the demo approves and posts all it finds."""
    file = directory / "finance.toml"
    setup = read_setup(file.read_bytes(), file=file.name)
    with system.operations.reader() as reader:
        others = known_companies(reader).keys() - {one.code for one in setup.company}
    if others:
        raise Misused(
            f"these books have companies of their own ({', '.join(sorted(others))}): "
            "set TWOFOLD_HOME to an empty directory and run the demo there"
        )


def _set_up(tour: _Tour) -> None:
    """Tell both books what they are about: accounts here, contracts and prices there."""
    system, actor = tour.system, tour.actor
    with tour.station("Set up the finance book") as told:
        rows, warnings = apply_finance(system, tour.examples / "finance.toml", actor=actor)
        told(_written(written(rows)))
        tour.refusals += warnings
    _deliver(tour, "Deliver companies")
    with tour.station("Set up the operations book") as told:
        rows = apply_operations(system, tour.examples / "operations.toml", actor=actor)
        told(_written(written(rows)))
    _deliver(tour, "Deliver customers and contracts")
    with tour.station("Add people") as told:
        added = add_people(system, actor=actor)
        told(printing.counted(added, "person", "people") if added else "added before")


def _record_work(tour: _Tour) -> None:
    """Turn exported hours and expenses into entries, and by approval into actuals."""
    for name in FILES:
        with tour.station(f"Import {name}") as told:
            export = read_export(tour.examples / name)
            result = record(tour.system, export, actor=tour.actor, on_bad_row="leave_out")
            told(
                printing.counted(result.added, "entry", "entries")
                if result.added
                else f"imported before, {printing.counted(result.already_there, 'row')} reused"
            )
            tour.refusals += result.refusals
    with tour.station("Approve") as told:
        results = approve_companies(tour.system, actor=tour.actor)
        entry_count = sum(one.entry_count for one in results)
        actual_count = sum(total.actual_count for one in results for total in one.totals)
        told(
            f"{printing.counted(entry_count, 'entry', 'entries')} became "
            f"{printing.counted(actual_count, 'actual')}"
            if entry_count
            else "nothing new to approve"
        )
    _deliver(tour, "Deliver actuals")


def _agree(tour: _Tour) -> None:
    """Agree that a customer pays something before the work; billed with the rest."""
    with tour.station("Agree an advance") as told:
        added = agree_advance(tour.system, on=BUSINESS_DAY, actor=tour.actor)
        told(
            "agreed before"
            if added is None
            else f"{CUSTOMER} pays {added.amount:.2f} {added.currency} before the work"
        )


def _bill(tour: _Tour) -> None:
    """Make proformas of what is ready, confirmed live: finance has them at once."""
    system, actor = tour.system, tour.actor
    totals = totals_of(system)
    if tour.loud and totals:
        printing.output().print()
        printing.print_parts(printing.output(), totals_table(totals))
        printing.output().print()
    with tour.station("Mark ready to invoice") as told:
        marked = mark(system, None, EVERYTHING, state="ready", actor=tour.actor)
        items = sum(one.item_count for _, one in marked)
        milestones = sum(one.milestone_count for _, one in marked)
        advances = sum(one.retainer_count for _, one in marked)
        already = sum(one.already_count for _, one in marked)
        told(
            _joined(
                printing.counted(items, "item"),
                printing.counted(milestones, "milestone"),
                printing.counted(advances, "advance"),
                f"{already} already ready",
            )
        )
        tour.refusals += [refusal for _, one in marked for refusal in one.refusals]
    with tour.station("Create proformas") as told:
        runs = create_drafts(system, company=None, contracts=(), cutoff=BUSINESS_DAY, actor=actor)
        count = sum(len(run.proformas) for _, run in runs)
        told(printing.counted(count, "draft") if count else "nothing new to bill")
        tour.refusals += [refusal for _, run in runs for refusal in run.refusals]
    with tour.station("Confirm, live with finance") as told:
        done = confirm_drafts(system, drafts_of(system, None), actor=actor, on=BUSINESS_DAY)
        count = sum(len(one.proformas) for _, one in done.confirmations)
        told(f"{count} confirmed, finance has them" if count else "no draft to confirm")
        tour.refusals += done.refusals


def _post(tour: _Tour) -> None:
    """Let finance take over: journals, lines, invoices; operations hears of it."""
    system, actor = tour.system, tour.actor
    with tour.station("Import from staging") as told:
        runs = import_companies(system, None, actor=actor, on=BUSINESS_DAY)
        lines = sum(run.line_count for _, run in runs)
        waiting = sum(run.waiting_proposal_count for _, run in runs)
        told(
            _joined(
                printing.counted(lines, "journal line"),
                printing.counted(waiting, "proposal waits for them", "proposals wait for them"),
            )
        )
    with tour.station("Post journals") as told:
        drafts = {code: Chosen() for code in chosen_companies(system, None)}
        journals, refusals = post_chosen(system, drafts, workers=WORKERS, actor=actor)
        posted = sum(one.posted_count for _, one in journals)
        entries = sum(one.entry_count for _, one in journals)
        told(
            _joined(
                printing.counted(posted, "line"),
                printing.counted(entries, "ledger entry", "ledger entries"),
            )
        )
        tour.refusals += refusals
    with tour.station("Import invoice lines") as told:
        runs = import_companies(system, None, actor=actor, on=BUSINESS_DAY)
        ready = sum(len(run.ready_proposal_ids) for _, run in runs)
        told(_joined(printing.counted(ready, "proposal ready", "proposals ready")))
        tour.refusals += [refusal for _, run in runs for refusal in run.refusals]
    with tour.station("Post invoices") as told:
        done = post_ready(system, None, actor=actor)
        told(_joined(printing.counted(len(done.invoices), "customer invoice")))
        tour.refusals += done.refusals
    _deliver(tour, "Deliver accounting detail back")


def _correct(tour: _Tour) -> None:
    """One of two customers was billed at the wrong price: credit it, and bill the right one."""
    with tour.station("Correct an invoice") as told:
        corrected = correct_price(tour.system, actor=tour.actor, on=BUSINESS_DAY)
        if corrected is None:
            told("corrected before")
            return
        original, number, done = corrected
        told(f"{number} credits {original} and bills it anew")
        tour.refusals += done.refusals
    _post(tour)


def _reconcile(tour: _Tour) -> None:
    """Compare what was accrued of the invoices of the year with what they reversed (P37)."""
    first, last = YEAR
    with tour.station("Reconcile accrued revenue") as told:
        with tour.system.auditor_finance.reader() as reader:
            differing = [
                one
                for code in chosen_companies(tour.system, None)
                for one in imbalances(
                    reader, company=code, period_from=first, period_to=last, view="transaction"
                )
            ]
        told(
            f"{printing.counted(len(differing), 'transaction')} out of balance"
            if differing
            else "every accrual that was invoiced is reversed"
        )


def _deliver(tour: _Tour, name: str) -> None:
    with tour.station(name) as told:
        forward, back = deliver_all(tour.system)
        told(
            _joined(
                printing.counted(forward.applied + back.applied, "set"),
                printing.counted(forward.rows + back.rows, "row"),
            )
        )


def _show(tour: _Tour, report: DemoReport, *, as_json: bool) -> None:
    if as_json:
        document = {"stations": tour.stations, "report": report, "refused": tour.refusals}
        printing.print_json(document)
        return
    printing.output().print()
    printing.print_parts(printing.output(), *report_tables(report))
    printing.tell_refusals(tour.refusals, title="Left out or warned of")


def _written(count: int) -> str:
    return printing.counted(count, "row") if count else "unchanged, reused"


def _joined(*parts: str) -> str:
    """Join counts with their words, without those that count nothing."""
    return ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing new"
