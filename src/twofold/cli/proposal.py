"""Invoice proposals: what operations confirmed, on its way to a customer invoice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.discounts import billed_columns
from twofold.cli.documents import find_document, list_over_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    Misused,
    actor_name,
    usage,
)
from twofold.finance.posting.invoices import PostedInvoice
from twofold.finance.posting.post import post_proposals
from twofold.finance.posting.reads import document_title
from twofold.finance.proposals.reads import (
    Proposal,
    ProposalLine,
    list_proposals,
    show_proposal,
)
from twofold.journey.system import System
from twofold.kernel.errors import Refusal, Refused

app = App(name="proposal", help="Invoice proposals: look, post.")

REFUSED = 1

# Proposals posted in one transaction.
BATCH_MAX = 100
# Proposals read at a time where all of them are wanted.
_PAGE = 1000

Number = Annotated[str, Parameter(help="Number of the proposal, which is its proforma's.")]


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
        as_json=as_json,
    )
    printing.tell_refusals([one.refusal for one in proposal.problems], title="Waits for")


@app.command(usage=usage("proposal post", "[NUMBERS...]"))
def post(
    *numbers: Number,
    company: Company = None,
    every: Annotated[
        bool, Parameter(name="--all", negative=(), help="Post every proposal that is ready.")
    ] = False,
    on: Annotated[
        date | None, Parameter(help="Invoice date; left out: the date each proposal has.")
    ] = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Post proposals: each becomes a customer invoice with a voucher."""
    if bool(numbers) == every:
        raise Misused("name the proposals to post, or add --all")
    with opened(alone="finance") as system:
        wanted = _wanted(system, company, numbers) if numbers else ready_proposals(system, company)
        done = post_ready(system, wanted, actor=actor_name(actor), invoice_date=on)
    printing.show(done, posted_table(done), as_json=as_json)
    printing.tell_refusals(done.refusals, title="Not posted")
    if done.invoices and not as_json:
        printing.say("Next: `twofold deliver` takes numbers and vouchers back to operations.")
    return REFUSED if done.refusals else 0


# Proposals by company: key and number of each.
Proposals = Mapping[str, Sequence[tuple[int, str]]]


@dataclass(slots=True)
class Posting:
    """What a posting of many did: the invoices, and what was left out and why."""

    invoices: list[tuple[str, PostedInvoice]] = field(
        default_factory=list[tuple[str, PostedInvoice]]
    )
    refusals: list[Refusal] = field(default_factory=list[Refusal])


def ready_proposals(system: System, company: str | None) -> Proposals:
    """Give all ready proposals of each chosen company, oldest first."""
    found: dict[str, list[tuple[int, str]]] = {}
    with system.finance.reader() as reader:
        for code in chosen_companies(system, company):
            ready: list[tuple[int, str]] = []
            while page := list_proposals(
                reader,
                company=code,
                state="ready",
                after=ready[-1][0] if ready else None,
                limit=_PAGE,
            ):
                ready += [(one.proposal_id, one.number) for one in page]
            found[code] = sorted(ready)
    return found


def post_ready(
    system: System, wanted: Proposals, *, actor: str, invoice_date: date | None
) -> Posting:
    """Post proposals in batches; one that is refused does not hold up the others."""
    done = Posting()
    total = sum(len(proposals) for proposals in wanted.values())
    with printing.steps("Posting invoices", total=total) as advance:
        for code, proposals in wanted.items():
            for first in range(0, len(proposals), BATCH_MAX):
                batch = proposals[first : first + BATCH_MAX]
                _post_batch(system, code, batch, (actor, invoice_date), done)
                advance(len(batch))
    return done


def _post_batch(
    system: System,
    code: str,
    batch: Sequence[tuple[int, str]],
    how: tuple[str, date | None],
    done: Posting,
) -> None:
    """Post a batch whole; what speaks against some of it takes them out, and the rest is posted."""
    actor, invoice_date = how
    try:
        with system.finance.transaction() as transaction:
            invoices = post_proposals(
                transaction,
                company=code,
                proposal_ids=tuple(key for key, _ in batch),
                actor=actor,
                at=system.now(),
                invoice_date=invoice_date,
            )
    except Refused as refused:
        done.refusals += refused.refusals
        named = {refusal.record for refusal in refused.refusals}
        left = [
            (key, number)
            for key, number in batch
            if not named & {f"proposal/{number}", f"proposal/{key}"}
        ]
        if left and len(left) < len(batch):
            _post_batch(system, code, left, how, done)
        return
    done.invoices += [(code, one) for one in invoices]


def posted_table(done: Posting) -> printing.RenderableType:
    """Show the invoices that were posted."""
    return printing.table(
        ("Company", "Proposal", "Document", "Number", "Voucher", "Date", "Due", "Net", "Tax",
         "Total", "Currency"),
        [
            (
                code, one.proposal_number, document_title(one.total_amount), one.invoice_number,
                one.voucher, one.invoice_date, one.due_date, one.net_amount, one.tax_amount,
                one.total_amount, one.currency,
            )
            for code, one in done.invoices
        ],
        title="Customer invoices",
    )  # fmt: skip


def _wanted(system: System, company: str | None, numbers: tuple[str, ...]) -> Proposals:
    wanted: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for number in numbers:
        code, proposal = find_document(
            system, company, f"proposal {number}",
            lambda reader, code, number=number: show_proposal(
                reader, company=code, number=number, lines=0
            ),
        )  # fmt: skip
        wanted[code].append((proposal.summary.proposal_id, number))
    return wanted


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
            ("Accounting date", one.accounting_date),
            ("Invoice date", one.invoice_date),
            ("Due date", one.due_date),
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
         *extended, "Tax", "Tax groups", "Description"),
        [
            (
                _billed(one),
                one.transaction_date, one.class_, one.project_number, one.resource_name,
                one.category_number, one.quantity, one.price, one.amount, *cells(one),
                one.tax_amount, f"{one.tax_group or '-'} / {one.item_tax_group or '-'}",
                one.description,
            )
            for one in proposal.lines
        ],
        title="Lines",
    )  # fmt: skip
