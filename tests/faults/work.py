"""Work between the books that is no delivery, to be struck: ``python -m tests.faults.work JSON``.

It says ``at CP23`` (or where it was told to stop) and goes on when it reads a line; then ``done``.
What fails on the way because a server or a line was struck is said as ``fault``.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.faults.driver import ROLE, say
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.dismiss import dismiss_sets
from twofold.dualwrite.sets.redrive import redrive_sets
from twofold.dualwrite.sets.route import Failpoint, Route
from twofold.dualwrite.standing.initial_write import Writing, initial_write
from twofold.dualwrite.standing.reconcile import Asked, reconcile
from twofold.dualwrite.table_maps.activate import (
    ActiveMap,
    Declaration,
    activate_maps,
    active_maps,
    finish_activation,
    read_maps,
)
from twofold.dualwrite.table_maps.language import read_map
from twofold.dualwrite.table_maps.rollback import rollback_map
from twofold.dualwrite.table_maps.states import Change, change_states
from twofold.kernel.errors import Fault

EDITED: Final = "customers"
NEXT_VERSION: Final = "1.9.0"


@dataclass(frozen=True, slots=True)
class Job:
    """Both books, the maps that are active, and where to stop."""

    operations: Book
    finance: Book
    maps: tuple[ActiveMap, ...]
    stop: Failpoint

    @property
    def route(self) -> Route:
        """From operations to finance."""
        return Route(self.operations, self.finance, self.maps, self.stop)

    def active(self, name: str) -> ActiveMap:
        """Give the active version of a map."""
        (found,) = (one for one in self.maps if one.compiled.map.id == name)
        return found


def nowhere(name: str) -> None:
    """Stop nowhere."""


def write_actuals(job: Job) -> None:
    """Write the actuals of USPM as they stand, in chunks of ten rows."""
    initial_write(Writing(job.route, job.active("actuals"), "USPM", "ann", chunk_rows=10))


def compare_actuals(job: Job) -> None:
    """Reconcile the actuals of USPM."""
    asked = Asked(company="USPM")
    list(reconcile(job.route, maps=(job.active("actuals"),), asked=asked, actor="ann"))


def try_again(job: Job) -> None:
    """Redrive what stopped."""
    choice = Choice(states=("stopped",))
    redrive_sets(job.operations, choice=choice, actor="ann", failpoint=job.stop)


def give_up(job: Job) -> None:
    """Dismiss what stopped."""
    dismiss_sets(job.route, choice=Choice(states=("stopped",)), reason="a test", actor="ann")


def edited() -> tuple[Declaration, ...]:
    """Give the maps of the product, one of them in a next version."""
    return tuple(
        _next_version(one) if one.map.id == EDITED else one for one in read_maps("twofold.maps")
    )


def _next_version(declared: Declaration) -> Declaration:
    text = declared.text.replace(
        f'version = "{declared.map.version}"', f'version = "{NEXT_VERSION}"', 1
    )
    assert text != declared.text
    return Declaration(read_map(tomllib.loads(text), file=EDITED), text)


def activate(job: Job) -> None:
    """Activate the next version of a map."""
    activate_maps(
        edited(), operations=job.operations, finance=job.finance, actor="ann", at=NOW,
        failpoint=job.stop,
    )  # fmt: skip


def roll_back(job: Job) -> None:
    """Go back to the version of a map before; a second time there is none, and that is right."""
    # As every command does when it opens both books.
    finish_activation(operations=job.operations, finance=job.finance)
    if job.active(EDITED).compiled.map.version == NEXT_VERSION:
        rollback_map(
            EDITED, operations=job.operations, finance=job.finance, actor="ann", at=NOW,
            failpoint=job.stop,
        )  # fmt: skip


def pause(job: Job) -> None:
    """Pause a map."""
    change_states(
        Change("pause", ("actuals",), reason="a test", actor="ann", related=True),
        operations=job.operations, finance=job.finance, failpoint=job.stop,
    )  # fmt: skip


WORK: Final[dict[str, Callable[[Job], None]]] = {
    "initial write": write_actuals,
    "reconciliation": compare_actuals,
    "redrive": try_again,
    "dismissal": give_up,
    "activation": activate,
    "rollback": roll_back,
    "pause": pause,
}


def main() -> None:
    """Do the work that is asked for, stopping where told to."""
    told = json.loads(sys.argv[1])
    passed: Counter[str] = Counter()

    def stop(name: str) -> None:
        passed[name] += 1
        if told["stop_at"].get(name) == passed[name]:
            say(f"at {name}")
            sys.stdin.readline()

    operations = Book("operations", told["operations"], ROLE)
    finance = Book("finance", told["finance"], ROLE)
    with operations.reader() as reader:
        maps = active_maps(reader)
    try:
        WORK[told["work"]](Job(operations, finance, maps, stop))
    except Fault as fault:
        if not fault.transient:
            raise
        say("fault")
    else:
        say("done")


if __name__ == "__main__":
    main()
