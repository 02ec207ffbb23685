"""Open sales: what was sold and is not billed yet waits in the backlog.

Work that is approved, an entry journal, a correction and a revised proforma end here alike.

Before  the sales of a block of keys are written, and what bills some of them at once has
        reversed these.
After   each of the others is a backlog item, within its limits or failed (``backlog.limits``).
Next    the project manager marks what is to be invoiced (``backlog.mark``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.operations.backlog.limits import evaluate_new_items


@dataclass(frozen=True, slots=True)
class _Opened:
    item_count: int


SQL: Final = SqlFile(__name__)
OPEN_ITEMS: Final = SQL.query("open_items", gives=_Opened)


def open_sales(transaction: Transaction, *, company: str, first_key: int, last_key: int) -> int:
    """Put the open sales of a block into the backlog and give how many; retainers stay out."""
    block = {"company": company, "first_key": first_key, "last_key": last_key}
    opened = transaction.one(OPEN_ITEMS, **block).item_count
    refresh_statistics(transaction, "operations.backlog_item", rows_added=opened)
    evaluate_new_items(transaction, company=company, first_key=first_key, last_key=last_key)
    return opened
