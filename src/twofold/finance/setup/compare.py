"""Compare a setup file with the book: what applying it would add, change and remove, by field.

What the book has and the file does not name is told as well: it would stay. The caller applies
the file afterwards in the same trial, which refuses what cannot be and counts what would be done.

After   nothing changed; nobody else applies a setup until the transaction ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from twofold.database.merge import Difference
from twofold.database.transaction import Transaction
from twofold.finance.setup.records import FinanceSetup
from twofold.finance.setup.rows import rows_of
from twofold.finance.setup.tables import LOCK_SETUP, read_differences


@dataclass(frozen=True, slots=True)
class TableDifferences:
    """How one table of a company differs from the file."""

    company: str
    table: str
    differences: tuple[Difference, ...]


def compare_setup(transaction: Transaction, *, setup: FinanceSetup) -> tuple[TableDifferences, ...]:
    """Give the tables that differ, company by company in the order of the file."""
    transaction.run(LOCK_SETUP)
    compared = (
        TableDifferences(
            one.code,
            table,
            tuple(read_differences(transaction, table, rows, company=one.code)),
        )
        for one in setup.company
        for table, rows in rows_of(one).items()
    )
    return tuple(one for one in compared if one.differences)
