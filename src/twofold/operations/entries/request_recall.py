"""Ask for approved entries back: the approver decides.

Before  the entries are approved and nothing of them is on a draft or billed.
After   each is in state recall_requested, with its actuals untouched; or is as it was, with a
        refusal.
Next    approve_recall.py or refuse_recall.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from twofold.database.transaction import Transaction
from twofold.kernel.errors import Refusal
from twofold.operations.entries.reversal import without_billed
from twofold.operations.entries.states import choose_entries, move_entries


@dataclass(frozen=True, slots=True)
class RecallRequestResult:
    """For how many entries a recall was requested, and which were refused."""

    entry_count: int
    refusals: tuple[Refusal, ...]


def request_recall(
    transaction: Transaction, *, company: str, entry_ids: Iterable[int], actor: str, at: datetime
) -> RecallRequestResult:
    """Request the recall of the approved entries that nobody has billed."""
    approved = choose_entries(
        transaction, company=company, entry_ids=entry_ids, states=("approved",)
    )
    chosen = without_billed(transaction, company=company, chosen=approved)
    move_entries(
        transaction,
        company=company,
        entry_ids=chosen.entry_ids,
        states=("recall_requested", "recall_requested"),
        act="recall_requested",
        by=(actor, at),
    )
    return RecallRequestResult(len(chosen.entry_ids), chosen.refusals)
