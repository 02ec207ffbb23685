"""Journals whose lines may still change: locked, or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class UnpostedJournal:
    """A journal that is locked."""

    number: str
    state: str


SQL: Final = SqlFile(__name__)
LOCK_JOURNAL: Final = SQL.query("lock_journal", gives=UnpostedJournal)


def lock_unposted(
    transaction: Transaction, *, company: str, journal_id: int, states: tuple[str, ...]
) -> UnpostedJournal:
    """Lock a journal in one of these states; refused with ERR-J09 where it is in none of them."""
    journal = transaction.first(LOCK_JOURNAL, company=company, journal_id=journal_id)
    if journal is None:
        raise Refused(refuse("ERR-J09", f"journal/{journal_id}", field="state", value="unknown"))
    if journal.state not in states:
        record = f"journal/{journal.number}"
        raise Refused(refuse("ERR-J09", record, field="state", value=journal.state))
    return journal
