"""What every change of a proposal shares: it is locked, it is the one that was seen, it is noted.

Before  whoever changes a proposal names the revision that was seen.
After   the revision is the next one, and the history says who did what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database import deeds
from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

Act = Literal[
    "header_edited", "taxes_edited", "format_edited", "lines_deleted", "submitted", "approved",
    "rejected", "change_requested", "reset",
]  # fmt: skip

_DEEDS: Final[dict[Act, deeds.Act]] = {
    "header_edited": "proposal_header_edited",
    "taxes_edited": "proposal_taxes_edited",
    "format_edited": "proposal_format_edited",
    "lines_deleted": "proposal_lines_deleted",
    "submitted": "proposal_submitted",
    "approved": "proposal_approved",
    "rejected": "proposal_rejected",
    "change_requested": "proposal_change_requested",
    "reset": "proposal_reset",
}

# In these states of its review a proposal waits for nobody's word, and may change.
CHANGEABLE: Final = frozenset({"draft", "change_requested"})


@dataclass(frozen=True, slots=True)
class LockedProposal:
    """A proposal that is not posted, locked. Who changed it last: nobody yet is None."""

    proposal_id: int
    number: str
    state: str
    review: str
    needs_approval: bool
    revision: int
    invoice_date: date
    due_date: date | None
    due_date_is_manual: bool
    payment_terms: str | None
    changed_by: str | None
    changed_at: datetime | None

    @property
    def record(self) -> str:
        """The proposal as refusals name it."""
        return f"proposal/{self.number}"


@dataclass(frozen=True, slots=True)
class ChangedProposal:
    """A proposal after a change; amounts in its currency, total = net + tax."""

    proposal_id: int
    number: str
    revision: int
    state: str
    review: str
    invoice_date: date | None
    due_date: date | None
    due_date_is_manual: bool
    payment_terms: str | None
    currency: str
    line_count: int
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal


SQL: Final = SqlFile(__name__)
LOCK: Final = SQL.command("lock")
READ_LOCKED: Final = SQL.query("read_locked", gives=LockedProposal)
NOTE: Final = SQL.command("note")
CONCLUDE: Final = SQL.query("conclude", gives=ChangedProposal)


def lock_proposal(
    transaction: Transaction, *, company: str, proposal_id: int, revision: int | None
) -> LockedProposal:
    """Lock a proposal for a change; None as ``revision`` changes it whatever others did before.

    Raises  Refused: ERR-F09 there is none, ERR-F05 it is posted, ERR-F18 nothing on it is to be
            billed, ERR-F15 somebody changed it since the revision that was seen.
    """
    transaction.run(LOCK, company=company, proposal_id=proposal_id)
    proposal = transaction.first(READ_LOCKED, company=company, proposal_id=proposal_id)
    if proposal is None:
        raise Refused(refuse("ERR-F09", f"proposal/{proposal_id}"))
    if proposal.state in {"posted", "nothing_to_bill"}:
        code = "ERR-F05" if proposal.state == "posted" else "ERR-F18"
        raise Refused(refuse(code, proposal.record, field="state", value=proposal.state))
    if revision is not None and revision != proposal.revision:
        reason = f"{proposal.changed_by} changed it at {proposal.changed_at:%Y-%m-%d %H:%M}"
        raise Refused(
            refuse("ERR-F15", proposal.record, field="revision", value=str(revision), reason=reason)
        )
    return proposal


def lock_changeable(
    transaction: Transaction, *, company: str, proposal_id: int, revision: int | None
) -> LockedProposal:
    """Lock a proposal whose contents are to change.

    Raises  Refused: as ``lock_proposal``; ERR-F19 its review is under way or over.
    """
    proposal = lock_proposal(
        transaction, company=company, proposal_id=proposal_id, revision=revision
    )
    if proposal.review not in CHANGEABLE:
        raise Refused(refuse("ERR-F19", proposal.record, field="review", value=proposal.review))
    return proposal


def conclude(
    transaction: Transaction,
    proposal: LockedProposal,
    *,
    company: str,
    by: tuple[str, datetime],
    act: Act,
    note: str,
) -> ChangedProposal:
    """Note the act in the history, and give the proposal its next revision."""
    actor, at = by
    asked = {"company": company, "proposal_id": proposal.proposal_id}
    transaction.run(NOTE, act=act, actor=actor, at=at, note=note, **asked)
    record_deed(
        transaction,
        company=company,
        act=_DEEDS[act],
        by=by,
        number=proposal.number,
        detail={"reason": note} if note else None,
    )
    return transaction.one(CONCLUDE, **asked)
