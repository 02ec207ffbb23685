"""What submitting an entry means, for one entry or a million: price it and ask for approval.

Two processes submit: ``submit`` takes drafts, ``import_entries`` takes rows of a file. Each
fills the working table ``pg_temp.submission`` and has it priced (``pricing``);
``write_submission`` then writes the journal lines and the approvals of all that is right.

The working tables live from ``open_submission`` to ``close_submission``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.operations.entries.pricing import close_pricing, open_pricing
from twofold.operations.keys import take_keys

WRITTEN_TABLES: Final = ("operations.entry", "operations.journal_line", "operations.approval")
JOURNAL_LINE_KEY: Final = "operations.journal_line_key"


@dataclass(frozen=True, slots=True)
class SubmittedCounts:
    """How many entries were submitted, and how many of them found no sales or no cost price."""

    entry_count: int
    unpriced_count: int
    uncosted_count: int


SQL: Final = SqlFile(__name__)
CREATE_SUBMISSION: Final = SQL.command("create_submission")
GATHER_SUBMISSION: Final = SQL.command("gather_submission")
DROP_SUBMISSION: Final = SQL.command("drop_submission")
COUNT_PRICED: Final = SQL.query("count_priced", gives=SubmittedCounts)
WRITE_JOURNAL_LINES: Final = SQL.command("write_journal_lines")
OPEN_APPROVALS: Final = SQL.command("open_approvals")


def open_submission(transaction: Transaction) -> None:
    """Make the working tables, empty."""
    transaction.run(CREATE_SUBMISSION)
    open_pricing(transaction)


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
    close_pricing(transaction)
    transaction.run(DROP_SUBMISSION)
