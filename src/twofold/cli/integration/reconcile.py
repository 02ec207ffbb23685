"""Reconcile: show that both books hold the same rows, which differ, and what can be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, Final

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    Misused,
    actor_name,
    usage,
)
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.compare import Difference
from twofold.dualwrite.standing.reconcile import (
    Asked,
    Reconciliation,
    Recorded,
    new_run,
    recorded,
    recorded_differences,
)
from twofold.dualwrite.standing.reconcile import reconcile as reconcile_route
from twofold.dualwrite.standing.repair import (
    INSERTED,
    LEFT_ALONE,
    OVERWRITTEN,
    Repair,
    Repairing,
)
from twofold.dualwrite.standing.repair import repair as repair_rows
from twofold.journey.system import System
from twofold.kernel.catalogue import CATALOGUE, refuse
from twofold.kernel.errors import Refused

app = App(
    name="reconcile",
    help="Compare the rows of both books, and repair what differs.",
    usage=usage("reconcile", "[COMMAND]"),
)

DIFFERENT: Final = 4
LEFT: Final = 1
_NOTHING_FOUND: Final = "ERR-D77"
_EVERY_RUN: Final = 100_000

MapName = Annotated[str | None, Parameter(name="--map", help="One map; left out: all.")]
RunName = Annotated[str, Parameter(help="The reconciliation, as `twofold reconcile` names it.")]


@app.default
def reconcile(
    *,
    map_id: MapName = None,
    company: Company = None,
    period: Annotated[str | None, Parameter(help="One month, such as 2026-10.")] = None,
    locate: Annotated[
        bool,
        Parameter(
            negative="--no-locate", help="Find the rows and fields that differ; else count only."
        ),
    ] = True,
    limit: LimitOfRows = ROWS_SHOWN,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Compare the rows of both books, map by map, while sets may be on their way."""
    asked = Asked(company=company, period=period, locate=locate)
    found: list[Reconciliation] = []
    with opened(maps="looked at", pair="as it is") as system:
        known = _known(system, map_id)
        with printing.steps("Comparing the books", total=len(known)) as advance:
            run = new_run(system.forward)
            for route, name in known:
                maps = tuple(one for one in system.maps if one.compiled.map.id == name)
                found += reconcile_route(
                    route, maps=maps, asked=asked, actor=actor_name(actor), run=run
                )
                advance(1)
    if company is not None and not any(one.has_rows for one in map(_Line, found)):
        printing.say(f"Neither book has a row of {company}.")
    differences = [(one.map, one.company, row) for one in found for row in one.differences]
    printing.show(
        [_document(one) for one in found],
        _summary(found),
        *([_difference_table(differences, limit)] if differences else []),
        as_json=as_json,
    )
    _advise(run, found, len(differences), limit)
    return DIFFERENT if any(not one.is_equal for one in found) else 0


