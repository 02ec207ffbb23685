"""What submitting an entry means, for one entry or a million: price it and ask for approval.

Two processes submit: ``submit`` takes drafts, ``import_entries`` takes rows of a file. Each
fills the working table ``pg_temp.submission``; here the entries find their contract line, their
price lists and their prices, and what is wrong with them. ``write_submission`` then writes the
journal lines and the approvals of all that is right.

The working tables live from ``open_submission`` to ``close_submission``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.operations.keys import take_keys

WRITTEN_TABLES: Final = ("operations.entry", "operations.journal_line", "operations.approval")
JOURNAL_LINE_KEY: Final = "operations.journal_line_key"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an entry cannot be submitted."""

    entry_id: int
    code: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class SubmittedCounts:
    """How many entries were submitted, and how many of them found no sales or no cost price."""

    entry_count: int
    unpriced_count: int
    uncosted_count: int


SQL: Final = SqlFile(__name__)
WORKING_TABLES: Final = (
    SQL.command("create_submission"),
    SQL.command("create_agreed"),
    SQL.command("create_effective_list"),
    SQL.command("create_priced"),
)
# A table that was just filled has no statistics, and the next statement joins it.
ANALYZE_SUBMISSION: Final = SQL.command("analyze_submission")
ANALYZE_AGREED: Final = SQL.command("analyze_agreed")
ANALYZE_EFFECTIVE_LIST: Final = SQL.command("analyze_effective_list")
ANALYZE_PRICED: Final = SQL.command("analyze_priced")
GATHER_SUBMISSION: Final = SQL.command("gather_submission")
DROP_WORKING_TABLES: Final = SQL.command("drop_working_tables")
FIND_AGREED: Final = SQL.command("find_agreed")
FIND_EFFECTIVE_LISTS: Final = SQL.command("find_effective_lists")
FIND_PRICES: Final = SQL.command("find_prices")
LIST_PROBLEMS: Final = SQL.query("list_problems", gives=Problem)
COUNT_PRICED: Final = SQL.query("count_priced", gives=SubmittedCounts)
WRITE_JOURNAL_LINES: Final = SQL.command("write_journal_lines")
OPEN_APPROVALS: Final = SQL.command("open_approvals")


def open_submission(transaction: Transaction) -> None:
    """Make the working tables, empty."""
    for create in WORKING_TABLES:
        transaction.run(create)


def price_submission(transaction: Transaction, *, companies: tuple[str, ...]) -> list[Problem]:
    """Price the entries in ``pg_temp.submission``; give what is wrong with some of them.

    Before  ``pg_temp.submission`` holds the entries of these companies.
    After   ``pg_temp.priced`` holds them all, each with prices or with a code.
    """
    transaction.run(ANALYZE_SUBMISSION)
    for company in companies:
        transaction.run(FIND_AGREED, company=company)
    transaction.run(ANALYZE_AGREED)
    for company in companies:
        transaction.run(FIND_EFFECTIVE_LISTS, company=company)
    transaction.run(ANALYZE_EFFECTIVE_LIST)
    for company in companies:
        transaction.run(FIND_PRICES, company=company)
    transaction.run(ANALYZE_PRICED)
    return transaction.all(LIST_PROBLEMS)


def write_submission(
    transaction: Transaction, *, company: str, actor: str, at: datetime
) -> SubmittedCounts:
    """Write journal lines and approvals of the priced entries of one company without a problem.

    Before  the entries are there, in state submitted, without approval.
    """
    counts = transaction.one(COUNT_PRICED, company=company)
    if counts.entry_count:
        key = take_keys(transaction, JOURNAL_LINE_KEY, how_many=2 * counts.entry_count)
        transaction.run(WRITE_JOURNAL_LINES, company=company, first_key=key)
        transaction.run(OPEN_APPROVALS, company=company, actor=actor, at=at)
        refresh_statistics(transaction, *WRITTEN_TABLES, rows_added=counts.entry_count)
    return counts


def close_submission(transaction: Transaction) -> None:
    """Drop the working tables."""
    transaction.run(DROP_WORKING_TABLES)
