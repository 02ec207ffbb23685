"""The schedule of reconciliation: every map and company is looked at again after so many hours.

When it was last looked at stands in the receiving book, so a schedule survives restarts, and
engines share it. Books that differ are an event there (``books differ``, ERR-D74): an alert rule
that counts the code tells people.

Before  the routes are open as dual-write.
After   what was due is recorded, map by map; an interruption leaves the rest due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from twofold.dualwrite.sets.lease import ACTOR
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.reconcile import (
    BOOKS_DIFFER,
    Reconciliation,
    new_run,
    reconcile_due,
)
from twofold.dualwrite.table_maps.activate import active_maps

LOG: Final = logging.getLogger("twofold.dualwrite")


def reconcile_what_is_due(
    routes: Sequence[Route], *, hours: int, is_over: Callable[[], bool] = lambda: False
) -> list[Reconciliation]:
    """Reconcile what was not looked at for ``hours``, along all routes; stop when ``is_over``.

    Maps are read anew: one that was activated since the engine started is compared as it is now.
    """
    done: list[Reconciliation] = []
    run = new_run(routes[0])
    for route in routes:
        with route.source.reader() as reader:
            current = replace(route, maps=active_maps(reader))
        for one in reconcile_due(current, actor=ACTOR, hours=hours, run=run):
            done.append(one)
            _log(route, one)
            if is_over():
                return done
    return done


def _log(route: Route, one: Reconciliation) -> None:
    way = f"{route.source.name} to {route.target.name}"
    if one.is_equal:
        LOG.info("%s %s, %s: reconciled, equal", one.company, way, one.map)
    else:
        LOG.warning(
            "%s %s, %s: %s, differing rows: %s, reconciliation %s",
            one.company, way, one.map, BOOKS_DIFFER, one.differing_rows, one.run,
        )  # fmt: skip
