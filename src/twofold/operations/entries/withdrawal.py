"""Undo a submission: the approval and the journal lines go, as if it had not been."""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
CLOSE_APPROVALS: Final = SQL.command("close_approvals")
ERASE_JOURNAL_LINES: Final = SQL.command("erase_journal_lines")


def withdraw_submission(
    transaction: Transaction, *, company: str, entry_ids: tuple[int, ...]
) -> None:
    """Delete the approvals, where there are any, and the journal lines of entries."""
    transaction.run(CLOSE_APPROVALS, company=company, entry_ids=list(entry_ids))
    transaction.run(ERASE_JOURNAL_LINES, company=company, entry_ids=list(entry_ids))
