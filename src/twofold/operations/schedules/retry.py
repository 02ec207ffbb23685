"""Make runs due again that failed: the next job takes them.

Before  the reason that the row tells is gone.
After   failed rows have not run; what their run did bill stays billed.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
RETRY: Final = SQL.command("retry")


def retry_failed(transaction: Transaction, *, company: str, contract_id: int | None) -> int:
    """Make the failed rows of a contract due again, of all contracts for None; tell how many."""
    return transaction.run(RETRY, company=company, contract_id=contract_id)
