"""Fresh planner statistics after a large load, inside the transaction that loaded.

Autovacuum would see to it a minute later; the next statement of a process cannot wait. Small
sets never pay for it, and two transactions that refresh one table do not wait for each other.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
REFRESH: Final = SQL.command("refresh")

# From here on a plan made for a handful of rows costs more than reading a sample of the table.
LARGE: Final = 500


def refresh_statistics(transaction: Transaction, *tables: str, rows_added: int) -> None:
    """Refresh the statistics of ``schema.table``s that ``rows_added`` rows went into.

    After   tables that have outgrown their statistics are analysed, if the load was large; rows
            and results are untouched.
    """
    if rows_added >= LARGE:
        for table in tables:
            transaction.run(REFRESH, table=table)
