"""Discard a correction journal: its entries stay as they were approved.

Before  the journal is open.
After   it is discarded, and its actuals are no longer In Process: their sales are in the backlog
        as they were, ready or not.
"""

from __future__ import annotations

from datetime import datetime

from twofold.database.deeds import record_deed
from twofold.database.transaction import Transaction
from twofold.operations.journals.held_items import release_items
from twofold.operations.journals.states import (
    RELEASE_ACTUALS,
    close_journal,
    lock_open_journal,
)


def discard_correction(
    transaction: Transaction, *, company: str, journal_id: int, actor: str, at: datetime
) -> None:
    """Discard an open correction journal (ERR-B53, B54)."""
    lock_open_journal(transaction, company=company, journal_id=journal_id, kind="correction")
    release_items(transaction, company=company, journal_id=journal_id)
    transaction.run(RELEASE_ACTUALS, company=company, journal_id=journal_id)
    close_journal(
        transaction, company=company, journal_id=journal_id, actor=actor, at=at, made=None
    )
    record_deed(
        transaction,
        company=company,
        act="correction_discarded",
        by=(actor, at),
        number=str(journal_id),
    )
