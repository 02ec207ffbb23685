"""Reconcile: show that both books hold the same rows of a map, or which rows and fields differ.

Before  both books are open as dual-write; sets may be delivered all the while.
After   nothing but the result is written: one row per map and company in the receiving book, with
        the watermark, what each period adds up to, and every difference that was located.
Next    ``repair`` plans what to do about the differences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.compare import (
    Difference,
    PeriodSums,
    Sides,
    companies_of,
    compare_sums,
    locate,
)
from twofold.dualwrite.standing.watermark import OVERDUE_HOURS, Standing, stand
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compile_standing import compile_standing

RECONCILE_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class _Begun:
    run: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class _LastLook:
    company: str
    is_fresh: bool


SQL: Final = SqlFile(__name__)
BEGIN: Final = SQL.query("begin", gives=_Begun)
RECORD: Final = SQL.command("record")
RECORD_PERIODS: Final = SQL.command("record_periods")
RECORD_DIFFERENCES: Final = SQL.command("record_differences")
LAST_LOOKS: Final = SQL.query("last_looks", gives=_LastLook)


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
    differing_buckets: int
    differences: tuple[Difference, ...]
    is_complete: bool

    @property
    def is_equal(self) -> bool:
        """Tell whether all rows that count are the same in both books."""
        return self.differing_buckets == 0


def reconcile(
    route: Route, *, maps: tuple[ActiveMap, ...], asked: Asked, actor: str
) -> Iterator[Reconciliation]:
    """Compare the rows of maps that lead along the route, map by map and company by company.

    Each result is recorded, in a transaction of its own, before it is given: an interrupted run
    leaves the results it has.
    """
    with route.target.reader() as clock:
        run = clock.one(BEGIN).run
    for active in maps:
        for company in _companies(route, active, asked.company):
            yield reconcile_map(route, active, company=company, asked=asked, run=run, actor=actor)


def reconcile_due(
    route: Route, *, actor: str, hours: int = RECONCILE_HOURS
) -> Iterator[Reconciliation]:
    """Reconcile every map and company of the route that was not looked at for ``hours``.

    What was recorded stays recorded: called again after an interruption, it goes on with the rest.
    """
    for active in route.maps:
        if active.compiled.map.source_book != route.source.name or active.state != "running":
            continue
        with route.target.reader() as there:
            looks = there.all(LAST_LOOKS, map=active.compiled.map.id, hours=hours)
            run = there.one(BEGIN).run
        fresh = {one.company for one in looks if one.is_fresh}
        due = [one for one in _companies(route, active, None) if one not in fresh]
        for company in due:
            yield reconcile_map(route, active, company=company, asked=Asked(), run=run, actor=actor)


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
        sides = Sides(standing, here, there)
        sums = compare_sums(sides, period=asked.period)
        found, is_complete = [], not sums.differing
        if asked.locate:
            found, is_complete = locate(sides, sums, period=asked.period)
        excluded = one.excluded and here.one(one.excluded, company=company).row_count
    result = Reconciliation(
        run, active.compiled.map.id, company, standing, sums.periods, excluded or 0,
        len(sums.differing), tuple(found), is_complete,
    )  # fmt: skip
    route.failpoint("CP26")
    with route.target.transaction() as transaction:
        _record(transaction, result, active, asked, begun.started_at, actor)
    return result


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
        source_rows=sum(one.source_rows for one in result.periods),
        target_rows=sum(one.target_rows for one in result.periods),
        differing_buckets=result.differing_buckets,
        difference_count=len({one.row_key for one in result.differences}),
        is_located=asked.locate,
        is_complete=result.is_complete,
        started_at=started_at,
        actor=actor,
    )
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
    )
