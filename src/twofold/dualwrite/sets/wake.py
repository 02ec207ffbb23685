"""Let sets be tried again now: those that wait for something, and stopped ones after a repair.

Before  someone asks for a delivery, or has repaired what stopped a set.
After   the sets are due; ``deliver`` decides anew what becomes of each.
"""

from __future__ import annotations

from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
WAKE: Final = SQL.command("wake")


def wake_sets(
    transaction: Transaction, *, company: str | None, stopped: Literal["too", "not"]
) -> int:
    """Make parked sets and those that pause before their next attempt due; tell how many."""
    states = ["waiting", "parked", *(["stopped"] if stopped == "too" else [])]
    return transaction.run(WAKE, company=company, states=states)
