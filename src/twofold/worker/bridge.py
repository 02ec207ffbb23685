"""Jobs of the bridge: rows as they stand, compared, repaired and written.

Each looks at the maps that are active now, which may have been activated since the worker began.
"""

from __future__ import annotations

from typing import Final

from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.bad_rows import bad_rows
from twofold.dualwrite.standing.initial_write import initial_write as write_rows
from twofold.dualwrite.standing.reconcile import Asked, Recorded, new_run, recorded
from twofold.dualwrite.standing.reconcile import reconcile as compare_books
from twofold.dualwrite.standing.repair import LEFT_ALONE, NOT_NEEDED, Repairing
from twofold.dualwrite.standing.repair import repair as repair_rows
from twofold.dualwrite.standing.writing import Writing
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.jobs.orders import InitialWrite, Reconcile, Repair
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.worker.bench import Bench, Made

_NOTHING_FOUND: Final = "ERR-D77"
_NO_SUCH_MAP: Final = "ERR-D66"
_EVERY_RUN: Final = 10_000


def reconcile(bench: Bench) -> Made:
    """Compare the rows of one map or of all, map by map."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, Reconcile)
    system = bench.system.refreshed()
    maps = [one for one in system.maps if order.map in {"", one.compiled.map.id}]
    bench.steps.expect(len(maps))
    run = new_run(system.forward)
    differing = 0
    for active in maps:
        for one in compare_books(
            _route_of(system, active),
            maps=(active,),
            asked=Asked(company=job.company or None),
            actor=job.actor,
            run=run,
        ):
            differing += one.differing_rows
        bench.steps.advance(1)
    return Made(differing, name=run)


def repair(bench: Bench) -> Made:
    """Repair what a comparison found."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, Repair)
    system = bench.system.refreshed()
    active = next((one for one in system.maps if one.compiled.map.id == order.map), None)
    found = None if active is None else _recorded(bench, active, order.run)
    if active is None or found is None:
        raise Refused(refuse(_NOTHING_FOUND, f"{job.company} {order.map} {order.run}"))
    bench.steps.expect(1)
    repaired = repair_rows(
        Repairing(
            route=_route_of(system, active),
            active=active,
            recorded=found,
            actor=job.actor,
            reason=order.reason,
            row_keys=order.row_keys or None,
        )
    )
    bench.steps.advance(1)
    left = [one for one in repaired.rows if one.action == LEFT_ALONE and one.code]
    refusals = tuple(
        refuse(one.code, f"{order.map} {one.row_key}", reason=one.reason) for one in left
    )
    idle = repaired.count(LEFT_ALONE) + repaired.count(NOT_NEEDED)
    return Made(len(repaired.rows) - idle, refusals, order.run)


def initial_write(bench: Bench) -> Made:
    """Write the rows of one map; one that was begun and died goes on where it was."""
    order, job, system = bench.job.order, bench.job, bench.system.refreshed()
    assert isinstance(order, InitialWrite)
    active = next((one for one in system.maps if one.compiled.map.id == order.map), None)
    if active is None:
        raise Refused(refuse(_NO_SUCH_MAP, f"map/{order.map}"))

    def tell(done: int, rows: int) -> None:
        bench.steps.total = rows
        bench.steps.advance(done - bench.steps.done)

    writing = Writing(
        route=_route_of(system, active),
        active=active,
        company=job.company,
        actor=job.actor,
        mode=order.mode,
        gaps=order.gaps,
        progress=tell,
    )
    run = write_rows(writing)
    left = bad_rows(writing, run=run.run)
    refusals = tuple(
        refuse(
            one.code,
            f"{order.map} {one.row_key}",
            field=one.field or "",
            value=one.value or "",
            reason=one.reason,
        )
        for one in left
    )
    return Made(run.added_count + run.changed_count, refusals, run.run)


def _recorded(bench: Bench, active: ActiveMap, run: str) -> Recorded | None:
    with _route_of(bench.system, active).target.reader() as there:
        found = recorded(there, run=run, company=bench.job.company, limit=_EVERY_RUN)
    return next((one for one in found if one.map == active.compiled.map.id), None)


def _route_of(system: System, active: ActiveMap) -> Route:
    return system.forward if active.compiled.map.source_book == "operations" else system.back
