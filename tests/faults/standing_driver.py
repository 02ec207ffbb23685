"""Rows as they stand, to be struck: ``python -m tests.faults.standing_driver RUN JSON``.

Told by JSON to stop at CP23 it writes the actuals of USPM in chunks of ten rows, at CP26 it
reconciles every map of USPM that leads to finance, at CP27 it repairs the reconciliation RUN. It
says ``at CPnn`` when it comes to that place for the n-th time, and goes on when it reads a line.
"""

from __future__ import annotations

import json
import sys

from tests.faults.driver import ROLE, say
from twofold.database.connection import Book
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.initial_write import initial_write
from twofold.dualwrite.standing.reconcile import Asked, reconcile, recorded
from twofold.dualwrite.standing.repair import Repairing, repair
from twofold.dualwrite.standing.writing import Writing
from twofold.dualwrite.table_maps.activate import ActiveMap, active_maps

COMPANY = "USPM"


def main() -> None:
    """Do what passes the place, and stop there."""
    run, told = sys.argv[1], json.loads(sys.argv[2])
    operations = Book("operations", told["operations"], ROLE)
    finance = Book("finance", told["finance"], ROLE)
    ((place, number),) = told["stop_at"].items()
    passed: list[str] = []

    def stop(name: str) -> None:
        passed.append(name)
        if name == place and passed.count(name) == number:
            say(f"at {name}")
            sys.stdin.readline()

    with operations.reader() as reader:
        maps = active_maps(reader)
    route = Route(operations, finance, maps, stop)
    if place == "CP23":
        initial_write(Writing(route, named(maps, "actuals"), COMPANY, "ann", chunk_rows=10))
    elif place == "CP26":
        forward = tuple(one for one in maps if one.compiled.map.source_book == "operations")
        list(reconcile(route, maps=forward, asked=Asked(company=COMPANY), actor="ann"))
    else:
        with finance.reader() as there:
            (one,) = recorded(there, run=run, company=COMPANY, limit=9)
        repair(Repairing(route, named(maps, one.map), one, "ann", "restored by hand"))


def named(maps: tuple[ActiveMap, ...], map_id: str) -> ActiveMap:
    """Give the map of a name."""
    (active,) = (one for one in maps if one.compiled.map.id == map_id)
    return active


if __name__ == "__main__":
    main()
