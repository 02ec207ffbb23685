"""An initial write to be killed: ``python -m tests.faults.standing_driver OPERATIONS FINANCE N``.

It says ``at CP23`` when it is about to commit its N-th chunk, and waits for a line.
"""

from __future__ import annotations

import sys

from twofold.database.connection import Book
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.initial_write import Writing, initial_write
from twofold.dualwrite.table_maps.activate import active_maps

ROLE = "twofold_dualwrite"


def main() -> None:
    """Write the actuals of USPM in chunks of ten rows."""
    operations = Book("operations", sys.argv[1], ROLE)
    finance = Book("finance", sys.argv[2], ROLE)
    passed: list[str] = []

    def stop(name: str) -> None:
        passed.append(name)
        if name == "CP23" and passed.count(name) == int(sys.argv[3]):
            sys.stdout.write("at CP23\n")
            sys.stdout.flush()
            sys.stdin.readline()

    with operations.reader() as reader:
        maps = active_maps(reader)
    (active,) = (one for one in maps if one.compiled.map.id == "actuals")
    route = Route(operations, finance, maps, stop)
    initial_write(Writing(route, active, "USPM", "ann", chunk_rows=10))


if __name__ == "__main__":
    main()
