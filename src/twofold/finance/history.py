"""Who did what in the finance book, from what the book records anyway.

Proposals and their review, journals, invoices, whatever else was posted, periods, and every change
set with who made it.

Before  the book is open for reading.
After   nothing has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did: when, what, to which record."""

    at: datetime
    act: str
    record: str
    actor: str
    detail: str


SQL: Final = SqlFile(__name__)
DEEDS: Final = SQL.query("deeds", gives=Deed)


def list_deeds(
    reader: Reader,
    *,
    company: str,
    record: str | None,
    actor: str | None,
    before: tuple[datetime, str, str] | None,
    limit: int,
) -> list[Deed]:
    """Give what was done before a deed (moment, act, record), or to now, the newest first."""
    at, act, of = before or (None, "", "")
    return reader.all(
        DEEDS,
        company=company,
        record=record,
        actor=actor,
        before_at=at,
        before_act=act,
        before_record=of,
        rows_max=limit,
    )
