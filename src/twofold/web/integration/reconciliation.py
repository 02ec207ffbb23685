"""Reconciliation: what was compared, what differs down to the field, and how it is repaired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from starlette.exceptions import HTTPException

from twofold.dualwrite.standing.compare import Difference
from twofold.dualwrite.standing.reconcile import Recorded, recorded, recorded_differences
from twofold.dualwrite.standing.repair import (
    INSERTED,
    LEFT_ALONE,
    NO_REASON,
    NOT_NEEDED,
    OVERWRITTEN,
    Repairing,
    repair,
)
from twofold.dualwrite.standing.repair import Repair as Plan
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.jobs.orders import Reconcile, Repair
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.web.answers import Answer, Shown
from twofold.web.asked import PER_PAGE, Asked, Page
from twofold.web.both_books import Found, reading_books
from twofold.web.everyone.jobs import started
from twofold.web.integration.scope import (
    Scope,
    assert_may_act,
    assert_sees,
    map_of,
    route_of,
    scope_of,
)
from twofold.web.listing import Column, Listing, Slice, answer, key_of, whole

# Results that are looked at for the list of runs: the newest of each book.
RESULTS_MAX: Final = 5000
# What a repair would do to a row, in English.
_WOULD: Final = {
    INSERTED: "Insert",
    OVERWRITTEN: "Overwrite",
    LEFT_ALONE: "Leave alone",
    NOT_NEEDED: "Nothing to do",
}


@dataclass(frozen=True, slots=True)
class Run:
    """All that was compared under one name."""

    run: str
    finished_at: datetime
    actor: str
    companies: str
    map_count: int
    row_count: int
    difference_count: int

    @property
    def state(self) -> str:
        """Equal or different."""
        return "different" if self.difference_count else "equal"


def _list(asked: Asked) -> Answer:
    """Show what was compared, the last first, and compare anew."""
    scope = scope_of(asked)
    found = Found()
    runs = _runs(_recorded(asked, scope, found, None))

    def page(wanted: Slice) -> Sequence[Run]:
        first = key_of(wanted.after)
        return runs[first : first + wanted.limit]

    places = {one.run: place for place, one in enumerate(runs, start=1)}
    listing: Listing[Run] = Listing(
        title="Reconciliations",
        empty="The books were never compared.",
        columns=(
            Column(
                "Run", lambda one: one.run, to=lambda one: f"/integration/reconciliation/{one.run}"
            ),
            Column("Ended", lambda one: one.finished_at, "moment"),
            Column("By", lambda one: one.actor),
            Column("Company", lambda one: one.companies),
            Column("Maps", lambda one: one.map_count, "quantity"),
            Column("Rows", lambda one: one.row_count, "quantity"),
            Column("Differing rows", lambda one: one.difference_count, "quantity"),
            Column("Result", lambda one: one.state, "status"),
        ),
        page=page,
        place=lambda one: str(places[one.run]),
        total=len(runs),
        per_page=PER_PAGE,
    )
    maps = [one.compiled.map.id for one in asked.system.maps]
    return answer(asked, "reconciliations.html", listing, scope=scope, away=found.away, maps=maps)


def _recorded(asked: Asked, scope: Scope, found: Found, run: str | None) -> list[Recorded]:
    """Give what both books have: each keeps the results of the rows it receives."""
    each = found.of(
        reading_books(asked),
        lambda reader: recorded(reader, run=run, company=scope.company, limit=RESULTS_MAX),
    )
    return [
        one
        for _, results in each
        for one in results
        if scope.sees_all or one.company in scope.companies
    ]


def _runs(results: list[Recorded]) -> list[Run]:
    results.sort(key=lambda one: one.run)
    runs: list[Run] = []
    for name, each in groupby(results, key=lambda one: one.run):
        of_run = list(each)
        runs.append(
            Run(
                name,
                max(one.finished_at for one in of_run),
                of_run[0].actor,
                ", ".join(sorted({one.company for one in of_run})),
                len({one.map for one in of_run}),
                sum(one.source_rows for one in of_run),
                sum(one.difference_count or one.differing_buckets for one in of_run),
            )
        )
    return sorted(runs, key=lambda one: one.finished_at, reverse=True)


def _start(asked: Asked) -> Answer:
    """Compare the books, as a job."""
    assert_may_act(asked)
    return started(asked, Reconcile(map=asked.typed("map")), company=asked.typed("company"))


def _show_run(asked: Asked) -> Answer:
    """Show what a run found, map by map and company by company; what differs comes first."""
    scope = scope_of(asked)
    found = Found()
    results = _recorded(asked, scope, found, asked.path["run"])
    if not results:
        raise HTTPException(404)
    results.sort(key=lambda one: (-one.difference_count, one.map, one.company))
    address = f"/integration/reconciliation/{asked.path['run']}"
    columns: tuple[Column[Recorded], ...] = (
        Column(
            "Map",
            lambda one: one.map,
            to=lambda one: f"{address}/{one.company}/{one.map}" if one.difference_count else "",
            sort="map",
        ),
        Column("Company", lambda one: one.company, sort="company"),
        Column("Rows of the source", lambda one: one.source_rows, "quantity"),
        Column("Rows of the target", lambda one: one.target_rows, "quantity"),
        Column("Of an older version", lambda one: one.older_rows or None, "quantity"),
        Column("Sets overdue", lambda one: one.overdue_sets or None, "quantity"),
        Column("Differing rows", lambda one: one.difference_count, "quantity", sort="differing"),
        Column("Result", lambda one: "different" if one.differing_buckets else "equal", "status"),
    )
    listing: Listing[Recorded] = Listing(
        title="Result",
        columns=columns,
        page=whole(results, columns),
        place=lambda one: f"{one.map} {one.company}",
        total=len(results),
        per_page=max(len(results), 1),
    )
    return answer(
        asked,
        "reconciled_run.html",
        listing,
        scope=scope,
        away=found.away,
        run=_runs(results)[0],
        started_at=min(one.started_at for one in results),
    )


def _show_map(asked: Asked) -> Answer:
    """Show the rows and fields that differ, and what a repair would do with each."""
    return _differences(asked)


def _differences(asked: Asked, refusals: Sequence[Refusal] = ()) -> Answer:
    assert_sees(asked, asked.path["in_company"])
    scope = scope_of(asked)
    active = map_of(asked.system, asked.path["map"])
    route = route_of(asked.system, active)
    one = _found(asked, active)
    with route.target.reader() as there:
        rows = recorded_differences(there, one)

    def page(wanted: Slice) -> Sequence[Difference]:
        first = key_of(wanted.after)
        return rows[first : first + wanted.limit]

    places = {(row.row_key, row.field): place for place, row in enumerate(rows, start=1)}
    plan = _planned(asked, active, one) if scope.may_act else None
    rows_of_plan = plan.rows if plan else ()
    actions = {one.row_key: (_WOULD[one.action], one.reason) for one in rows_of_plan}
    listing = _of_differences(page, places, actions, total=len(rows))
    shown = answer(
        asked,
        "differences.html",
        listing,
        scope=scope,
        one=one,
        map=active.compiled.map,
        plan=plan,
        refusals=refusals,
        typed={"reason": asked.typed("reason")},
    )
    if refusals and isinstance(shown, Shown):
        return Shown(shown.template, shown.values, status=422)
    return shown


def _of_differences(
    page: Callable[[Slice], Sequence[Difference]],
    places: Mapping[tuple[str, str], int],
    actions: Mapping[str, tuple[str, str]],
    *,
    total: int,
) -> Listing[Difference]:
    return Listing(
        title="Differences",
        columns=(
            Column("Key", lambda row: row.row_key),
            Column("What", lambda row: row.kind, "term"),
            Column("Field", lambda row: row.field),
            Column("Source says", lambda row: row.source_value),
            Column("Target says", lambda row: row.target_value),
            Column(
                "A repair would",
                lambda row: actions.get(row.row_key, (None, ""))[0],
                "term",
                note=lambda row: actions.get(row.row_key, ("", ""))[1],
            ),
        ),
        page=page,
        place=lambda row: str(places[row.row_key, row.field]),
        pick=lambda row: row.row_key,
        total=total,
        per_page=PER_PAGE,
    )


def _found(asked: Asked, active: ActiveMap) -> Recorded:
    """Give the result that the address names (404)."""
    with route_of(asked.system, active).target.reader() as there:
        results = recorded(
            there, run=asked.path["run"], company=asked.path["in_company"], limit=RESULTS_MAX
        )
    for one in results:
        if one.map == active.compiled.map.id:
            return one
    raise HTTPException(404)


def _planned(asked: Asked, active: ActiveMap, one: Recorded) -> Plan | None:
    """Say what a repair would do; None where none can be planned any more."""
    try:
        return repair(Repairing(route_of(asked.system, active), active, one, asked.visitor.login))
    except Refused:
        return None


def _repair(asked: Asked) -> Answer:
    """Repair the rows chosen, or all, as a job; for a reason."""
    assert_may_act(asked)
    active = map_of(asked.system, asked.path["map"])
    one = _found(asked, active)
    reason = asked.typed("reason")
    if not reason:
        return _differences(asked, (_no_reason(one),))
    keys = tuple(dict.fromkeys(asked.form.get("pick", ())))
    order = Repair(
        run=one.run,
        map=one.map,
        reason=reason,
        row_keys=() if asked.typed("all") == "yes" else keys,
    )
    return started(asked, order, company=one.company)


def _no_reason(one: Recorded) -> Refusal:
    return refuse(NO_REASON, f"{one.company} {one.map} {one.run}", field="reason")


PAGES: Final = (
    Page("/integration/reconciliation", _list, None),
    Page("/integration/reconciliation", _start, None, "POST"),
    Page("/integration/reconciliation/{run}", _show_run, None),
    Page("/integration/reconciliation/{run}/{in_company}/{map}", _show_map, None),
    Page("/integration/reconciliation/{run}/{in_company}/{map}", _repair, None, "POST"),
)
