"""A process that tries dead letters again, to be killed: ``python -m tests.faults.redriver DSN N``.

It says ``at CP25`` after its N-th batch and goes on when it reads a line; then ``done`` and how
many sets it made due.
"""

from __future__ import annotations

import sys
from typing import Final

from tests.faults.driver import ROLE, say
from twofold.database.connection import Book
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.redrive import redrive_sets

CHOICE: Final = Choice(states=("stopped",), codes=("ERR-D18",))


def main() -> None:
    """Try them again, stopping where told to."""
    dsn, stop_at = sys.argv[1], int(sys.argv[2])
    batches = 0

    def stop(name: str) -> None:
        nonlocal batches
        batches += 1
        if batches == stop_at:
            say(f"at {name}")
            sys.stdin.readline()

    done = redrive_sets(Book("operations", dsn, ROLE), choice=CHOICE, actor="ann", failpoint=stop)
    say(f"done {done}")


if __name__ == "__main__":
    main()
