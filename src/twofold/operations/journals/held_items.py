"""The sales that a correction journal is about: in process while it is open, afterwards as before.

Before  the journal has its actuals In Process, each with the state its backlog item had.
After   the items are in process, or have that state again; the kept sums of the backlog say so.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
MOVE_ITEMS: Final = SQL.command("move_items")


def hold_items(transaction: Transaction, *, company: str, journal_id: int) -> None:
    """Put the backlog items of an open journal in process: nobody bills them."""
    transaction.run(MOVE_ITEMS, company=company, journal_id=journal_id, is_held=True)


def release_items(transaction: Transaction, *, company: str, journal_id: int) -> None:
    """Give the backlog items of a journal the states they had, ready or not."""
    transaction.run(MOVE_ITEMS, company=company, journal_id=journal_id, is_held=False)
