"""Decline requested recalls: the entries stay approved.

Before  a recall was requested for the entries.
After   each is approved as before, or is as it was, with a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from twofold.database.transaction import Transaction
from twofold.kernel.errors import Refusal
from twofold.operations.entries.states import choose_entries, move_entries


@dataclass(frozen=True, slots=True)
class RecallRefusalResult:
    """How many entries stay approved, and for which no recall was requested."""

    entry_count: int
    refusals: tuple[Refusal, ...]


def refuse_recall(
    transaction: Transaction, *, company: str, entry_ids: Iterable[int], actor: str, at: datetime
) -> RecallRefusalResult:
    """Decline the recall of entries."""
    chosen = choose_entries(
        transaction, company=company, entry_ids=entry_ids, states=("recall_requested",)
    )
    move_entries(
        transaction,
        company=company,
        entry_ids=chosen.entry_ids,
        states=("approved", "approved"),
        act="recall_refused",
        by=(actor, at),
    )
    return RecallRefusalResult(len(chosen.entry_ids), chosen.refusals)
