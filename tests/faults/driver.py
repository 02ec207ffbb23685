"""A delivering process to be killed: ``python -m tests.faults.driver``, told what to do by JSON.

It says ``at CP07`` when it comes to a place it was told to stop at, and goes on when it reads a
line. It says ``done`` with what it did when nothing is left. Told to ``loop``, it never ends: it
delivers in both directions, and tries again after a passing fault, as the standing engine does.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Final

from twofold.database.connection import Book, BookName
from twofold.dualwrite.sets.deliver import Route, deliver_sets
from twofold.dualwrite.sets.wake import wake_awaiting
from twofold.dualwrite.table_maps.activate import active_maps
from twofold.kernel.errors import Fault

ROLE: Final = "twofold_dualwrite"
_PAUSE_SECONDS: Final = 0.2


def main() -> None:
    """Deliver as told."""
    told = json.loads(sys.argv[1])
    (loop if told.get("loop") else once)(told)


def once(told: dict[str, Any]) -> None:
    """Deliver from one book to the other, stopping where told to."""
    names: tuple[BookName, BookName] = tuple(told["books"])
    source, target = _books(told, names)
    passed: Counter[str] = Counter()

    def stop(name: str) -> None:
        passed[name] += 1
        if told["stop_at"].get(name) == passed[name]:
            say(f"at {name}")
            sys.stdin.readline()

    with source.reader() as reader:
        maps = active_maps(reader)
    stop("start")
    delivery = deliver_sets(_route(source, target, maps, stop, told))
    say(f"done {delivery.applied} {delivery.already_applied} {len(delivery.problems)}")


def loop(told: dict[str, Any]) -> None:
    """Deliver in both directions for ever, whatever passing fault comes."""
    books = _books(told, ("operations", "finance"))
    while True:
        try:
            _deliver_both(told, *books)
        except Fault as fault:
            if not fault.transient:
                raise
            say(f"fault {str(fault).splitlines()[0]}")
        time.sleep(_PAUSE_SECONDS)


def _deliver_both(told: dict[str, Any], operations: Book, finance: Book) -> None:
    with operations.reader() as reader:
        maps = active_maps(reader)
    for here, there in ((operations, finance), (finance, operations)):
        route = _route(here, there, maps, lambda _name: None, told)
        wake_awaiting(route)
        deliver_sets(route)


def _books(told: dict[str, Any], names: tuple[BookName, BookName]) -> tuple[Book, Book]:
    # Who takes over a lapsed lease may end the sessions of an engine it finds by this name.
    application = f"twofold/dualwrite/{os.getpid()}"
    here, there = (Book(name, told[name], ROLE, application=application) for name in names)
    return here, there


def _route(
    source: Book, target: Book, maps: object, stop: Callable[[str], None], told: dict[str, Any]
) -> Route:
    given = {
        "source": source,
        "target": target,
        "maps": maps,
        "failpoint": stop,
        "lease_seconds": told.get("lease_seconds", 3),
    }
    return Route(**{one.name: given[one.name] for one in fields(Route) if one.init})


def say(words: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
