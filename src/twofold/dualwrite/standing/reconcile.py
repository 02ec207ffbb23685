"""Reconcile: show that both books hold the same rows of a map, or which rows and fields differ.

Before  both books are open as dual-write; sets may be delivered all the while.
After   nothing but the result is written: one row per map and company in the receiving book, with
        the watermark, what each period adds up to, and every difference that was located. Books
        that differ are an event there, with a code that alert rules can count.
Next    ``repair`` plans what to do about the differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.events import record_event
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.compare import (
    Difference,
    Located,
    PeriodSums,
    Sides,
    Sums,
    companies_of,
    compare_sums,
    locate,
    settle_older,
)
from twofold.dualwrite.standing.watermark import OVERDUE_HOURS, Standing, stand
from twofold.dualwrite.table_maps.activate import ActiveMap, history
from twofold.dualwrite.table_maps.check import examine
from twofold.dualwrite.table_maps.compile_standing import compile_standing
from twofold.dualwrite.table_maps.language import TableMap
from twofold.dualwrite.table_maps.standing_map import StandingMap

RECONCILE_HOURS: Final = 24
BOOKS_DIFFER: Final = "ERR-D74"


@dataclass(frozen=True, slots=True)
class _Begun:
    run: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class _LastLook:
    company: str
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """A reconciliation of one map and company, as the receiving book has it."""

    run: str
    map: str
    company: str
    map_hash: str
    period: str | None
    started_at: datetime
    finished_at: datetime
    source_rows: int
    target_rows: int
    older_rows: int
    overdue_sets: int
    difference_count: int
    differing_buckets: int
    is_located: bool
    is_complete: bool
    actor: str


SQL: Final = SqlFile(__name__)
BEGIN: Final = SQL.query("begin", gives=_Begun)
RECORD: Final = SQL.command("record")
RECORD_PERIODS: Final = SQL.command("record_periods")
RECORD_DIFFERENCES: Final = SQL.command("record_differences")
LAST_LOOKS: Final = SQL.query("last_looks", gives=_LastLook)
RECORDED: Final = SQL.query("recorded", gives=Recorded)
RECORDED_DIFFERENCES: Final = SQL.query("recorded_differences", gives=Difference)


@dataclass(frozen=True, slots=True)
class Asked:
    """What to compare: a company, a month (``2026-10``), or all; whether to find the rows."""

    company: str | None = None
    period: str | None = None
    locate: bool = True
    overdue_hours: int = OVERDUE_HOURS


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The result for one map and company."""

    run: str
    map: str
    company: str
    standing: Standing
    periods: tuple[PeriodSums, ...]
    excluded_rows: int
    older_rows: int
    differing_buckets: int
    differences: tuple[Difference, ...]
    is_complete: bool

    @property
    def is_equal(self) -> bool:
        """Tell whether all rows that count are the same in both books."""
        return self.differing_buckets == 0

    @property
    def differing_rows(self) -> int:
        """Count the rows that were located."""
        return len({one.row_key for one in self.differences})


def new_run(route: Route) -> str:
    """Give a name for the reconciliations of one look: the moment, by the target's clock."""
    with route.target.reader() as clock:
        return clock.one(BEGIN).run


def reconcile(
    route: Route, *, maps: tuple[ActiveMap, ...], asked: Asked, actor: str, run: str | None = None
) -> Iterator[Reconciliation]:
    """Compare the rows of maps that lead along the route, map by map and company by company.

    Each result is recorded, in a transaction of its own, before it is given: an interrupted run
    leaves the results it has.
    """
    run = run or new_run(route)
    for active in maps:
        for company in _companies(route, active, asked.company):
            yield reconcile_map(route, active, company=company, asked=asked, run=run, actor=actor)


def reconcile_due(
    route: Route, *, actor: str, hours: int = RECONCILE_HOURS, run: str | None = None
) -> Iterator[Reconciliation]:
    """Reconcile every map and company of the route that was not looked at for ``hours``.

    What was recorded stays recorded: called again after an interruption, it goes on with the rest.
    """
    run = run or new_run(route)
    for active in route.maps:
        if active.compiled.map.source_book != route.source.name or active.state != "running":
            continue
        with route.target.reader() as there:
            looks = there.all(LAST_LOOKS, map=active.compiled.map.id, hours=hours)
        fresh = {one.company for one in looks if one.is_fresh}
        due = [one for one in _companies(route, active, None) if one not in fresh]
        for company in due:
            yield reconcile_map(route, active, company=company, asked=Asked(), run=run, actor=actor)


def recorded(reader: Reader, *, run: str | None, company: str | None, limit: int) -> list[Recorded]:
    """Give what was reconciled, the last first; of one run, when one is named."""
    return reader.all(RECORDED, run=run, company=company, rows_max=limit)


def recorded_differences(reader: Reader, one: Recorded) -> list[Difference]:
    """Give the rows and fields that a reconciliation found different."""
    return reader.all(RECORDED_DIFFERENCES, run=one.run, company=one.company, map=one.map)


