"""The sales tax codes and rates of lines: the codes in both groups, at the rate of the tax date.

Found once per pair of groups and day, never per line. A process opens the working tables, puts
its pairs into ``taxed_pair``, and joins its lines to ``line_tax``. The tax of a line is the sum
over its codes of ``round(amount * rate / 100)`` in the precision of its currency. A line
without one of the groups, or whose groups have no code in common, is not taxed; a code without a
rate on the day is a problem of the setup (ERR-F10), which the process reports. A line that credits
is taxed by the codes and rates its original was posted with (spec P26.3).
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
CREATE_TAXED_PAIR: Final = SQL.command("create_taxed_pair")
CREATE_LINE_TAX: Final = SQL.command("create_line_tax")
FIND_LINE_TAX: Final = SQL.command("find_line_tax")
ANALYZE_LINE_TAX: Final = SQL.command("analyze_line_tax")
DROP_LINE_TAX: Final = SQL.command("drop_line_tax")


def open_tax_search(transaction: Transaction) -> None:
    """Make the empty working tables ``taxed_pair`` and ``line_tax``."""
    transaction.run(CREATE_TAXED_PAIR)
    transaction.run(CREATE_LINE_TAX)


def find_line_tax(transaction: Transaction, *, company: str) -> None:
    """Fill ``line_tax`` for every pair in ``taxed_pair``."""
    transaction.run(FIND_LINE_TAX, company=company)
    transaction.run(ANALYZE_LINE_TAX)


def close_tax_search(transaction: Transaction) -> None:
    """Drop the working tables, so that the transaction may search again."""
    transaction.run(DROP_LINE_TAX)
