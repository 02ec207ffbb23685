"""Let sets be tried again: when what they wait for has come, and when someone asks.

Before  sets are parked for values that the target lacked, held by a map, or stopped.
After   those whose reason is gone are due; ``deliver`` decides anew what becomes of each.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compile import lookup_query


@dataclass(frozen=True, slots=True)
class _Waiter:
    set_id: int


@dataclass(frozen=True, slots=True)
class _Awaited:
    company: str
    map: str
    column_name: str
    lookup: str
    values: list[str]


SQL: Final = SqlFile(__name__)
WAKE: Final = SQL.command("wake")
AWAITED: Final = SQL.query("awaited", gives=_Awaited)
ARRIVED: Final = SQL.query("arrived", gives=_Waiter)
WAKE_COMPLETE: Final = SQL.command("wake_complete")
FREE_FROM_MAPS: Final = SQL.command("free_from_maps")


def wake_sets(
    transaction: Transaction, *, company: str | None, stopped: Literal["too", "not"]
) -> int:
    """Make parked sets and those that pause before their next attempt due; tell how many."""
    states = ["waiting", "parked", *(["stopped"] if stopped == "too" else [])]
    return transaction.run(WAKE, company=company, states=states)


def wake_awaiting(route: Route, *, tables: Collection[str] | None = None) -> int:
    """Wake the parked sets whose missing values the target has by now; tell how many.

    ``tables`` of the target were just written: only lookups into them are asked. None asks for
    all that any set waits for.
    """
    lookups = None if tables is None else _lookups_into(route, tables)
    if lookups is not None and not lookups:
        return 0
    with route.source.reader() as here:
        awaited = here.all(AWAITED, lookups=lookups)
    if not awaited:
        return 0
    with route.target.reader() as there:
        found = [(one, _found(route, there, one)) for one in awaited]
    woken = 0
    with route.source.transaction() as transaction:
        for one, values in found:
            waiters = transaction.all(
                ARRIVED,
                company=one.company,
                map=one.map,
                column_name=one.column_name,
                values=values,
            )
            set_ids = sorted({waiter.set_id for waiter in waiters})
            if set_ids:
                woken += transaction.run(WAKE_COMPLETE, company=one.company, set_ids=set_ids)
    return woken


def free_from_maps(route: Route) -> int:
    """Let sets be looked at again that were held by maps which run by now; tell how many."""
    with route.source.transaction() as transaction:
        return transaction.run(FREE_FROM_MAPS)


def _lookups_into(route: Route, tables: Collection[str]) -> list[str]:
    return sorted(
        {
            column.lookup
            for one in route.maps
            for column in one.compiled.map.columns.values()
            if column.lookup and column.lookup.rpartition(".")[0] in tables
        }
    )


def _found(route: Route, there: Reader, awaited: _Awaited) -> list[str]:
    """Give which of the values the target has; all of them when no map asks for them any more."""
    active = _map_of(route, awaited)
    if active is None:
        return awaited.values
    query = lookup_query(active.compiled, awaited.column_name)
    missing = {
        one.value for one in there.all(query, company=awaited.company, values=awaited.values)
    }
    return [value for value in awaited.values if value not in missing]


def _map_of(route: Route, awaited: _Awaited) -> ActiveMap | None:
    for one in route.maps:
        column = one.compiled.map.columns.get(awaited.column_name)
        if one.compiled.map.id == awaited.map and column and column.lookup == awaited.lookup:
            return one
    return None
