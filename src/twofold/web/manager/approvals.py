"""Approvals: work that waits for a decision, page by page, and the decision on it.

What is ticked is decided at once; all that the filter leaves is a job where it is much. Who sends
work back says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from twofold.jobs.orders import DecideEntries
from twofold.kernel.errors import Refusal
from twofold.operations.entries.approve import approve_entries
from twofold.operations.entries.reads import (
    WaitingEntry,
    WaitingFilter,
    WaitingProject,
    list_waiting,
    sum_waiting,
    waiting_keys,
)
from twofold.operations.entries.reject import reject_entries
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import AT_ONCE_MAX, Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.listing import (
    Column,
    Field,
    Listing,
    Slice,
    answer,
    choice_of,
    day_of,
    key_of,
    whole,
)

_CLASSES: Final = ("time", "expense", "material", "fee")
# What entries of a tab are in; its name in English.
TABS: Final[tuple[tuple[str, str, str], ...]] = (
    ("", "submitted", "Waiting"),
    ("/approved", "approved", "Approved"),
    ("/recalls", "recall_requested", "Recall requested"),
    ("/sent-back", "sent_back", "Sent back"),
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
    """Show what waits for a decision: by project and class, and entry by entry."""
    only = WaitingFilter(
        asked.text("project") or None,
        choice_of(asked, "class", _CLASSES),
        asked.text("person") or None,
        day_of(asked, "up_to"),
    )
    with asked.system.auditor_operations.reader() as reader:
        projects = sum_waiting(reader, company=asked.company, only=only)
    count = sum(one.entry_count for one in projects)

    def page(wanted: Slice) -> Sequence[WaitingEntry]:
        with asked.system.auditor_operations.reader() as reader:
            return list_waiting(
                reader,
                company=asked.company,
                only=only,
                after=key_of(wanted.after),
                row_count_max=wanted.limit,
            )

    of_entries: Listing[WaitingEntry] = Listing(
        title="Entries",
        empty="Nothing waits for a decision.",
        fields=(
            Field("project", "Project"),
            Field("class", "Class", "choice", _CLASSES),
            Field("person", "Person"),
            Field("up_to", "Up to", "date"),
        ),
        columns=_ENTRIES,
        page=page,
        place=lambda one: str(one.entry_id),
        pick=lambda one: str(one.entry_id),
        total=count,
    )
    return answer(
        asked, "approvals.html", _of_projects(asked, projects), of_entries, tabs=TABS, count=count
    )


def _of_projects(asked: Asked, projects: Sequence[WaitingProject]) -> Listing[WaitingProject]:
    columns: tuple[Column[WaitingProject], ...] = (
        Column(
            "Project",
            lambda one: one.project_number,
            note=lambda one: one.project_name,
            to=lambda one: asked.here(project=one.project_number, after=""),
        ),
        Column("Class", lambda one: one.cls, "term"),
        Column("From", lambda one: one.first_on, "date"),
        Column("To", lambda one: one.last_on, "date"),
        Column("Entries", lambda one: one.entry_count, "quantity"),
        Column("Quantity", lambda one: one.quantity, "quantity"),
    )
    return Listing(
        key="projects",
        title="By project",
        empty="Nothing waits for a decision.",
        columns=columns,
        page=whole(projects, columns),
        place=lambda one: f"{one.project_number}/{one.cls}",
        per_page=max(len(projects), 1),
    )


def _decide(asked: Asked) -> Answer:
    """Approve or reject what was ticked, or all that the filter leaves; much of it is a job."""
    is_approval = asked.typed("do") != "reject"
    picked = [int(one) for one in asked.form.get("pick", ()) if one.isdecimal()]
    if asked.typed("all") == "yes":
        order = _order(asked, is_approval=is_approval)
        with asked.system.operations.reader() as reader:
            picked = waiting_keys(
                reader, company=asked.company, only=_only(order), limit=AT_ONCE_MAX + 1
            )
        # Without a reason it is refused here, not by a job.
        if len(picked) > AT_ONCE_MAX and (is_approval or order.reason):
            return started(asked, order, company=asked.company)
    count, refusals = _decided(asked, picked, is_approval=is_approval)
    done = f"{'approved' if is_approval else 'rejected'}:{count}"
    if refusals:
        values = {"refusals": refusals, "back": asked.back(done)}
        return Shown("refused.html", values, status=422)
    return Moved(asked.back(done))


def _decided(
    asked: Asked, picked: Sequence[int], *, is_approval: bool
) -> tuple[int, Sequence[Refusal]]:
    company, actor, at = asked.company, asked.visitor.login, asked.now
    with asked.system.operations.transaction() as transaction:
        if is_approval:
            approved = approve_entries(
                transaction, company=company, actor=actor, at=at, entry_ids=picked
            )
            return approved.entry_count, approved.refusals
        rejected = reject_entries(
            transaction,
            company=company,
            entry_ids=picked,
            reason=asked.typed("reason"),
            actor=actor,
            at=at,
        )
        return rejected.entry_count, rejected.refusals


def _order(asked: Asked, *, is_approval: bool) -> DecideEntries:
    """Give what the form asks for: the filter that the page showed."""
    up_to = asked.typed("up_to")
    last: date | None = asked.speech.read_day(up_to) if up_to else None
    cls = asked.typed("class")
    return DecideEntries(
        "approve" if is_approval else "reject",
        asked.typed("reason"),
        asked.typed("project"),
        cls if cls in _CLASSES else "",
        asked.typed("person"),
        last,
    )


def _only(order: DecideEntries) -> WaitingFilter:
    return WaitingFilter(
        order.project or None, order.cls or None, order.person or None, order.up_to
    )


PAGES: Final = (
    Page("/{company}/approvals", _list, "approve_work"),
    Page("/{company}/approvals", _decide, "approve_work", "POST"),
)
