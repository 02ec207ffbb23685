"""Send submitted entries back to who recorded them, and say why.

Before  the entries are submitted.
After   time is returned and everything else rejected, without approval or journal lines, and the
        reason stands with who gave it; or the entry is as it was, with a refusal.
Next    submit.py, once the entry is corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.states import choose_submitted, move_entries
from twofold.operations.entries.withdrawal import withdraw_submission

NO_REASON: Final = "ERR-U32"


@dataclass(frozen=True, slots=True)
class RejectResult:
    """How many entries went back, and which were refused."""

    entry_count: int
    refusals: tuple[Refusal, ...]


SQL: Final = SqlFile(__name__)
WRITE_REASON: Final = SQL.command("write_reason")


def reject_entries(
    transaction: Transaction,
    *,
    company: str,
    entry_ids: Iterable[int],
    reason: str,
    actor: str,
    at: datetime,
) -> RejectResult:
    """Reject the entries that wait for a decision, for one reason.

    Raises  Refused: ERR-U32 no reason is given.
    """
    if not reason.strip():
        raise Refused(refuse(NO_REASON, f"company {company}", field="reason", value=reason))
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
    transaction.run(
        WRITE_REASON,
        company=company,
        entry_ids=list(chosen.entry_ids),
        reason=reason.strip(),
        actor=actor,
        at=at,
    )
    return RejectResult(len(chosen.entry_ids), chosen.refusals)
