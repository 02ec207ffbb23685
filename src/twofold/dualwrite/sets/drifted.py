"""Halt maps whose tables are no longer what the map was activated for; their sets wait.

Asked in the target's transaction once the rows are written, when the tables can no longer change
under it, and again after a failure that a changed table may explain.

Before  sets are being delivered through the maps.
After   a map that drifted is halted in both books, with cause and remedy; nothing was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from twofold.database.transaction import Reader
from twofold.dualwrite.sets.lease import ACTOR
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.drift import Drift, drift, halting
from twofold.dualwrite.table_maps.states import Change, change_states
from twofold.kernel.catalogue import CATALOGUE

DRIFTED: Final = "ERR-D64"


class Drifted(Exception):
    """Tables of maps are not what they were; the transaction must roll back."""

    def __init__(self, found: Sequence[Drift]) -> None:
        self.found = tuple(found)
        super().__init__(*(f"{one.table}.{one.column}: {one.effect}" for one in found))


def assert_as_activated(target: Reader, maps: Sequence[ActiveMap]) -> None:
    """Raise ``Drifted`` when a map's target is not as it was when the map was activated."""
    found = halting(drift(target, maps, side="target")) if maps else ()
    if found:
        raise Drifted(found)


def drift_behind(route: Route) -> tuple[Drift, ...]:
    """Give the drift that may explain a failure on this route, of either side."""
    source = [one for one in route.maps if one.compiled.map.source_book == route.source.name]
    with route.target.reader() as there:
        found = halting(drift(there, source, side="target"))
    with route.source.reader() as here:
        return (*found, *halting(drift(here, source, side="source")))


def halt_drifted(route: Route, found: Sequence[Drift]) -> None:
    """Halt the maps in both books, each with what differs."""
    operations, finance = route.source, route.target
    if operations.name == "finance":
        operations, finance = finance, operations
    for name in sorted({one.map for one in found}):
        cause = "; ".join(
            f"{one.table}.{one.column}: {one.effect}" for one in found if one.map == name
        )
        change = Change(
            verb="halt",
            maps=(name,),
            reason=cause,
            actor=ACTOR,
            cause=f"{DRIFTED} {cause}",
            remedy=CATALOGUE[DRIFTED].remedy,
        )
        change_states(change, operations=operations, finance=finance)
