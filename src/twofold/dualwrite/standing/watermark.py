"""The moment as of which two books are compared, and the rows that do not count at that moment.

The receiver's snapshot is taken first, then the sender's: every set the receiver has is known to
the sender then. A set is in flight when the sender has it pending, or acknowledged after the
receiver's snapshot, and the receiver did not have it in that snapshot. Rows of sets in flight, of
sets a person gave up, and of sets that a stopped map left behind, are left out on both sides, by
key. An acknowledged set that the receiver does not have even now is lost: it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from twofold.database.statement import Command, Query, SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.table_maps.standing_map import Keys, StandingMap

SQL: Final = SqlFile(__name__)
NO_KEYS: Final = Keys("{}", 0)
OVERDUE_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class _Head:
    chain_number: int


@dataclass(frozen=True, slots=True)
class _Sent:
    last_set_id: int
    pending: list[int]
    acknowledged: list[int]
    dismissed: list[int]
    gaps: list[int]
    overdue: int


@dataclass(frozen=True, slots=True)
class _Received:
    set_id: int


@dataclass(frozen=True, slots=True)
class _Together:
    keys: str


HEAD: Final = SQL.query("head", gives=_Head)
SENT: Final = SQL.query("sent", gives=_Sent)
RECEIVED: Final = SQL.query("received", gives=_Received)
TOGETHER_RANGES: Final = SQL.query("together_ranges", gives=_Together)
TOGETHER_TEXTS: Final = SQL.query("together_texts", gives=_Together)


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far both snapshots reach, and the sets that one side does not have."""

    chain_number: int
    last_set_id: int
    in_flight: tuple[int, ...]
    lost: tuple[int, ...]
    dismissed: tuple[int, ...]
    gaps: tuple[int, ...]
    overdue: int
    gaps_count: bool

    @property
    def unsettled(self) -> list[int]:
        """Name the sets whose rows do not count."""
        return [*self.in_flight, *self.dismissed, *([] if self.gaps_count else self.gaps)]


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows of one map and company that count at a watermark."""

    map: StandingMap
    company: str
    watermark: Watermark
    left_out: str
    in_flight_rows: int
    accepted_rows: int
    gap_rows: int

    def given(self, statement: Query[Any] | Command, **more: object) -> dict[str, object]:
        """Give a statement what it asks for: whose rows, which do not count, and ``more``."""
        return {
            name: value
            for name, value in self.everything(**more).items()
            if name in statement.parameters
        }

    def everything(self, **more: object) -> dict[str, object]:
        """Give all that a statement may ask for."""
        return {
            "company": self.company,
            "left_out": self.left_out,
            "unsettled": self.watermark.unsettled,
            **more,
        }


def stand(
    route: Route,
    one: StandingMap,
    *,
    company: str,
    there: Reader,
    here: Reader,
    overdue_hours: int = OVERDUE_HOURS,
    gaps_count: bool = False,
) -> Standing:
    """Take the watermark of a map and company, and find the rows that do not count.

    Before  ``there`` (the target) and ``here`` (the source) read one snapshot each; if they were
            used before, ``there`` was used first. With ``gaps_count`` the rows that a stopped
            map left behind count like others.
    """
    source = route.source.name
    head = there.one(HEAD, company=company, source=source).chain_number
    sent = here.one(
        SENT,
        company=company,
        map=one.compiled.map.id,
        chain_number=head,
        overdue_hours=overdue_hours,
    )
    had = _received(there, company, source, [*sent.pending, *sent.acknowledged])
    acknowledged = set(sent.acknowledged) - had
    lost: set[int] = set()
    if acknowledged:
        with route.target.reader() as now:
            lost = acknowledged - _received(now, company, source, sorted(acknowledged))
    in_flight = (set(sent.pending) | acknowledged) - had - lost
    watermark = Watermark(
        chain_number=head,
        last_set_id=sent.last_set_id,
        in_flight=tuple(sorted(in_flight)),
        lost=tuple(sorted(lost)),
        dismissed=tuple(sorted(set(sent.dismissed) - in_flight)),
        gaps=tuple(sorted(set(sent.gaps) - in_flight)),
        overdue=sent.overdue,
        gaps_count=gaps_count,
    )
    return _with_rows(one, company, watermark, here)


def _with_rows(one: StandingMap, company: str, watermark: Watermark, here: Reader) -> Standing:
    flying = NO_KEYS
    if watermark.in_flight:
        flying = here.one(one.in_flight, company=company, set_ids=list(watermark.in_flight))
    accepted = _last_changed_by(one, company, watermark, watermark.dismissed, here)
    gaps = _last_changed_by(one, company, watermark, watermark.gaps, here)
    together = here.one(
        TOGETHER_RANGES if one.is_ranged else TOGETHER_TEXTS,
        first=flying.keys,
        second=accepted.keys,
        third=NO_KEYS.keys if watermark.gaps_count else gaps.keys,
    )
    return Standing(
        one, company, watermark, together.keys,
        flying.row_count, accepted.row_count, gaps.row_count,
    )  # fmt: skip


def _last_changed_by(
    one: StandingMap, company: str, watermark: Watermark, set_ids: tuple[int, ...], here: Reader
) -> Keys:
    """Find the rows whose last change is that of these sets: facts are found where they stand."""
    if not set_ids:
        return NO_KEYS
    if one.compiled.map.rows == "facts":
        return here.one(one.in_flight, company=company, set_ids=list(set_ids))
    given = {"company": company, "set_ids": list(set_ids), "unsettled": watermark.unsettled}
    return here.one(one.by_set, **{k: v for k, v in given.items() if k in one.by_set.parameters})


def _received(there: Reader, company: str, source: str, set_ids: list[int]) -> set[int]:
    if not set_ids:
        return set()
    found = there.all(RECEIVED, company=company, source=source, set_ids=set_ids)
    return {one.set_id for one in found}
