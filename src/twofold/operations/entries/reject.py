"""Send submitted entries back to who recorded them.

Before  the entries are submitted.
After   time is returned and everything else rejected, without approval or journal lines; or the
        entry is as it was, with a refusal.
Next    submit.py, once the entry is corrected.
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
class RejectResult:
    """How many entries went back, and which were refused."""

    entry_count: int
    refusals: tuple[Refusal, ...]


def reject_entries(
    transaction: Transaction, *, company: str, entry_ids: Iterable[int], actor: str, at: datetime
) -> RejectResult:
    """Reject the entries that wait for a decision."""
    chosen = choose_submitted(transaction, company=company, entry_ids=entry_ids)
    withdraw_submission(transaction, company=company, entry_ids=chosen.entry_ids)
    move_entries(
        transaction,
        company=company,
        entry_ids=chosen.entry_ids,
        states=("returned", "rejected"),
        act="entries_rejected",
        by=(actor, at),
    )
    return RejectResult(len(chosen.entry_ids), chosen.refusals)
