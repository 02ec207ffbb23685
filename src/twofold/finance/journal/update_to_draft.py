"""Bring a journal in error back to draft, so that it can be posted again.

The same for a journal that is Processing because whoever posted it died: nothing of it was
posted, and nobody holds its row. There is no need to wait for a day.

Before  the journal is in error, or Processing and in nobody's hands.
After   the journal and its lines are draft, without reasons; a worker that took it before and was
        only slow is refused.
Next    ``post`` judges every line anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class ReopenedJournal:
    """A journal that is draft again, and how many lines it has."""

    journal_id: int
    number: str
    line_count: int
    reopened_by: str
    reopened_at: datetime


@dataclass(frozen=True, slots=True)
class _Journal:
    number: str
    state: str


SQL: Final = SqlFile(__name__)
FIND_JOURNAL: Final = SQL.query("find_journal", gives=_Journal)
LOCK_JOURNAL: Final = SQL.query("lock_journal", gives=_Journal)
REOPEN_JOURNAL: Final = SQL.command("reopen_journal")
REOPEN_LINES: Final = SQL.command("reopen_lines")
GIVE_UP_POSTING: Final = SQL.command("give_up_posting")


def update_to_draft(
    transaction: Transaction, *, company: str, journal_id: int, actor: str, at: datetime
) -> ReopenedJournal:
    """Update a journal to draft.

    Refused: ERR-J09 when it is unknown, draft already, deleted or posted; ERR-J22 while it is
    being posted.
    """
    journal = transaction.first(FIND_JOURNAL, company=company, journal_id=journal_id)
    if journal is None:
        raise Refused(refuse("ERR-J09", f"journal/{journal_id}", field="state", value="unknown"))
    record = f"journal/{journal.number}"
    journal = transaction.first(LOCK_JOURNAL, company=company, journal_id=journal_id)
    if journal is None:
        raise Refused(refuse("ERR-J22", record, field="state", value="processing"))
    if journal.state not in {"error", "processing"}:
        raise Refused(refuse("ERR-J09", record, field="state", value=journal.state))
    transaction.run(GIVE_UP_POSTING, company=company, journal_id=journal_id, at=at)
    transaction.run(REOPEN_JOURNAL, company=company, journal_id=journal_id)
    line_count = transaction.run(REOPEN_LINES, company=company, journal_id=journal_id)
    record_deed(
        transaction,
        company=company,
        act="journal_reopened",
        by=(actor, at),
        number=journal.number,
        detail={"count": line_count},
    )
    return ReopenedJournal(journal_id, journal.number, line_count, actor, at)