def reconcile_map(
    route: Route, active: ActiveMap, *, company: str, asked: Asked, run: str, actor: str
) -> Reconciliation:
    """Compare one map and company and record the result under ``run``."""
    one = compile_standing(active.compiled)
    with route.target.reader() as there, route.source.reader() as here:
        begun = there.one(BEGIN)
        standing = stand(
            route, one, company=company, there=there, here=here, overdue_hours=asked.overdue_hours
        )
        sums, located = _compare(route, active, Sides(standing, here, there), asked)
        excluded = one.excluded and here.one(one.excluded, company=company).row_count
    result = Reconciliation(
        run, active.compiled.map.id, company, standing, sums.periods, excluded or 0,
        sums.older_rows + located.older_rows, len(sums.differing), located.differences,
        located.is_complete,
    )  # fmt: skip
    route.failpoint("CP26")
    with route.target.transaction() as transaction:
        _record(transaction, result, active, asked, begun.started_at, actor)
    return result


def _compare(route: Route, active: ActiveMap, sides: Sides, asked: Asked) -> tuple[Sums, Located]:
    """Add up, settle what an older version made, and locate the rest when that is asked for."""
    sums = compare_sums(sides, period=asked.period)
    if not sums.differing:
        return sums, Located((), is_complete=True)
    sides = replace(sides, older=_older(route, active, sides.there))
    sums = settle_older(sides, sums)
    if not (asked.locate or sides.older):
        return sums, Located((), is_complete=False)
    # Buckets may mix rows of several versions: only their rows tell whether they differ.
    located = locate(sides, sums, period=asked.period)
    if located.is_complete and not located.differences:
        quiet = tuple(replace(one, differing_buckets=0) for one in sums.periods)
        sums = replace(sums, periods=quiet, differing=())
    if not asked.locate:
        return sums, replace(located, differences=(), is_complete=not sums.differing)
    return sums, located


def _older(route: Route, active: ActiveMap, there: Reader) -> tuple[StandingMap, ...]:
    """Give the versions of a map of facts that were active before, the last first.

    Those that no longer fit the books, or tell rows apart by another key, cannot be compared.
    """
    one = active.compiled.map
    if one.rows != "facts":
        return ()
    hashes = [past.content_hash for past in reversed(history(there, map_id=one.id))]
    found: list[StandingMap] = []
    for content_hash in dict.fromkeys(hashes):
        if content_hash == active.content_hash:
            continue
        past = route.known.version(there, map_id=one.id, content_hash=content_hash).compiled
        if _place_of(past.map) != _place_of(one):
            continue
        if not examine(past.map, source=route.source, target=route.target).findings:
            found.append(compile_standing(past))
    return tuple(found)


def _place_of(one: TableMap) -> tuple[object, ...]:
    return one.source.table, one.source.period, one.target.table, one.target.key


def _companies(route: Route, active: ActiveMap, company: str | None) -> list[str]:
    if company is not None:
        return [company]
    with route.target.reader() as there, route.source.reader() as here:
        return companies_of(compile_standing(active.compiled), here, there)


def _record(
    transaction: Transaction,
    result: Reconciliation,
    active: ActiveMap,
    asked: Asked,
    started_at: datetime,
    actor: str,
) -> None:
    standing, watermark = result.standing, result.standing.watermark
    name = {"run": result.run, "company": result.company, "map": result.map}
    transaction.run(
        RECORD,
        **name,
        map_hash=active.content_hash,
        period=asked.period,
        chain_number=watermark.chain_number,
        last_set_id=watermark.last_set_id,
        in_flight_sets=len(watermark.in_flight),
        overdue_sets=watermark.overdue,
        lost_sets=len(watermark.lost),
        in_flight_rows=standing.in_flight_rows,
        accepted_rows=standing.accepted_rows,
        gap_rows=standing.gap_rows,
        excluded_rows=result.excluded_rows,
        older_rows=result.older_rows,
        source_rows=sum(one.source_rows for one in result.periods),
        target_rows=sum(one.target_rows for one in result.periods),
        differing_buckets=result.differing_buckets,
        difference_count=result.differing_rows,
        is_located=asked.locate,
        is_complete=result.is_complete,
        started_at=started_at,
        actor=actor,
    )
    _record_details(transaction, result, name)
    if not result.is_equal:
        _tell(transaction, result, asked, actor)


def _record_details(transaction: Transaction, result: Reconciliation, name: dict[str, str]) -> None:
    """Record what each period adds up to, and the fields that differ."""
    transaction.run(
        RECORD_PERIODS,
        **name,
        periods=[one.period for one in result.periods],
        source_rows=[one.source_rows for one in result.periods],
        target_rows=[one.target_rows for one in result.periods],
        differing=[one.differing_buckets for one in result.periods],
    )
    transaction.run(
        RECORD_DIFFERENCES,
        **name,
        row_keys=[one.row_key for one in result.differences],
        fields=[one.field for one in result.differences],
        kinds=[one.kind for one in result.differences],
        source_values=[one.source_value for one in result.differences],
        target_values=[one.target_value for one in result.differences],
        source_hashes=[one.source_hash for one in result.differences],
        target_hashes=[one.target_hash for one in result.differences],
    )


def _tell(transaction: Transaction, result: Reconciliation, asked: Asked, actor: str) -> None:
    """Let alert rules know that the books differ."""
    found = f"{result.differing_rows} differing rows" if asked.locate else "differing rows"
    more = "" if result.is_complete or not asked.locate else " and more"
    record_event(
        transaction, event="books differ", actor=actor, company=result.company,
        map_id=result.map, code=BOOKS_DIFFER,
        detail=f"reconciliation {result.run}: {found}{more}",
    )  # fmt: skip
