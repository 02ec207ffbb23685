"""Make runs due again that failed: the next job takes them.

Before  the reason that the row tells is gone.
After   failed rows have not run; what their run did bill stays billed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
RETRY: Final = SQL.command("retry")


def retry_failed(
    transaction: Transaction, *, company: str, contract_id: int | None, actor: str, at: datetime
) -> int:
    """Make the failed rows of a contract due again, of all contracts for None; tell how many."""
    count = transaction.run(RETRY, company=company, contract_id=contract_id)
    if count:
        record_deed(
            transaction,
            company=company,
            act="failed_runs_retried",
            by=(actor, at),
            detail={"count": count, "selection": {"contract_id": contract_id}},
        )
    return count
