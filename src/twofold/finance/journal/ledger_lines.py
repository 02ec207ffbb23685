"""The lines of a journal, with what their posting depends on.

A line that reverses a posted transaction has the amounts, profile, accounts and dimensions of that
transaction, taken back; every other line those of its actual, or of its fee.

Before  the journal is locked and has lines.
After   the working table ``ledger_line`` has every line, and ``reversed_ledger_line`` those that
        reverse a posted transaction, with what they mirror.
Next    ``post`` judges them.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
CREATE_REVERSED_LINE: Final = SQL.command("create_reversed_line")
FILL_REVERSED_LINE: Final = SQL.command("fill_reversed_line")
FILL_REVERSED_FEE: Final = SQL.command("fill_reversed_fee")
ANALYZE_REVERSED_LINE: Final = SQL.command("analyze_reversed_line")
CREATE_LEDGER_LINE: Final = SQL.command("create_ledger_line")
FILL_LEDGER_LINE: Final = SQL.command("fill_ledger_line")
FILL_LEDGER_FEE: Final = SQL.command("fill_ledger_fee")
ANALYZE_LEDGER_LINE: Final = SQL.command("analyze_ledger_line")
DROP_LEDGER_LINE: Final = SQL.command("drop_ledger_line")


def open_ledger_lines(transaction: Transaction, *, company: str, journal_id: int) -> None:
    """Fill ``ledger_line`` with every line of the journal."""
    transaction.run(CREATE_REVERSED_LINE)
    transaction.run(FILL_REVERSED_LINE, company=company, journal_id=journal_id)
    transaction.run(FILL_REVERSED_FEE, company=company, journal_id=journal_id)
    transaction.run(ANALYZE_REVERSED_LINE)
    transaction.run(CREATE_LEDGER_LINE)
    transaction.run(FILL_LEDGER_LINE, company=company, journal_id=journal_id)
    transaction.run(FILL_LEDGER_FEE, company=company, journal_id=journal_id)
    transaction.run(ANALYZE_LEDGER_LINE)


def close_ledger_lines(transaction: Transaction) -> None:
    """Drop the working tables, so that the transaction may post another journal."""
    transaction.run(DROP_LEDGER_LINE)
