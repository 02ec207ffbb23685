"""A delivering process to be killed: ``python -m tests.faults.driver``, told what to do by JSON.

It says ``at CP07`` when it comes to a place it was told to stop at, and goes on when it reads a
line. It says ``done`` with what it did when nothing is left.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import datetime

from twofold.database.connection import Book, BookName
from twofold.dualwrite.sets.deliver import Route, deliver_sets
from twofold.dualwrite.table_maps.activate import active_maps

ROLE = "twofold_dualwrite"


def main() -> None:
    """Deliver from one book to the other, stopping where told to."""
    told = json.loads(sys.argv[1])
    names: tuple[BookName, BookName] = tuple(told["books"])
    source, target = (Book(name, told[name], ROLE) for name in names)
    passed: Counter[str] = Counter()

    def stop(name: str) -> None:
        passed[name] += 1
        if told["stop_at"].get(name) == passed[name]:
            say(f"at {name}")
            sys.stdin.readline()

    with source.reader() as reader:
        maps = active_maps(reader)
    now = datetime.fromisoformat(told["now"])
    stop("start")
    delivery = deliver_sets(Route(source, target, maps, lambda: now, stop))
    say(f"done {delivery.applied} {delivery.already_applied} {len(delivery.problems)}")


def say(words: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
