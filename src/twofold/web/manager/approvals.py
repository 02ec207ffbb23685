"""Approvals: work that was submitted, approved or rejected; approvals cancelled, work recalled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException

from twofold.kernel.errors import Refusal
from twofold.operations.entries.approve import approve_entries
from twofold.operations.entries.approve_recall import RecallApprovalResult, approve_recall
from twofold.operations.entries.cancel_approval import CancelResult, cancel_approvals
from twofold.operations.entries.reads import (
    ListedEntry,
    WaitingEntry,
    WaitingProject,
    list_entries,
    list_waiting,
    sum_waiting,
)
from twofold.operations.entries.refuse_recall import RecallRefusalResult, refuse_recall
from twofold.operations.entries.reject import reject_entries
from twofold.operations.entries.request_recall import RecallRequestResult, request_recall
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, Slice, answer, key_of, whole

# Entries that are shown one by one; totals count them all.
_SHOWN: Final = 200
# What entries of a tab are in; its name in English.
TABS: Final[tuple[tuple[str, str, str], ...]] = (
    ("", "submitted", "Waiting"),
    ("/approved", "approved", "Approved"),
    ("/recalls", "recall_requested", "Recall requested"),
)
_DECIDED: Final[tuple[Column[ListedEntry], ...]] = (
    Column("Date", lambda one: one.work_on, "date"),
    Column("Project", lambda one: one.project_number),
    Column("Class", lambda one: one.cls, "term"),
    Column("Who or what", lambda one: one.person, note=lambda one: one.description),
    Column("Quantity", lambda one: one.quantity, "quantity"),
)
_PROJECTS: Final[tuple[Column[WaitingProject], ...]] = (
    Column("Project", lambda one: one.project_number, note=lambda one: one.project_name),
    Column("Class", lambda one: one.cls, "term"),
    Column("From", lambda one: one.first_on, "date"),
    Column("To", lambda one: one.last_on, "date"),
    Column("Entries", lambda one: one.entry_count, "quantity"),
    Column("Quantity", lambda one: one.quantity, "quantity"),
)
_ENTRIES: Final[tuple[Column[WaitingEntry], ...]] = (
    Column("Date", lambda one: one.work_on, "date"),
    Column("Project", lambda one: one.project_number),
    Column("Class", lambda one: one.cls, "term"),
    Column("Who or what", lambda one: one.person, note=lambda one: one.description),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("To bill", lambda one: one.billable_quantity, "quantity"),
    Column("Billing type", lambda one: one.billing_type, "term"),
    Column("Cost", lambda one: one.cost_amount, "money", note=lambda one: one.cost_currency),
    Column("Sales", lambda one: one.sales_amount, "money", note=lambda one: one.sales_currency),
    Column("Submitted by", lambda one: one.submitted_by),
)


def _list(asked: Asked) -> Answer:
    """Show what waits for a decision: by project and class, and the oldest entries."""
    with asked.system.auditor_operations.reader() as reader:
        projects = sum_waiting(reader, company=asked.company)
        entries = list_waiting(reader, company=asked.company, row_count_max=_SHOWN)
    of_projects: Listing[WaitingProject] = Listing(
        key="projects",
        title="By project",
        empty="Nothing waits for a decision.",
        columns=_PROJECTS,
        page=whole(projects, _PROJECTS),
        place=lambda one: f"{one.project_number}/{one.cls}",
        per_page=max(len(projects), 1),
    )
    of_entries: Listing[WaitingEntry] = Listing(
        key="entries",
        title="Entries",
        empty="Nothing waits for a decision.",
        columns=_ENTRIES,
        page=whole(entries, _ENTRIES),
        place=lambda one: str(one.entry_id),
        pick=lambda one: str(one.entry_id),
        per_page=_SHOWN,
        total=sum(one.entry_count for one in projects),
    )
    return answer(
        asked,
        "approvals.html",
        of_projects,
        of_entries,
        numbers=sorted({one.project_number for one in projects}),
        tabs=TABS,
    )


def _decided(asked: Asked) -> Answer:
    """Show the entries that were approved, or whose recall was requested, by their keys."""
    state = next((one for to, one, _ in TABS if to == f"/{asked.path['tab']}"), None)
    if state is None:
        raise HTTPException(404)

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
    return answer(asked, "decided.html", listing, state=state, tabs=TABS)


def _decide(asked: Asked) -> Answer:
    """Approve or reject the ticked entries, or approve all that waits in a project."""
    picked = [int(one) for one in asked.form.get("pick", ()) if one.isdecimal()]
    is_approval = asked.typed("do") != "reject"
    project = asked.typed("project") if asked.typed("do") == "approve_project" else ""
    refusals: tuple[Refusal, ...]
    with asked.system.operations.transaction() as transaction:
        if is_approval:
            approved = approve_entries(
                transaction,
                company=asked.company,
                actor=asked.visitor.login,
                at=asked.now,
                entry_ids=None if project else picked,
                project_number=project or None,
            )
            count, refusals = approved.entry_count, approved.refusals
        else:
            rejected = reject_entries(
                transaction,
                company=asked.company,
                entry_ids=picked,
                actor=asked.visitor.login,
                at=asked.now,
            )
            count, refusals = rejected.entry_count, rejected.refusals
    if refusals:
        values = {"refusals": refusals, "back": f"/{asked.company}/approvals"}
        return Shown("refused.html", values, status=422)
    done = "approved" if is_approval else "rejected"
    return Moved(f"/{asked.company}/approvals?done={done}:{count}")


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
    Page("/{company}/approvals", _list, "approve_work"),
    Page("/{company}/approvals", _decide, "approve_work", "POST"),
    Page("/{company}/approvals/undo", _undo, "approve_work", "POST"),
    Page("/{company}/approvals/{tab}", _decided, "approve_work"),
)
