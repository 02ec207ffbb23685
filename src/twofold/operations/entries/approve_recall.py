"""Grant requested recalls: the entries go back to who recorded them.

Before  a recall was requested for the entries and nothing of them is on a draft or billed.
After   every actual of their approval has a reversal, their sales have left the backlog, their
        journal lines are gone, and time is returned, everything else rejected; or the entry is
        as it was, with a refusal.
Next    the change set takes the reversals to finance; submit.py, once the entry is corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import only_one, record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.errors import Refusal
from twofold.operations.entries.reversal import Reversed, reverse_approvals, without_billed
from twofold.operations.entries.states import choose_entries
from twofold.operations.entries.withdrawal import withdraw_submission

SQL: Final = SqlFile(__name__)
GIVE_BACK_ENTRIES: Final = SQL.command("give_back_entries")


@dataclass(frozen=True, slots=True)
class RecallApprovalResult:
    """How many entries went back, with which reversals, and which were refused."""

    entry_count: int
    reversed: Reversed | None
    refusals: tuple[Refusal, ...]


def approve_recall(
    transaction: Transaction, *, company: str, entry_ids: Iterable[int], actor: str, at: datetime
) -> RecallApprovalResult:
    """Grant the recalls that were requested and can still be granted."""
    requested = choose_entries(
        transaction, company=company, entry_ids=entry_ids, states=("recall_requested",)
    )
    chosen = without_billed(transaction, company=company, chosen=requested)
    if not chosen.entry_ids:
        return RecallApprovalResult(0, None, chosen.refusals)
    reversal = reverse_approvals(
        transaction, company=company, entry_ids=chosen.entry_ids, actor=actor, at=at
    )
    withdraw_submission(transaction, company=company, entry_ids=chosen.entry_ids)
    transaction.run(GIVE_BACK_ENTRIES, company=company, entry_ids=list(chosen.entry_ids))
    record_deed(
        transaction,
        company=company,
        act="recall_approved",
        by=(actor, at),
        number=only_one(chosen.entry_ids),
        detail=those(chosen.entry_ids),
    )
    return RecallApprovalResult(len(chosen.entry_ids), reversal, chosen.refusals)
