"""Invoice proposals: the list, one with its lines and what it waits for, posting one or many.

Posting is a job: its page tells how far it is, and leads to the invoice of one, or to all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, get_args

from starlette.exceptions import HTTPException

from twofold.access.roles import Permission
from twofold.finance.proposals.edit_format import Layout
from twofold.finance.proposals.reads import (
    Proposal,
    ProposalEvent,
    ProposalLine,
    ProposalProblem,
    ProposalSummary,
    ProposalTotal,
    list_proposals,
    proposal_lines,
    proposal_problems,
    proposal_sections,
    show_proposal,
)
from twofold.finance.setup.choices import read_choices
from twofold.jobs.orders import PostProposals
from twofold.kernel.errors import Refusal
from twofold.web.accountant.documents import NARROWED, Posting, documents, narrowing, selected
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.listing import Column, Field, Listing, Slice, answer, choice_of, key_of, whole
from twofold.web.refusals import told

_STATES: Final = ("header_only", "ready", "posted", "nothing_to_bill")
_TOTALS: Final[tuple[Column[ProposalTotal], ...]] = (
    Column("Class", lambda one: one.class_, "term"),
    Column("Lines", lambda one: one.line_count, "quantity"),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Discount", lambda one: one.discount_amount, "money"),
    Column("Net amount", lambda one: one.net_amount, "money"),
    Column("Tax", lambda one: one.tax_amount, "money"),
)
_LINES: Final[tuple[Column[ProposalLine], ...]] = (
    Column(
        "Actual",
        lambda one: one.actual_id,
        to=lambda one: f"/journey?number=actual/{one.actual_id}",
    ),
    Column("Date", lambda one: one.transaction_date, "date"),
    Column("Class", lambda one: one.class_, "term"),
    Column("Project", lambda one: one.project_number),
    Column(
        "Who or what",
        lambda one: one.resource_name or one.category_number,
        note=lambda one: one.description,
    ),
    Column("Credits", lambda one: one.credited_invoice_number),
    Column(
        "Tax groups",
        lambda one: " / ".join(filter(None, (one.tax_group, one.item_tax_group))) or None,
    ),
    Column("Dimensions", lambda one: one.dimensions),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Price", lambda one: one.price, "money"),
    Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
    Column("Tax", lambda one: one.tax_amount, "money"),
)
_EVENTS: Final[tuple[Column[ProposalEvent], ...]] = (
    Column("When", lambda one: one.at, "moment"),
    Column("What", lambda one: one.act, "term"),
    Column("Who", lambda one: one.actor),
    Column("Note", lambda one: one.note),
)


def _list(asked: Asked) -> Answer:
    """Show the proposals, newest first, each with where it stands."""
    state = choice_of(asked, "state", _STATES)

    def page(wanted: Slice) -> Sequence[ProposalSummary]:
        with asked.system.auditor_finance.reader() as reader:
            return list_proposals(
                reader,
                company=asked.company,
                state=state,
                narrowing=narrowing(asked),
                after=key_of(wanted.after) or None,
                limit=wanted.limit,
            )

    listing: Listing[ProposalSummary] = Listing(
        title="Invoice proposals",
        empty="No proposal is here. They come with the proformas that operations confirms.",
        fields=(Field("state", "Status", "choice", _STATES), *NARROWED),
        columns=(
            Column("Proposal", lambda one: one.number, to=lambda one: address(asked, one.number)),
            Column("Customer", lambda one: one.customer_account, note=lambda x: x.customer_name),
            Column("Contract", lambda one: one.contract_number),
            Column("Status", lambda one: one.state, "status"),
            Column(
                "Approval",
                lambda one: None if one.state == "posted" or one.review == "draft" else one.review,
                "status",
            ),
            Column("Waits for", lambda one: one.problem_count or None, "quantity"),
            Column("Invoice date", lambda one: one.invoice_date or one.accounting_date, "date"),
            Column("Due date", lambda one: one.due_date, "date"),
            Column("Lines", lambda one: one.line_count, "quantity"),
            Column("Total", lambda one: one.total_amount, "money", currency=lambda x: x.currency),
            Column(
                "Invoice",
                lambda one: one.invoice_number,
                to=lambda one: f"/{asked.company}/invoices/{one.invoice_number}",
            ),
        ),
        page=page,
        place=lambda one: str(one.proposal_id),
        pick=lambda one: str(one.proposal_id) if one.state == "ready" else "",
    )
    posting = Posting(
        "post-proposals", "Post all that are ready", f"/{asked.company}/proposals/post"
    )
    return documents(asked, listing, posting if may(asked, "account") else None)


def _show(asked: Asked) -> Answer:
    """Show one proposal with its lines, or what it waits for."""
    return shown(asked)


def shown(asked: Asked, refusals: Sequence[Refusal] = (), *, status: int = 200) -> Answer:
    """Show the proposal; with refusals also why a change was declined, and what was typed."""
    proposal = found(asked)
    one = proposal.summary
    with asked.system.auditor_finance.reader() as reader:
        choices = read_choices(reader, company=asked.company)
    as_page = asked.at(address(asked, one.number)) if refusals else asked
    return answer(
        as_page,
        "proposal.html",
        _lines(asked, one),
        _problems(asked, one),
        Listing(
            key="totals",
            title="Totals",
            columns=_TOTALS,
            page=whole(proposal.totals, _TOTALS),
            place=lambda total: total.class_,
        ),
        Listing(
            key="events",
            title="History",
            columns=_EVENTS,
            page=whole(proposal.events, _EVENTS),
            place=lambda event: str(event.at),
            per_page=max(len(proposal.events), 1),
        ),
        status=status,
        proposal=one,
        choices=choices,
        refusals=refusals,
        typed=_typed(asked, one),
        sections=_sections(asked, proposal),
        layouts=get_args(Layout),
        may_account=may(asked, "account"),
        may_approve=may(asked, "approve_billing"),
    )


def _typed(asked: Asked, one: ProposalSummary) -> Mapping[str, str]:
    """Give what the form shows: what was typed into it before it was declined, or what holds."""
    holds = {
        "invoice_date": str(one.invoice_date or one.accounting_date),
        "due_date": str(one.due_date) if one.due_date_is_manual else "",
        "payment_terms": one.payment_terms or "",
        "tax_group": "",
        "item_tax_group": "",
        "dimension": "",
        "value": "",
        "note": "",
    }
    return {name: asked.typed(name) if name in asked.form else had for name, had in holds.items()}


def _sections(asked: Asked, proposal: Proposal) -> list[tuple[str, str, str]]:
    """Give class, layout and place of each section as the form shows it: as typed, or as it is."""
    with asked.system.auditor_finance.reader() as reader:
        stated = proposal_sections(
            reader, company=asked.company, proposal_id=proposal.summary.proposal_id
        )
    layouts = {one.class_: one.layout for one in stated}
    classes = [one.class_ for one in proposal.totals]
    order = [one for one in layouts if one in classes]
    order += [one for one in classes if one not in layouts]
    return [
        (
            one,
            asked.typed(f"layout:{one}") or layouts.get(one, "detail"),
            asked.typed(f"place:{one}") or str(place),
        )
        for place, one in enumerate(order, start=1)
    ]


def _lines(asked: Asked, one: ProposalSummary) -> Listing[ProposalLine]:
    def page(wanted: Slice) -> Sequence[ProposalLine]:
        with asked.system.auditor_finance.reader() as reader:
            return proposal_lines(
                reader,
                company=asked.company,
                proposal_id=one.proposal_id,
                after=key_of(wanted.after),
                limit=wanted.limit,
            )

    return Listing(
        title="Lines",
        columns=_LINES,
        page=page,
        place=lambda line: str(line.actual_id),
        pick=lambda line: str(line.actual_id),
        total=one.line_count,
    )


def _problems(asked: Asked, one: ProposalSummary) -> Listing[ProposalProblem]:
    def page(wanted: Slice) -> Sequence[ProposalProblem]:
        if wanted.after:
            return ()
        with asked.system.auditor_finance.reader() as reader:
            return proposal_problems(
                reader, company=asked.company, proposal_id=one.proposal_id, limit=wanted.limit
            )

    return Listing(
        key="problems",
        title="Waits for",
        columns=(
            Column(
                "Actual",
                lambda x: abs(x.actual_id),
                to=lambda x: f"/journey?number=actual/{abs(x.unbilled_id or x.actual_id)}",
            ),
            Column("Code", lambda x: x.code),
            Column("Reason", lambda x: told(asked.speech, x.refusal).line),
            Column(
                "Journal",
                lambda x: x.journal_number,
                to=lambda x: f"/{asked.company}/journals/{x.journal_number}",
            ),
        ),
        page=page,
        place=lambda problem: str(problem.actual_id),
        total=one.problem_count,
    )


def _post(asked: Asked) -> Answer:
    """Post one proposal: it becomes a customer invoice."""
    return started(asked, PostProposals((found(asked).summary.proposal_id,)), company=asked.company)


def _post_many(asked: Asked) -> Answer:
    """Post what is ticked; one that cannot be posted holds up no other."""
    return started(asked, PostProposals(selected(asked)), company=asked.company)


def found(asked: Asked) -> Proposal:
    """Give the proposal of the address; there is no such page when there is none."""
    with asked.system.auditor_finance.reader() as reader:
        proposal = show_proposal(
            reader, company=asked.company, number=asked.path["number"], lines=0
        )
    if proposal is None:
        raise HTTPException(404)
    return proposal


def address(asked: Asked, number: str) -> str:
    """Give the address of a proposal."""
    return f"/{asked.company}/proposals/{number}"


def may(asked: Asked, permission: Permission) -> bool:
    """Tell whether the reader may do it in this company."""
    return asked.visitor.may(permission, asked.company)


PAGES: Final = (
    Page("/{company}/proposals", _list, "read_finance"),
    Page("/{company}/proposals/post", _post_many, "account", "POST"),
    Page("/{company}/proposals/{number}", _show, "read_finance"),
    Page("/{company}/proposals/{number}/post", _post, "account", "POST"),
)
