"""What must stand in the receiving book: a fold over change sets, without database or engine.

It is told what was sealed and what people did, never what the engine did. It answers three
questions: what stands in the target when exactly these sets were applied (``standing``), which
sets a quiet system must have applied (``reach``), and what became of a set (``fates``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

Fate = Literal["applied", "dismissed", "stopped", "parked", "waiting"]
Parent = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sealed:
    """One change set as its book sealed it.

    ``facts`` are rows that are only added: key → content. ``states`` are rows as they were when
    the set was made: (table, key) → content. ``needs`` are the records its rows refer to.
    """

    set_id: int
    stream: str
    version: int
    facts: Mapping[int, str] = field(default_factory=dict[int, str])
    states: Mapping[Parent, str] = field(default_factory=dict[Parent, str])
    needs: frozenset[Parent] = frozenset()
    maps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """Rows of the target: each fact once, each state with the version that wrote it last."""

    facts: dict[int, tuple[int, str]]
    states: dict[Parent, tuple[int, str]]


class Contradiction(AssertionError):
    """What is told cannot be: a fact twice, a version twice, an unknown set applied."""


class Model:
    """The sets one book has sealed, in the order they were sealed, and what people did to them."""

    def __init__(self, *, known: Collection[Parent] = ()) -> None:
        self.sealed: dict[int, Sealed] = {}
        self.known = frozenset(known)
        self.dismissed: set[int] = set()
        # Sets whose rows no longer are what was sealed: they stop until somebody mends them.
        self.spoiled: set[int] = set()
        self.paused: set[str] = set()

    def seal(self, one: Sealed) -> None:
        """Take note of a set that was committed in the source."""
        expected = 1 + max(
            (other.version for other in self.sealed.values() if other.stream == one.stream),
            default=0,
        )
        if one.version != expected:
            raise Contradiction(f"set {one.set_id}: version {one.version}, not {expected}")
        self.sealed[one.set_id] = one

    def standing(self, applied: Collection[int]) -> Standing:
        """Fold the applied sets: the rows that must stand in the target, and no others."""
        facts: dict[int, tuple[int, str]] = {}
        states: dict[Parent, tuple[int, str]] = {}
        for one in self._in_order(applied):
            for key, content in one.facts.items():
                if key in facts:
                    raise Contradiction(f"fact {key}: of set {facts[key][0]} and of {one.set_id}")
                facts[key] = (one.set_id, content)
            for key, content in one.states.items():
                if states.get(key, (0, ""))[0] < one.version:
                    states[key] = (one.version, content)
        return Standing(facts, states)

    def mistakes(self, applied: Collection[int]) -> list[str]:
        """Tell which of the sets may not be applied while others are not."""
        found: list[str] = []
        for one in self._in_order(applied):
            skipped = [
                earlier.set_id
                for earlier in self._earlier(one)
                if earlier.set_id not in applied and earlier.set_id not in self.dismissed
            ]
            if skipped:
                found.append(f"set {one.set_id} overtook {skipped} of {one.stream}")
            if lacking := one.needs - self._parents(applied):
                found.append(f"set {one.set_id} was applied without {sorted(lacking)}")
            if one.set_id in self.dismissed:
                found.append(f"set {one.set_id} is dismissed and was applied")
        return found

    def reach(self, applied: Collection[int]) -> set[int]:
        """Go on from what is applied until nothing more can be: what a quiet system has applied."""
        reached = set(applied)
        while more := {one.set_id for one in self.sealed.values() if self._may_go(one, reached)}:
            reached |= more
        return reached

    def fates(self, set_id: int, applied: Collection[int]) -> set[Fate]:
        """Tell what may have become of a set in a quiet system that applied ``applied``.

        A set behind another, or one whose map rests, may have been looked at before that.
        """
        one = self.sealed[set_id]
        if set_id in applied:
            return {"applied"}
        if set_id in self.dismissed:
            return {"dismissed"}
        found: set[Fate] = set()
        if set_id in self.spoiled:
            found.add("stopped")
        if one.needs - self._parents(applied):
            found.add("parked")
        if not self._is_first(one, applied) or one.maps & self.paused:
            found.add("waiting")
        return found

    def _may_go(self, one: Sealed, applied: Collection[int]) -> bool:
        return (
            one.set_id not in applied
            and one.set_id not in self.dismissed
            and one.set_id not in self.spoiled
            and not one.maps & self.paused
            and self._is_first(one, applied)
            and one.needs <= self._parents(applied)
        )

    def _is_first(self, one: Sealed, applied: Collection[int]) -> bool:
        return all(
            earlier.set_id in applied or earlier.set_id in self.dismissed
            for earlier in self._earlier(one)
        )

    def _earlier(self, one: Sealed) -> list[Sealed]:
        return [
            other
            for other in self.sealed.values()
            if other.stream == one.stream and other.version < one.version
        ]

    def _parents(self, applied: Collection[int]) -> frozenset[Parent]:
        arrived = {key for one in self._in_order(applied) for key in one.states}
        return self.known | arrived

    def _in_order(self, applied: Collection[int]) -> list[Sealed]:
        unknown = set(applied) - self.sealed.keys()
        if unknown:
            raise Contradiction(f"sets {sorted(unknown)} were applied and never sealed")
        return [one for one in self.sealed.values() if one.set_id in applied]
