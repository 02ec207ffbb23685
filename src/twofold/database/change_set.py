"""A change set while its transaction is open: named, tagged on rows, not yet sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class ChangeSet:
    """One set on its way to being sealed.

    ``stream`` is the business key whose sets are applied in order. ``key_first`` and
    ``key_last`` bound the keys of the facts the set added (inclusive); None where the set
    carries only rows of mutable tables.
    """

    set_id: int
    company: str
    kind: str
    stream: str
    actor: str
    at: datetime
    key_first: int | None = None
    key_last: int | None = None
    sealed: bool = False

    def covers(self, key_first: int, key_last: int) -> None:
        """Name the block that holds the keys of the set's facts, both ends included."""
        assert key_first <= key_last, f"set {self.set_id}: {key_first}..{key_last} is no block"
        assert not self.sealed, f"set {self.set_id} is sealed"
        self.key_first, self.key_last = key_first, key_last
