"""Everything there is to say about a set: its life, what it carries, what holds it, what to do.

Both books are read as they are, as auditor; nothing is changed. The sample shows rows as the set
carries them, with their values: whoever may read the book may read them, and no log has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.sample import first_rows
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.events import events_of_set
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.table_maps.activate import ActiveMap, map_version
from twofold.kernel.catalogue import CATALOGUE

DELIVER: Final = "`twofold deliver`."


@dataclass(frozen=True, slots=True)
class ChosenSet:
    """A set on its way that a query names; ``found`` is how many it names in all.

    ``code`` and ``problem`` say what keeps it now: for a waiting set a map that rests comes before
    an earlier set of its stream, and that before why the last attempt failed. ``remedy`` is what
    to do where the catalogue would say something else; None where it would not.
    """

    company: str
    set_id: int
    kind: str
    stream: str
    version: int
    state: str
    attempts: int
    next_attempt_at: datetime | None
    since: datetime
    maps: list[str]
    code: str | None
    problem: str | None
    remedy: str | None
    actor: str
    found: int


@dataclass(frozen=True, slots=True)
class DismissedSet:
    """A set that was given up: why, by whom, and what had been wrong with it."""

    company: str
    set_id: int
    kind: str
    stream: str
    version: int
    code: str | None
    problem: str | None
    reason: str
    dismissed_by: str
    dismissed_at: datetime


@dataclass(frozen=True, slots=True)
class SentSet:
    """A set in the book that made it. ``state`` is the pending one, dismissed or acknowledged."""

    company: str
    set_id: int
    kind: str
    stream: str
    version: int
    actor: str
    created_at: datetime
    state: str
    attempts: int | None
    next_attempt_at: datetime | None
    leased_until: datetime | None
    code: str | None
    problem: str | None
    applied_at: datetime | None
    acknowledged_at: datetime | None
    chain_number: int | None
    chain_hash: str | None
    dismissed_for: str | None
    dismissed_by: str | None
    dismissed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Received:
    """A set in the book that applied it, with its link of the chain."""

    applied_at: datetime
    row_count: int
    content_hash: str
    chain_number: int | None
    chain_hash: str | None


@dataclass(frozen=True, slots=True)
class Carried:
    """What a set carries through one map, and the version of the map it was sealed with."""

    map: str
    map_version: str | None
    map_hash: str
    row_count: int
    excluded_count: int
    content_hash: str
    totals: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A value that a lookup of the other book did not find."""

    map: str
    column_name: str
    value: str
    lookup: str


