"""The account against an expense, where the setup names one for its resource, project or category.

Found once per combination, for cost lines of expenses alone. A process fills ``ledger_line``,
opens ``offset_line`` and prefers its accounts to those of the posting setup.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
CREATE_OFFSET_LINE: Final = SQL.command("create_offset_line")
FILL_OFFSET_LINE: Final = SQL.command("fill_offset_line")
ANALYZE_OFFSET_LINE: Final = SQL.command("analyze_offset_line")
DROP_OFFSET_LINE: Final = SQL.command("drop_offset_line")


def open_offsets(transaction: Transaction, *, company: str) -> None:
    """Make ``offset_line``: the expenses of ``ledger_line`` that have an account of their own."""
    transaction.run(CREATE_OFFSET_LINE)
    transaction.run(FILL_OFFSET_LINE, company=company)
    transaction.run(ANALYZE_OFFSET_LINE)


def close_offsets(transaction: Transaction) -> None:
    """Drop the working table, so that the transaction may search again."""
    transaction.run(DROP_OFFSET_LINE)
