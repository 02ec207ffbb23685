"""Confirm a correction journal: its entries get their new values, their actuals are made anew.

Before  the journal is open.
After   each cost and sale of its entries has a reversal, the entries have the new values, and
        new actuals are priced and resolved from them as an approval would; the originals are
        Adjusted, the reversals Unadjustable, the journal is confirmed. One set takes all of it.
Next    the new sales are in the backlog. Run in a transaction that is rolled back, this shows
        exactly what confirming would write.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.errors import Refused
from twofold.operations.entries.readjustment import Readjusted, readjust
from twofold.operations.entries.states import choose_entries
from twofold.operations.journals.states import (
    RELEASE_ACTUALS,
    Made,
    close_journal,
    lock_open_journal,
)


@dataclass(frozen=True, slots=True)
class _Entries:
    entry_ids: list[int]


SQL: Final = SqlFile(__name__)
FIND_ENTRIES: Final = SQL.query("find_entries", gives=_Entries)
CHANGE_ENTRIES: Final = SQL.command("change_entries")


def confirm_correction(
    transaction: Transaction, *, company: str, journal_id: int, actor: str, at: datetime
) -> Readjusted:
    """Correct all entries of the journal, or refuse with all that cannot be priced (E24, E25)."""
    lock_open_journal(transaction, company=company, journal_id=journal_id, kind="correction")
    found = transaction.one(FIND_ENTRIES, company=company, journal_id=journal_id)
    chosen = choose_entries(
        transaction, company=company, entry_ids=found.entry_ids, states=("approved",)
    )
    if chosen.refusals:
        raise Refused(*chosen.refusals)
    transaction.run(RELEASE_ACTUALS, company=company, journal_id=journal_id)
    entry_ids = list(chosen.entry_ids)
    transaction.run(CHANGE_ENTRIES, company=company, journal_id=journal_id, entry_ids=entry_ids)
    corrected = readjust(
        transaction,
        company=company,
        entry_ids=entry_ids,
        event="adjustment",
        actor=actor,
        at=at,
    )
    close_journal(
        transaction,
        company=company,
        journal_id=journal_id,
        actor=actor,
        at=at,
        made=Made(corrected.first_actual_id, corrected.last_actual_id, corrected.set_id),
    )
    record_deed(
        transaction,
        company=company,
        act="correction_confirmed",
        by=(actor, at),
        number=str(journal_id),
        detail=those(entry_ids),
    )
    return corrected
