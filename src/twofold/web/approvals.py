"""Approvals: work that was submitted, approved or rejected by who may."""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import Refusal
from twofold.operations.entries.approve import approve_entries
from twofold.operations.entries.reads import (
    WaitingEntry,
    WaitingProject,
    list_waiting,
    sum_waiting,
)
from twofold.operations.entries.reject import reject_entries
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Listing, answer, whole

# Entries that are shown one by one; totals count them all.
_SHOWN: Final = 200
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
    )


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
            rejected = reject_entries(transaction, company=asked.company, entry_ids=picked)
            count, refusals = rejected.entry_count, rejected.refusals
    if refusals:
        values = {"refusals": refusals, "back": f"/{asked.company}/approvals"}
        return Shown("refused.html", values, status=422)
    done = "approved" if is_approval else "rejected"
    return Moved(f"/{asked.company}/approvals?done={done}:{count}")


PAGES: Final = (
    Page("/{company}/approvals", _list, "approve_work"),
    Page("/{company}/approvals", _decide, "approve_work", "POST"),
)
