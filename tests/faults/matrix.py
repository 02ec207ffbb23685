"""The crash matrix: where a delivery can be struck, what can strike it, and how it recovers."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

import pytest

from tests.architecture.sources import ROOT
from tests.dualwrite.planted import AFTER_LEASE, back, digest, forward
from tests.faults.checker import broken_promises
from tests.faults.engine import wait_for_its_sessions_to_end
from tests.faults.servers import TwoServers
from tests.support.books import Books
from twofold.dualwrite.sets.deliver import deliver_sets

Digest = dict[str, tuple[int, Decimal]]

# The places every delivery passes, forward and back (where CP04 is CP17, and so on to CP22).
DELIVERY: Final = ("CP04", "CP05", "CP07", "CP09", "CP10", "CP11", "CP13", "CP14")
DIRECTIONS: Final = {"forward": ("operations", "finance"), "back": ("finance", "operations")}
PASSES: Final = [(direction, place) for direction in DIRECTIONS for place in DELIVERY]


# The protocol names the way back apart: what is CP05 onward is CP18 there.
BACK_AT: Final = {
    "CP04": "CP17", "CP05": "CP18", "CP07": "CP20", "CP09": "CP20", "CP10": "CP20",
    "CP11": "CP20", "CP13": "CP20", "CP14": "CP21",
}  # fmt: skip


def crash(direction: str, place: str, kind: str) -> pytest.MarkDecorator:
    """Mark a test as one that strikes at a crash point, by its name in the protocol."""
    name = place if direction == "forward" else BACK_AT[place]
    return pytest.mark.fault(f"{name}/{kind}")


def places_in_the_code() -> set[str]:
    """Read from the code which crash points exist."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    return {name for text in texts for name in re.findall(r"failpoint\(\s*\"(CP\d+)\"", text)}


KIND_OF: Final = {
    "the engine": "engine",
    "the source's server": "server",
    "the target's server": "server",
    "both connections": "connection",
}
STRIKES: Final[dict[str, Callable[[TwoServers, str, str], None]]] = {
    "the source's server": lambda servers, source, _: servers.of[source].kill(),
    "the target's server": lambda servers, _, target: servers.of[target].kill(),
    "both connections": lambda servers, *_: [door.cut() for door in servers.door.values()] and None,
}


def recover(books: Books) -> tuple[Digest, Digest]:
    """See that nothing is there in part; deliver what is left; give what both books hold then."""
    wait_for_its_sessions_to_end(books)
    assert not broken_promises(books)
    deliver_all(books)
    assert not broken_promises(books, quiet=True)
    return held_by(books)


def deliver_all(books: Books) -> None:
    """Deliver everything as an engine does that starts after the leases ran out."""
    onward = deliver_sets(forward(books, now=AFTER_LEASE))
    returned = deliver_sets(back(books, now=AFTER_LEASE))
    assert (onward.problems, returned.problems) == ([], [])
    again = deliver_sets(forward(books, now=AFTER_LEASE))
    assert (again.applied, again.already_applied) == (0, 0)


def held_by(books: Books) -> tuple[Digest, Digest]:
    """Digest both books, without what tells of attempts."""
    found = digest(books.owner_operations), digest(books.owner_finance)
    for one in found:
        for table in ("event", "chain", "chain_head", "acknowledged", "identity"):
            one.pop(f"dualwrite.{table}", None)
    return found
