"""Invoice proposals: what operations confirmed, on its way to a customer invoice."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.discounts import billed_columns
from twofold.cli.documents import find_document, list_over_companies
from twofold.cli.finance.proposal_post import post, preview, print_sample
from twofold.cli.finance.proposal_review import Number, delete_lines, edit, layout, review, taxes
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    AsJson,
    Company,
    LimitOfRows,
    usage,
)
from twofold.finance.proposals.reads import (
    Proposal,
    ProposalLine,
    list_proposals,
    show_proposal,
)

app = App(name="proposal", help="Invoice proposals: look, edit, review, post.")

app.command(post, usage=usage("proposal post", "[NUMBERS...]"))
for _command in (preview, edit, review, delete_lines):
    app.command(_command)
app.command(taxes, usage=usage("proposal taxes", "NUMBER [ACTUALS...]"))
app.command(layout, name="format", usage=usage("proposal format", "NUMBER [SECTIONS...]"))
app.command(print_sample, name="print")


@app.command(name="list")
def list_all(
    *,
    company: Company = None,
    state: Annotated[
        str | None,
        Parameter(help="Only those in this state: header_only, ready, posted, nothing_to_bill."),
    ] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List invoice proposals, newest first."""
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: list_proposals(
                reader, company=code, state=state, limit=rows
            ),
        )  # fmt: skip
    printing.show(
        [{"company": code, "proposal": one} for code, one in found],
        printing.table(
            ("Company", "Number", "Customer", "State", "Lines", "To bill", "Problems", "Net",
             "Tax", "Total", "Currency", "Invoice"),
            [
                (
                    code, one.number, one.customer_account, one.state, one.line_count,
                    one.billable_count, one.problem_count, one.net_amount, one.tax_amount,
                    one.total_amount, one.currency, one.invoice_number,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def show(
    number: Number,
    /,
    *,
    company: Company = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show one proposal with its lines, or with what it waits for."""
    with opened(alone="finance") as system:
        code, proposal = find_document(
            system, company, f"proposal {number}",
            lambda reader, code: show_proposal(reader, company=code, number=number, lines=limit),
        )  # fmt: skip
    printing.show(
        {"company": code, "proposal": proposal},
        _header(code, proposal),
        _lines(proposal),
        *([_history(proposal)] if proposal.events else []),
        as_json=as_json,
    )
    printing.tell_refusals([one.refusal for one in proposal.problems], title="Waits for")


def _header(code: str, proposal: Proposal) -> printing.RenderableType:
    one = proposal.summary
    return printing.facts(
        (
            ("Proposal", f"{one.number} of {code}"),
            ("Name", one.name),
            ("State", one.state),
            ("Contract", one.contract_number),
            ("Customer", f"{one.customer_account} {one.customer_name}"),
            ("Bill to", one.bill_to_name),
            *((("Dimensions", one.dimensions),) if one.dimensions else ()),
            ("Accounting date", one.accounting_date),
            ("Invoice date", one.invoice_date),
            (
                "Due date",
                f"{one.due_date}, set by hand" if one.due_date_is_manual else one.due_date,
            ),
            ("Payment terms", one.payment_terms),
            ("Review", None if one.review == "draft" else one.review),
            ("Revision", one.revision),
            ("To bill", one.billable_count),
            ("Lines", one.line_count),
            ("Net", f"{printing.figure(one.net_amount)} {one.currency}"),
            ("Tax", f"{printing.figure(one.tax_amount)} {one.currency}"),
            ("Total", f"{printing.figure(one.total_amount)} {one.currency}"),
            ("Confirmed", one.confirmed_at),
            ("Invoice", one.invoice_number),
            *_next_step(proposal),
        )
    )


def _next_step(proposal: Proposal) -> tuple[tuple[str, str], ...]:
    """Say what a proposal that is not posted waits for, and which command is next."""
    one = proposal.summary
    importing = "`twofold finance import-from-staging`"
    if one.state == "ready":
        return (("Next", f"`twofold proposal post {one.number}`"),)
    if one.state != "header_only":
        return ()
    if not one.problem_count:
        return (
            ("Waits for", "its lines: they come when what arrived is imported"),
            ("Next", importing),
        )
    return (
        ("Waits for", f"{one.problem_count} problems to be settled, each with its remedy"),
        ("Next", f"settle them, then {importing}"),
    )


def _billed(line: ProposalLine) -> str:
    if line.credited_id is not None:
        return f"credit of actual/{line.credited_id}, {line.credited_invoice_number}"
    if line.milestone_id is not None:
        return f"milestone/{line.milestone_id}"
    if line.on_account_origin is not None:
        return f"advance, {line.on_account_origin}"
    return f"actual/{line.transaction_id}"


def _lines(proposal: Proposal) -> printing.RenderableType:
    extended, cells = billed_columns(proposal.lines)
    return printing.table(
        ("Bills", "Date", "Class", "Project", "Who", "Category", "Quantity", "Price", "Amount",
         *extended, "Tax", "Tax groups", "Dimensions", "Description"),
        [
            (
                _billed(one),
                one.transaction_date, one.class_, one.project_number, one.resource_name,
                one.category_number, one.quantity, one.price, one.amount, *cells(one),
                one.tax_amount, f"{one.tax_group or '-'} / {one.item_tax_group or '-'}",
                one.dimensions,
                one.description,
            )
            for one in proposal.lines
        ],
        title="Lines",
    )  # fmt: skip


def _history(proposal: Proposal) -> printing.RenderableType:
    return printing.table(
        ("At", "Who", "What", "Note"),
        [(one.at, one.actor, one.act, one.note) for one in proposal.events],
        title="History",
    )
