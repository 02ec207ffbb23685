"""Cancel approvals: the entries wait for a decision again.

Before  the entries are approved and nothing of them is on a draft or billed.
After   every actual of their approval has a reversal, their sales have left the backlog, and
        each entry is submitted with the approval it had; or is as it was, with a refusal.
Next    the change set takes the reversals to finance; change_approval.py, approve.py, reject.py.
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
from twofold.operations.entries.states import RESUBMIT_ENTRIES, choose_entries

SQL: Final = SqlFile(__name__)
REOPEN_APPROVALS: Final = SQL.command("reopen_approvals")


@dataclass(frozen=True, slots=True)
class CancelResult:
    """How many approvals were cancelled, with which reversals, and which were refused."""

    entry_count: int
    reversed: Reversed | None
    refusals: tuple[Refusal, ...]


def cancel_approvals(
    transaction: Transaction, *, company: str, entry_ids: Iterable[int], actor: str, at: datetime
) -> CancelResult:
    """Cancel the approvals that can still be; one that cannot does not hold up the others."""
    approved = choose_entries(
        transaction, company=company, entry_ids=entry_ids, states=("approved",)
    )
    chosen = without_billed(transaction, company=company, chosen=approved)
    if not chosen.entry_ids:
        return CancelResult(0, None, chosen.refusals)
    reversal = reverse_approvals(
        transaction, company=company, entry_ids=chosen.entry_ids, actor=actor, at=at
    )
    ids = list(chosen.entry_ids)
    transaction.run(REOPEN_APPROVALS, company=company, entry_ids=ids, actor=actor, at=at)
    transaction.run(RESUBMIT_ENTRIES, company=company, entry_ids=ids)
    record_deed(
        transaction,
        company=company,
        act="approvals_cancelled",
        by=(actor, at),
        number=only_one(chosen.entry_ids),
        detail=those(chosen.entry_ids),
    )
    return CancelResult(len(ids), reversal, chosen.refusals)
