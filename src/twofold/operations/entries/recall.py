"""Take submitted entries back before anybody has decided: they are drafts again.

Before  the entries are submitted.
After   each is a draft without approval or journal lines, or is as it was, with a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from twofold.database.transaction import Transaction
from twofold.kernel.errors import Refusal
from twofold.operations.entries.states import choose_submitted, move_entries
from twofold.operations.entries.withdrawal import withdraw_submission


@dataclass(frozen=True, slots=True)
class RecallResult:
    """How many entries are drafts again, and which were refused."""

    entry_count: int
    refusals: tuple[Refusal, ...]


def recall_entries(
    transaction: Transaction, *, company: str, entry_ids: Iterable[int], actor: str, at: datetime
) -> RecallResult:
    """Recall the entries that still wait for a decision."""
    chosen = choose_submitted(transaction, company=company, entry_ids=entry_ids)
    withdraw_submission(transaction, company=company, entry_ids=chosen.entry_ids)
    move_entries(
        transaction,
        company=company,
        entry_ids=chosen.entry_ids,
        states=("draft", "draft"),
        act="entries_recalled",
        by=(actor, at),
    )
    return RecallResult(len(chosen.entry_ids), chosen.refusals)
