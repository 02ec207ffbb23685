"""A route between the books, and what a run of delivery on it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from twofold.database.connection import Book
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.known import KnownMaps

# How long a lease holds unless it is renewed; the engine renews while it works.
LEASE_SECONDS: Final = 15


class Failpoint(Protocol):
    """A named place where tests interrupt the engine; does nothing otherwise."""

    def __call__(self, name: str) -> None:
        """Pass the place called ``name``."""
        ...


def _no_failpoint(name: str) -> None:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Route:
    """From one book to the other, both as the dual-write role.

    ``maps`` are the versions active when the program started; others are loaded when a set names
    them. ``lease_seconds`` are counted by the source's server.
    """

    source: Book
    target: Book
    maps: tuple[ActiveMap, ...]
    failpoint: Failpoint = _no_failpoint
    lease_seconds: float = LEASE_SECONDS
    known: KnownMaps = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", KnownMaps(self.maps))


@dataclass(frozen=True, slots=True)
class Awaited:
    """A value that a lookup of the target does not find: what a parked set waits for."""

    map: str
    column: str
    value: str
    lookup: str


class SetProblem(Exception):
    """One set cannot be applied now. ``state`` is what it becomes: waiting, parked or stopped.

    ``awaits`` are all the values it misses in the target, over all maps, when it is parked.
    """

    def __init__(
        self, set_id: int, code: str, state: str, text: str, *, awaits: tuple[Awaited, ...] = ()
    ) -> None:
        self.set_id = set_id
        self.code = code
        self.state = state
        self.awaits = awaits
        super().__init__(text)


class SetProblems(Exception):
    """Sets of one batch that cannot be applied now; nothing of the batch was."""

    def __init__(self, *problems: SetProblem) -> None:
        self.problems = problems
        super().__init__(*problems)


@dataclass(slots=True)
class Delivery:
    """What one run of delivery did."""

    applied: int = 0
    already_applied: int = 0
    rows: int = 0
    problems: list[SetProblem] = field(default_factory=list[SetProblem])

    def forget(self, set_ids: Sequence[int]) -> None:
        """Drop what was said about sets that were tried again."""
        self.problems = [one for one in self.problems if one.set_id not in set_ids]