@dataclass(frozen=True, slots=True)
class Hold:
    """One thing that keeps a set from arriving: what, since when, and what to do."""

    what: str
    since: datetime | None
    code: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a set's time line. ``where`` is the book whose clock it was."""

    at: datetime
    where: str
    what: str
    actor: str
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it; ``rows`` holds, per map, the first rows as JSON texts."""

    source: str
    sent: SentSet
    received: Received | None
    moments: tuple[Moment, ...]
    carried: tuple[Carried, ...]
    missed: tuple[Missed, ...]
    holds: tuple[Hold, ...]
    rows: dict[str, tuple[str, ...]]
    statements: dict[str, dict[str, str]]


SQL: Final = SqlFile(__name__)
CHOSEN: Final = SQL.query("chosen", gives=ChosenSet)
DISMISSED: Final = SQL.query("dismissed", gives=DismissedSet)
SENT: Final = SQL.query("sent", gives=SentSet)
RECEIVED: Final = SQL.query("received", gives=Received)
CARRIED: Final = SQL.query("carried", gives=Carried)
MISSED: Final = SQL.query("missed", gives=Missed)
HELD_BY: Final = SQL.query("held_by", gives=Hold)


def chosen_sets(reader: Reader, *, choice: Choice, limit: int) -> list[ChosenSet]:
    """Give sets of this book on their way, the longest first."""
    return reader.all(CHOSEN, **choice.given(), rows_max=limit)


def remedy_for(chosen: ChosenSet) -> str:
    """Say what to do about a set on its way."""
    return chosen.remedy or _remedy(chosen.code)


def dismissed_sets(reader: Reader, *, choice: Choice, limit: int) -> list[DismissedSet]:
    """Give sets of this book that were given up, the last first."""
    given = choice.given()
    wanted = {name: given[name] for name in ("company", "codes", "maps", "streams")}
    return reader.all(DISMISSED, **wanted, rows_max=limit)


def sent_as(reader: Reader, *, company: str | None, set_id: int) -> list[SentSet]:
    """Give the sets with this id that this book made; companies have the same numbers."""
    return reader.all(SENT, company=company, set_id=set_id)


def holds_of(reader: Reader, *, sent: SentSet) -> tuple[Hold, ...]:
    """Tell what keeps a set from arriving, each thing with its remedy; nothing once it is there."""
    if sent.state in {"acknowledged", "dismissed"}:
        return ()
    given = {"company": sent.company, "set_id": sent.set_id}
    missed = reader.all(MISSED, **given)
    found = (
        # What is missing says more than the problem, which names the first of it.
        *(() if missed else _own_holds(sent)),
        *(
            Hold(one.what, one.since, one.code, one.remedy or _remedy(one.code))
            for one in reader.all(HELD_BY, **given)
        ),
        *(
            Hold(
                f"{one.lookup} has no {one.value} (map {one.map}, column {one.column_name})",
                sent.created_at,
                sent.code or "",
                _remedy(sent.code),
            )
            for one in missed
        ),
    )
    return found or (Hold("nothing: it is due", None, "", DELIVER),)


def explain_set(
    source: Reader, target: Reader | None, *, sent: SentSet, source_book: str, rows_max: int
) -> Explanation:
    """Explain one set from both books, or from its own while the other one does not answer."""
    given = {"company": sent.company, "set_id": sent.set_id}
    received = target.first(RECEIVED, **given, source=source_book) if target else None
    carried = source.all(CARRIED, **given)
    maps = [
        map_version(source, map_id=one.map, content_hash=one.map_hash)
        for one in carried
        if one.row_count and one.map_version is not None
    ]
    return Explanation(
        source=source_book,
        sent=sent,
        received=received,
        moments=tuple(sorted(_moments(source, sent, received), key=lambda one: one.at)),
        carried=tuple(carried),
        missed=tuple(source.all(MISSED, **given)),
        holds=holds_of(source, sent=sent),
        rows={one.compiled.map.id: _rows(source, one, sent, rows_max) for one in maps},
        statements={one.compiled.map.id: dict(one.compiled.statements()) for one in maps},
    )


def _remedy(code: str | None) -> str:
    return CATALOGUE[code].remedy if code is not None and code in CATALOGUE else DELIVER


def _own_holds(sent: SentSet) -> Iterator[Hold]:
    since = sent.created_at
    if sent.state == "waiting" and sent.next_attempt_at is not None:
        what = f"tried {sent.attempts} times, again at {sent.next_attempt_at:%Y-%m-%d %H:%M:%SZ}"
        yield Hold(f"{what}: {sent.problem}", since, sent.code or "", _remedy(sent.code))
    elif sent.state != "waiting":
        what = f"{sent.state}: {sent.problem or 'no reason is known'}"
        yield Hold(what, since, sent.code or "", _remedy(sent.code))


def _rows(source: Reader, active: ActiveMap, sent: SentSet, limit: int) -> tuple[str, ...]:
    given = {"company": sent.company, "set_ids": [sent.set_id]}
    if not limit:
        return ()
    return tuple(first_rows(source, active.compiled.shipped, given, limit=limit))


def _moments(source: Reader, sent: SentSet, received: Received | None) -> Iterator[Moment]:
    yield Moment(sent.created_at, "source", "sealed", sent.actor)
    for one in events_of_set(source, company=sent.company, set_id=sent.set_id):
        yield Moment(one.happened_at, "source", one.event, one.actor, one.code, one.detail)
    if received is not None:
        detail = f"{received.row_count} rows"
        yield Moment(received.applied_at, "target", "applied", "dual-write", None, detail)
    if sent.acknowledged_at is not None:
        yield Moment(sent.acknowledged_at, "source", "acknowledged", "dual-write")
