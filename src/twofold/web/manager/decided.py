"""Decided work: approvals to cancel or recall, recalls to grant, what was sent back and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException

from twofold.operations.entries.approve_recall import RecallApprovalResult, approve_recall
from twofold.operations.entries.cancel_approval import CancelResult, cancel_approvals
from twofold.operations.entries.reads import (
    ListedEntry,
    RejectedEntry,
    list_entries,
    list_rejected,
)
from twofold.operations.entries.refuse_recall import RecallRefusalResult, refuse_recall
from twofold.operations.entries.request_recall import RecallRequestResult, request_recall
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, Slice, answer, key_of
from twofold.web.manager.approvals import TABS

_DECIDED: Final[tuple[Column[ListedEntry], ...]] = (
    Column("Date", lambda one: one.work_on, "date"),
    Column("Project", lambda one: one.project_number),
    Column("Class", lambda one: one.cls, "term"),
    Column("Who or what", lambda one: one.person, note=lambda one: one.description),
    Column("Quantity", lambda one: one.quantity, "quantity"),
)
_SENT_BACK: Final[tuple[Column[RejectedEntry], ...]] = (
    Column("Date", lambda one: one.work_on, "date"),
    Column("Project", lambda one: one.project_number),
    Column("Class", lambda one: one.cls, "term"),
    Column("Who or what", lambda one: one.person, note=lambda one: one.description),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Reason", lambda one: one.reason),
    Column("Sent back by", lambda one: one.actor),
    Column("Sent back", lambda one: one.at, "moment"),
    Column("Status", lambda one: one.state, "status"),
)


def _show(asked: Asked) -> Answer:
    """Show the entries that were approved, or whose recall was requested, by their keys."""
    state = next((one for to, one, _ in TABS if to == f"/{asked.path['tab']}"), None)
    if state is None:
        raise HTTPException(404)
    if state == "sent_back":
        return _sent_back(asked)

    def page(wanted: Slice) -> Sequence[ListedEntry]:
        with asked.system.auditor_operations.reader() as reader:
            return list_entries(
                reader,
                company=asked.company,
                state=state,
                after=key_of(wanted.after),
                limit=wanted.limit,
                project=asked.text("project") or None,
            )

    listing: Listing[ListedEntry] = Listing(
        title="Entries",
        empty="There is none.",
        fields=(Field("project", "Project"),),
        columns=_DECIDED,
        page=page,
        place=lambda one: str(one.entry_id),
        pick=lambda one: str(one.entry_id),
    )
    may_correct = asked.visitor.may("bill", asked.company)
    return answer(asked, "decided.html", listing, state=state, tabs=TABS, may_correct=may_correct)


def _sent_back(asked: Asked) -> Answer:
    """Show what went back to who recorded it, the latest first, with the reason."""

    def page(wanted: Slice) -> Sequence[RejectedEntry]:
        with asked.system.auditor_operations.reader() as reader:
            return list_rejected(
                reader,
                company=asked.company,
                project=asked.text("project") or None,
                before=key_of(wanted.after) or None,
                limit=wanted.limit,
            )

    listing: Listing[RejectedEntry] = Listing(
        title="Sent back",
        empty="Nothing was sent back.",
        fields=(Field("project", "Project"),),
        columns=_SENT_BACK,
        page=page,
        place=lambda one: str(one.rejection_id),
    )
    return answer(asked, "decided.html", listing, state="sent_back", tabs=TABS, may_correct=False)


def _undo(asked: Asked) -> Answer:
    """Cancel approvals, request recalls, or grant or decline those that were requested."""
    entry_ids = [int(one) for one in asked.form.get("pick", ()) if one.isdecimal()]
    wanted = asked.typed("do")
    changed: CancelResult | RecallRequestResult | RecallApprovalResult | RecallRefusalResult
    with asked.system.operations.transaction() as transaction:
        company, actor, at = asked.company, asked.visitor.login, asked.now
        if wanted == "cancel":
            changed = cancel_approvals(
                transaction, company=company, entry_ids=entry_ids, actor=actor, at=at
            )
        elif wanted == "request":
            changed = request_recall(
                transaction, company=company, entry_ids=entry_ids, actor=actor, at=at
            )
        elif wanted == "grant":
            changed = approve_recall(
                transaction, company=company, entry_ids=entry_ids, actor=actor, at=at
            )
        else:
            changed = refuse_recall(
                transaction, company=company, entry_ids=entry_ids, actor=actor, at=at
            )
    if changed.refusals:
        values = {
            "refusals": changed.refusals,
            "back": asked.back(f"changed:{changed.entry_count}"),
        }
        return Shown("refused.html", values, status=422)
    return Moved(asked.back(f"changed:{changed.entry_count}"))


PAGES: Final = (
    Page("/{company}/approvals/undo", _undo, "approve_work", "POST"),
    Page("/{company}/approvals/{tab}", _show, "approve_work"),
)
