"""The dimensions of the lines that import makes, before they are made.

A company without dimensions is asked once and pays nothing per line. Otherwise the defaults are
found per combination (``default_dimensions``); a reversal takes those that its original has by
now, posted or still on a journal.

Before  ``judged_lines.judge`` has filled the working table ``import_line``.
After   the working table ``import_dimension`` has the lines that carry dimensions.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.sets import uses_dimensions
from twofold.finance.staging.default_dimensions import (
    close_default_search,
    find_defaults,
    open_default_search,
)

SQL: Final = SqlFile(__name__)
CREATE_IMPORT_DIMENSION: Final = SQL.command("create_import_dimension")
NAME_DEFAULTS: Final = SQL.command("name_defaults")
FILL_IMPORT_DIMENSION: Final = SQL.command("fill_import_dimension")
ANALYZE_IMPORT_DIMENSION: Final = SQL.command("analyze_import_dimension")
DROP_IMPORT_DIMENSION: Final = SQL.command("drop_import_dimension")


def find_line_dimensions(transaction: Transaction, *, company: str) -> None:
    """Fill ``import_dimension`` for the lines of ``import_line``."""
    transaction.run(CREATE_IMPORT_DIMENSION)
    if uses_dimensions(transaction, company=company):
        open_default_search(transaction)
        transaction.run(NAME_DEFAULTS, company=company)
        find_defaults(transaction, company=company)
        transaction.run(FILL_IMPORT_DIMENSION, company=company)
        close_default_search(transaction)
    transaction.run(ANALYZE_IMPORT_DIMENSION)


def close_line_dimensions(transaction: Transaction) -> None:
    """Drop the working table, so that the transaction may import again."""
    transaction.run(DROP_IMPORT_DIMENSION)
