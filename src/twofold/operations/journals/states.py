"""From open to confirmed or discarded: lock a journal, and close it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

JOURNAL_UNKNOWN: Final = "ERR-B53"
JOURNAL_CLOSED: Final = "ERR-B54"

Kind = Literal["correction", "entry"]


@dataclass(frozen=True, slots=True)
class _Found:
    is_open: bool


SQL: Final = SqlFile(__name__)
LOCK_JOURNAL: Final = SQL.query("lock_journal", gives=_Found)
CLOSE_JOURNAL: Final = SQL.command("close_journal")
RELEASE_ACTUALS: Final = SQL.command("release_actuals")


@dataclass(frozen=True, slots=True)
class Made:
    """The actuals that confirming a journal made, and the set that takes them to finance."""

    first_actual_id: int
    last_actual_id: int
    set_id: int


def lock_open_journal(
    transaction: Transaction, *, company: str, journal_id: int, kind: Kind
) -> None:
    """Lock a journal of this kind; refused when there is none, or when it is closed."""
    found = transaction.first(LOCK_JOURNAL, company=company, journal_id=journal_id, kind=kind)
    record = journal_record(company, journal_id)
    if found is None:
        raise Refused(refuse(JOURNAL_UNKNOWN, record, field="journal", value=str(journal_id)))
    if not found.is_open:
        raise Refused(refuse(JOURNAL_CLOSED, record))


def close_journal(
    transaction: Transaction,
    *,
    company: str,
    journal_id: int,
    actor: str,
    at: datetime,
    made: Made | None,
) -> None:
    """Close a locked journal: confirmed with the actuals it made, or discarded without any."""
    transaction.run(
        CLOSE_JOURNAL,
        company=company,
        journal_id=journal_id,
        state="confirmed" if made else "discarded",
        actor=actor,
        at=at,
        set_id=made and made.set_id,
        first_key=made and made.first_actual_id,
        last_key=made and made.last_actual_id,
    )


def journal_record(company: str, journal_id: int) -> str:
    """Name a journal in messages."""
    return f"journal {company}/{journal_id}"
