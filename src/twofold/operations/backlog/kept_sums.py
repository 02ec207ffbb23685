"""Kept sums of the backlog: what totals are read from, however many items are open.

A statement that changes items adds what came and what left to ``operations.backlog_sum``, in the
same transaction, and never waits for another. So the rows of a contract become more with every
change; whoever bills makes them few again.

Before  the sums of a contract's rows are what is in its backlog.
After   they still are (invariant ``kept_backlog_is_counted``), and there is one row of each kind.
Next    ``backlog.reads`` and ``backlog.totals`` read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
FOLD: Final = SQL.command("fold")


def fold_sums(
    transaction: Transaction, *, company: str, contract_ids: Sequence[int] | None
) -> None:
    """Fold the rows of contracts, of all for None; rows that somebody else folds are left to them.

    What others have added and not committed yet stays as it is, and is folded another time.
    """
    ids = None if contract_ids is None else list(contract_ids)
    transaction.run(FOLD, company=company, contract_ids=ids)
