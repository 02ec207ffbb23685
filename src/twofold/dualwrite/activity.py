"""The activity log: what people and dual-write did to sets, maps, alerts and the bridge itself.

Events are only ever added, so the log of last year is as whole as that of today. What every set
goes through (sealed, applied, acknowledged) is no event; ``sets/explain.py`` tells it of one set.

Before  one book is open for reading.
After   nothing has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.sets.lease import ACTOR

# The operations book decides about maps; the finance book repeats what it took over.
_DECIDES_ABOUT_MAPS: Final = "operations"


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that was done, by the clock of the book that recorded it."""

    happened_at: datetime
    book: str
    event: str
    map: str | None
    company: str | None
    set_id: int | None
    code: str | None
    detail: str | None
    actor: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which activities: all conditions given must hold.

    ``by_people`` leaves out what dual-write did by itself; ``within`` is how long ago at most.
    """

    map: str | None = None
    company: str | None = None
    actor: str | None = None
    by_people: bool = False
    within: timedelta | None = None


SQL: Final = SqlFile(__name__)
ACTIVITIES: Final = SQL.query("activities", gives=Activity)


def activities(reader: Reader, *, book: str, wanted: Wanted, limit: int) -> list[Activity]:
    """Give what was done in a book, the last first; about maps, in the book that decides."""
    return reader.all(
        ACTIVITIES,
        book=book,
        with_maps=book == _DECIDES_ABOUT_MAPS,
        map=wanted.map,
        company=wanted.company,
        actor=wanted.actor,
        not_by=ACTOR if wanted.by_people else None,
        within=wanted.within,
        rows_max=limit,
    )