@app.command(name="list")
def list_runs(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """List what was reconciled, on demand and by the schedule, the last first."""
    with opened(maps="looked at", pair="as it is") as system:
        found = _recorded(system, None, company, _EVERY_RUN)
    found.sort(key=lambda one: (one.run, one.map, one.company), reverse=True)
    looks = [(run, list(of_run)) for run, of_run in groupby(found, key=lambda one: one.run)]
    looks.sort(key=lambda look: max(one.finished_at for one in look[1]), reverse=True)
    rows = [
        (
            run, max(one.finished_at for one in of_run), of_run[0].actor,
            _listed({one.company for one in of_run}), of_run[0].period,
            len({one.map for one in of_run}), sum(one.source_rows for one in of_run),
            sum(one.target_rows for one in of_run), _result(of_run),
        )
        for run, of_run in looks[:limit]
    ]  # fmt: skip
    columns = (
        "Run", "Finished", "By", "Companies", "Period", "Maps", "Source rows", "Target rows",
        "Result",
    )  # fmt: skip
    document = [one for _, of_run in looks[:limit] for one in of_run]
    printing.show(document, printing.table(columns, rows), as_json=as_json)


@app.command
def show(
    run: RunName, /, *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the rows and fields that a reconciliation found different."""
    with opened(maps="looked at", pair="as it is") as system:
        differences: list[tuple[str, str, Difference]] = []
        for one in _chosen(system, run, None, company):
            with _route(system, one.map).target.reader() as there:
                differences += [
                    (one.map, one.company, row) for row in recorded_differences(there, one)
                ]
    document = [
        {"map": name, "company": whose, "difference": row} for name, whose, row in differences
    ]
    printing.show(document, _difference_table(differences, limit), as_json=as_json)


@app.command(usage=usage("reconcile repair", "RUN [ROWS...]"))
def repair(
    run: RunName,
    /,
    *row_keys: Annotated[str, Parameter(help="Only these rows, by their keys, such as '[\"7\"]'.")],
    map_id: MapName = None,
    company: Company = None,
    reason: Annotated[
        str | None, Parameter(help="Why; kept with your name. Left out: only plan it.")
    ] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Say what would make the books equal; with --reason, do it.

    Missing rows are inserted, differing state is overwritten. Facts that differ are named for a
    correction; rows only the other book has are listed; neither is ever changed.
    """
    done: list[Repair] = []
    with opened() as system:
        chosen = [one for one in _chosen(system, run, map_id, company) if one.difference_count]
        if not chosen:
            raise Refused(refuse(_NOTHING_FOUND, run))
        if row_keys and len(chosen) > 1:
            raise Misused("rows are named within one map and company: add --map and --company")
        order = [one.compiled.map.id for one in system.maps]
        for one in sorted(chosen, key=lambda one: (one.company, order.index(one.map))):
            repairing = Repairing(
                route=_route(system, one.map),
                active=next(m for m in system.maps if m.compiled.map.id == one.map),
                recorded=one,
                actor=actor_name(actor),
                reason=reason,
                row_keys=row_keys or None,
            )
            done.append(repair_rows(repairing))
    printing.show(
        [_repair_document(one) for one in done], _repair_table(done, limit), as_json=as_json
    )
    _advise_repair(done, planned=reason is None)
    return LEFT if any(one.count(LEFT_ALONE) for one in done) else 0


@dataclass(frozen=True, slots=True)
class _Line:
    """A result, as the table shows it."""

    one: Reconciliation

    @property
    def has_rows(self) -> bool:
        """Tell whether either book has a row."""
        left_out = self.one.standing.in_flight_rows + self.one.standing.accepted_rows
        return bool(
            self.one.periods or left_out or self.one.standing.gap_rows or self.one.excluded_rows
        )


def _known(system: System, map_id: str | None) -> list[tuple[Route, str]]:
    names = [one.compiled.map.id for one in system.maps]
    if map_id is not None and map_id not in names:
        raise Misused(f"there is no map {map_id}; there are {', '.join(sorted(names))}")
    return [(_route(system, name), name) for name in names if map_id in {None, name}]


def _route(system: System, map_id: str) -> Route:
    (active,) = (one for one in system.maps if one.compiled.map.id == map_id)
    is_forward = active.compiled.map.source_book == "operations"
    return system.forward if is_forward else system.back


def _recorded(system: System, run: str | None, company: str | None, limit: int) -> list[Recorded]:
    """Give what both books have: each keeps the reconciliations of the rows it receives."""
    found: list[Recorded] = []
    for book in (system.dualwrite_finance, system.dualwrite_operations):
        with book.reader() as reader:
            found += recorded(reader, run=run, company=company, limit=limit)
    return found


def _chosen(system: System, run: str, map_id: str | None, company: str | None) -> list[Recorded]:
    known = {one.compiled.map.id for one in system.maps}
    found = _recorded(system, run, company, _EVERY_RUN)
    chosen = [one for one in found if one.map in known and map_id in {None, one.map}]
    if not chosen:
        reason = "there is no reconciliation of this name, map and company"
        raise Refused(refuse(_NOTHING_FOUND, run, reason=reason))
    return chosen


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _result(of_run: list[Recorded]) -> str:
    different = [one for one in of_run if one.differing_buckets]
    if not different:
        return "equal"
    maps = _listed({one.map for one in different})
    if not all(one.is_located for one in different):
        return f"different: {maps}"
    more = "" if all(one.is_complete for one in different) else " and more"
    return f"{_rows(sum(one.difference_count for one in different), more)}: {maps}"


def _rows(count: int, more: str = "") -> str:
    return f"1{more} row differs" if count == 1 and not more else f"{count}{more} rows differ"


def _document(one: Reconciliation) -> dict[str, object]:
    return {
        "run": one.run,
        "map": one.map,
        "company": one.company,
        "is_equal": one.is_equal,
        "periods": one.periods,
        "in_flight_rows": one.standing.in_flight_rows,
        "overdue_sets": one.standing.watermark.overdue,
        "lost_sets": one.standing.watermark.lost,
        "accepted_rows": one.standing.accepted_rows,
        "gap_rows": one.standing.gap_rows,
        "excluded_rows": one.excluded_rows,
        "older_rows": one.older_rows,
        "differing_buckets": one.differing_buckets,
        "differences": one.differences,
        "is_complete": one.is_complete,
    }


def _summary(found: list[Reconciliation]) -> printing.RenderableType:
    columns = (
        "Map", "Company", "Source rows", "Target rows", "In flight", "Given up", "Gap",
        "Excluded", "Older version", "Result",
    )  # fmt: skip
    rows = [
        (
            one.map,
            one.company,
            sum(part.source_rows for part in one.periods),
            sum(part.target_rows for part in one.periods),
            one.standing.in_flight_rows,
            one.standing.accepted_rows,
            one.standing.gap_rows,
            one.excluded_rows,
            one.older_rows,
            _said(one),
        )
        for one in found
    ]
    return printing.table(columns, rows)


def _said(one: Reconciliation) -> str:
    overdue = one.standing.watermark.overdue
    late = f", {printing.counted(overdue, 'set')} overdue" if overdue else ""
    if one.is_equal:
        return f"equal{late}"
    if not one.differences:
        return f"different in {one.differing_buckets} places{late}"
    more = "" if one.is_complete else " and more"
    return f"{_rows(one.differing_rows, more)}{late}"


def _difference_table(
    found: list[tuple[str, str, Difference]], limit: int
) -> printing.RenderableType:
    return printing.table(
        ("Map", "Company", "Key", "What", "Field", "Source", "Target"),
        [
            (name, company, row.row_key, row.kind, row.field, row.source_value, row.target_value)
            for name, company, row in found[:limit]
        ],
        title="Differences",
    )


def _advise(run: str, found: list[Reconciliation], differences: int, limit: int) -> None:
    if differences > limit:
        printing.say(f"{differences - limit} more: `twofold reconcile show {run} --limit N`.")
    if differences:
        printing.say(f"`twofold reconcile repair {run}` says what can be done about them.")
    elif any(not one.is_equal for one in found):
        printing.say("`twofold reconcile --locate` finds the rows and fields.")
    gaps = sorted({one.company for one in found if one.standing.gap_rows})
    for company in gaps:
        printing.say(
            f"Rows of {company} did not travel while a map was stopped:"
            f" `twofold initial-write --company {company} --gaps` brings them over."
        )


def _repair_document(one: Repair) -> dict[str, object]:
    return {
        "run": one.recorded.run,
        "map": one.recorded.map,
        "company": one.recorded.company,
        "is_done": one.is_done,
        "rows": one.rows,
    }


def _repair_table(done: list[Repair], limit: int) -> printing.RenderableType:
    lines = [
        (one.recorded.map, one.recorded.company, row.row_key, action, *rest)
        for one in done
        for row in one.rows
        for action, *rest in _lines(
            row.action, row.fields, row.code, row.reason, is_done=one.is_done
        )
    ]
    columns = ("Map", "Company", "Key", "Action", "Field", "From", "To", "Code", "Reason")
    return printing.table(columns, lines[:limit], title="Repaired" if done[0].is_done else "Plan")


def _lines(
    action: str,
    fields: tuple[Difference, ...],
    code: str,
    reason: str,
    *,
    is_done: bool,
) -> Iterator[tuple[str, str, str | None, str | None, str, str]]:
    """Give a line per field that is overwritten, and one for anything else."""
    planned = {INSERTED: "insert", OVERWRITTEN: "overwrite", LEFT_ALONE: "leave alone"}
    told = action if is_done else planned.get(action, action)
    if action == OVERWRITTEN:
        for one in fields:
            yield told, one.field, one.target_value, one.source_value, code, reason
    else:
        yield told, "", None, None, code, reason


def _advise_repair(done: list[Repair], *, planned: bool) -> None:
    counts = {
        action: sum(one.count(action) for one in done)
        for action in (INSERTED, OVERWRITTEN, LEFT_ALONE)
    }
    if planned:
        printing.say(
            f"Nothing was changed: {counts[INSERTED]} would be inserted, {counts[OVERWRITTEN]} "
            f"overwritten, {counts[LEFT_ALONE]} left alone. With --reason it is done."
        )
    else:
        printing.say(
            f"{counts[INSERTED]} inserted, {counts[OVERWRITTEN]} overwritten, "
            f"{counts[LEFT_ALONE]} left alone."
        )
    for code in sorted({row.code for one in done for row in one.rows if row.code}):
        printing.say(f"{code}: {CATALOGUE[code].remedy}")
