"""What happened to change sets and table maps: a log that is only ever added to.

An event is written in the transaction that does what it tells of, in the book where the set was
made (or, for a map, in both). Times of the normal course (sealed, applied, acknowledged) stand
in outbox, inbox and acknowledgement and are not repeated here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; ``happened_at`` by the clock of the book's server."""

    happened_at: datetime
    event: str
    map: str | None
    code: str | None
    detail: str | None
    actor: str


SQL: Final = SqlFile(__name__)
RECORD: Final = SQL.command("record")
OF_SET: Final = SQL.query("of_set", gives=Event)


def record_event(  # noqa: PLR0913 - one argument per column of the log
    transaction: Transaction,
    *,
    event: str,
    actor: str,
    company: str | None = None,
    set_ids: tuple[int, ...] = (),
    map_id: str | None = None,
    code: str | None = None,
    detail: str | None = None,
) -> None:
    """Add an event: one row for each set, or one row when it is about no set."""
    transaction.run(
        RECORD,
        event=event,
        actor=actor,
        company=company,
        set_ids=list(set_ids) or [None],
        map=map_id,
        code=code,
        detail=detail,
    )


def events_of_set(reader: Reader, *, company: str, set_id: int) -> list[Event]:
    """Give what happened to a set, oldest first."""
    return reader.all(OF_SET, company=company, set_id=set_id)
