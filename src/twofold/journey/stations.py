"""What a journey through both books is made of: stations, and what the next one waits for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.transaction import Reader
from twofold.dualwrite.sets.explain import Hold, holds_of, sent_as
from twofold.dualwrite.sets.reads import ReceivedSet, SentSet, received_sets, sent_sets
from twofold.journey.remarks import Remark, Term, Value, remark
from twofold.kernel.catalogue import CATALOGUE, refuse
from twofold.kernel.errors import Refusal

DELIVER: Final = "`twofold deliver`"
# Who carries sets from one book to the other.
BRIDGE: Final = "dual-write"
_SETS_TOLD_MAX: Final = 10

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)

Where = Literal["operations", "dual-write", "finance"]


@dataclass(frozen=True, slots=True)
class Station:
    """One station: where it is, whether it was reached, and the figures it is known by.

    ``title`` is what pages call it, where its name says more than a word; ``note`` is what the
    remarks say, in English.
    """

    where: Where
    name: str
    reached: bool
    at: datetime | None = None
    actor: str | None = None
    number: str | None = None
    count: int | None = None
    amount: Decimal | None = None
    currency: str | None = None
    remarks: tuple[Remark, ...] = ()
    title: Remark | None = None
    note: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "note", ", ".join(str(one) for one in self.remarks))


@dataclass(frozen=True, slots=True)
class Wait:
    """What the next station needs, who or what holds it up, and what to do.

    ``words`` say who does what; ``remedy`` is the command that does it.
    """

    station: str
    words: Remark
    remedy: str
    problems: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Journey:
    """The whole path of a number in one company. ``waits_for`` is None when it is complete."""

    company: str
    number: str
    stations: tuple[Station, ...]
    waits_for: Wait | None


@dataclass(frozen=True, slots=True)
class Sets:
    """What dual-write knows of some sets: as sent, and as received on the other side."""

    sent: tuple[SentSet, ...]
    received: tuple[ReceivedSet, ...]
    holds: tuple[tuple[int, Hold], ...] = ()
    """What keeps the first sets that are missing, each thing with the set's id."""

    @property
    def missing(self) -> tuple[SentSet, ...]:
        """The sets that have not been applied on the other side."""
        there = {one.set_id for one in self.received}
        return tuple(one for one in self.sent if one.set_id not in there)


@dataclass(frozen=True, slots=True)
class BothBooks:
    """Both books as auditor, as of about the same moment."""

    operations: Reader
    finance: Reader
    company: str

    def sets_of_operations(self, set_ids: set[int]) -> Sets:
        """Give sets that operations sent, with what finance has of them."""
        ids = sorted(set_ids)
        sets = Sets(
            tuple(sent_sets(self.operations, company=self.company, set_ids=ids)),
            tuple(
                received_sets(self.finance, company=self.company, source="operations", set_ids=ids)
            ),
        )
        return Sets(sets.sent, sets.received, tuple(self._holds(sets)))

    def _holds(self, sets: Sets) -> Iterator[tuple[int, Hold]]:
        for missing in sets.missing[:_SETS_TOLD_MAX]:
            for sent in sent_as(self.operations, company=self.company, set_id=missing.set_id):
                for hold in holds_of(self.operations, sent=sent):
                    yield missing.set_id, hold


def delivered(name: str, sets: Sets) -> Station:
    """Tell how many of the sets the other book has applied, and when the last of them."""
    ids = ", ".join(str(one.set_id) for one in sets.sent)
    rows = sum(one.row_count for one in sets.received)
    is_there = bool(sets.sent) and not sets.missing
    return Station(
        "dual-write",
        name,
        reached=is_there,
        at=max((one.applied_at for one in sets.received), default=None),
        actor=BRIDGE if is_there else None,
        number=f"set {ids}" if len(sets.sent) <= 3 else f"{len(sets.sent)} sets",
        count=len(sets.received),
        remarks=(
            *((remark("{rows} rows", rows=rows),) if sets.received else ()),
            *(
                remark("set {number} is {state}", number=str(one.set_id), state=Term(one.state))
                for one in sets.missing
            ),
        ),
    )


def in_order(*paths: list[Station]) -> list[Station]:
    """Put several paths into one, by when stations were reached; each keeps its own order.

    A station without a moment stands where the one before it stands; what is not reached is last.
    """
    placed: list[tuple[datetime, Station]] = []
    for path in paths:
        moment = _FIRST
        for one in path:
            moment = max(moment, one.at or moment) if one.reached else _LAST
            placed.append((moment, one))
    return [one for _, one in sorted(placed, key=lambda pair: pair[0])]


def undelivered(sets: Sets) -> Wait:
    """Tell what sets that are not there wait for: since when, and what to do about each."""
    problems: list[Refusal] = []
    for set_id, hold in sets.holds:
        if hold.code in CATALOGUE:
            since = f", since {hold.since:%Y-%m-%d %H:%M:%SZ}" if hold.since else ""
            problem = refuse(hold.code, f"set/{set_id}", reason=f"{hold.what}{since}")
            problems.append(replace(problem, remedy=hold.remedy))
    given_up = next((one for one in sets.missing if one.state == "dismissed"), None)
    if given_up is not None:
        number, reason = str(given_up.set_id), given_up.problem or ""
        words = remark("Set {number} was given up: {reason}.", number=number, reason=reason)
        remedy = f"it was given up ({reason}): `twofold sets show {number}`"
        return Wait("change set applied", words, remedy, tuple(problems))
    words = remark("Dual-write takes the change set to the other book.")
    if problems:
        words = remark("The change set is held up; an integration admin looks into it.")
    remedy = problems[0].remedy if problems else DELIVER
    return Wait("change set applied", words, remedy, tuple(problems))


def said(words: str, **values: Value | None) -> tuple[Remark, ...]:
    """Make a remark of values that are known; nothing where one is not."""
    known = {name: value for name, value in values.items() if value is not None}
    return (remark(words, **known),) if len(known) == len(values) else ()


def names(*values: str | None) -> tuple[Remark, ...]:
    """Make a remark of each name that is known: numbers and people, the same in any language."""
    return tuple(remark("{name}", name=one) for one in values if one)
