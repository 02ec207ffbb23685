"""Have a proposal reviewed: submit it, approve or reject it, ask for a change, start again.

Where the company has proposals approved (parameter ``proposals_need_approval``), only an approved
one is posted. While it waits for a decision, and after it, its contents do not change.

    draft, change requested --submit--> submitted
    submitted --approve--> approved   --reject--> rejected   --request a change--> change requested
    submitted, approved, rejected, change requested --reset--> draft

Before  the proposal has lines, and is as the person saw it (``revision``).
After   it is in the next state; its history says who decided, when and why.
Next    ``posting.post``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.proposals.changes import (
    Act,
    ChangedProposal,
    LockedProposal,
    conclude,
    lock_proposal,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

Step = Literal["submit", "approve", "reject", "request_change", "reset"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A step of the review, and the words about it that the history keeps."""

    step: Step
    note: str = ""


SQL: Final = SqlFile(__name__)
SET_REVIEW: Final = SQL.command("set_review")

# From which states each step leads to which, and what the history calls it.
_STEPS: Final[dict[Step, tuple[frozenset[str], str, Act]]] = {
    "submit": (frozenset({"draft", "change_requested"}), "submitted", "submitted"),
    "approve": (frozenset({"submitted"}), "approved", "approved"),
    "reject": (frozenset({"submitted"}), "rejected", "rejected"),
    "request_change": (frozenset({"submitted"}), "change_requested", "change_requested"),
    "reset": (
        frozenset({"submitted", "approved", "rejected", "change_requested"}),
        "draft",
        "reset",
    ),
}


def review_proposal(
    transaction: Transaction,
    *,
    company: str,
    proposal_id: int,
    revision: int | None,
    decision: Decision,
    actor: str,
    at: datetime,
) -> ChangedProposal:
    """Take one step of the review.

    Raises  Refused: as ``lock_proposal`` (ERR-F05, F09, F15, F18); ERR-F23 the company does not
            have proposals approved, ERR-F02 it has no lines, ERR-F21 the step does not lead on
            from where the review stands. A reset is always possible but from draft.
    Source  P36, feature 152.
    """
    proposal = lock_proposal(
        transaction, company=company, proposal_id=proposal_id, revision=revision
    )
    states, state, act = _STEPS[decision.step]
    _check(proposal, decision.step, states)
    transaction.run(SET_REVIEW, company=company, proposal_id=proposal_id, review=state)
    return conclude(
        transaction, proposal, company=company, by=(actor, at), act=act, note=decision.note
    )


def _check(proposal: LockedProposal, step: Step, states: frozenset[str]) -> None:
    record = proposal.record
    if step != "reset" and not proposal.needs_approval:
        raise Refused(refuse("ERR-F23", record, field="proposals_need_approval", value="false"))
    if step != "reset" and proposal.state != "ready":
        raise Refused(refuse("ERR-F02", record, field="state", value=proposal.state))
    if proposal.review not in states:
        raise Refused(refuse("ERR-F21", record, field="review", value=proposal.review))
