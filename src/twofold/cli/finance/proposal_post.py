"""Posting proposals: seen beforehand, printed as a sample, in batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.documents import find_document
from twofold.cli.finance.proposal_review import Number
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    Misused,
    actor_name,
)
from twofold.documents.customer_document import CustomerDocument, render_document
from twofold.finance.posting.candidates import (
    EVERYTHING,
    Candidate,
    Wanted,
    find_candidates,
    posting_workers,
)
from twofold.finance.posting.invoices import PostedInvoice
from twofold.finance.posting.reads import Invoice, document_title
from twofold.finance.proposals.reads import show_proposal
from twofold.journey.post_batch import PostingOrder, post_batch
from twofold.journey.preview_posting import preview_posting
from twofold.journey.sample_document import sample_document
from twofold.journey.system import System
from twofold.kernel.errors import Refusal

REFUSED = 1

InvoiceDate = Annotated[
    date | None,
    Parameter(
        name=("--on", "--invoice-date"),
        help="Invoice date, and due dates that follow; left out: the date each proposal has.",
    ),
]
Output = Annotated[
    Path | None, Parameter(help="File to write; left out: the page goes to the output.")
]

# Proposals by company.
Proposals = dict[str, list[Candidate]]


@dataclass(slots=True)
class Posting:
    """What a posting of many did: the invoices, what was left out and why, or passed by."""

    invoices: list[tuple[str, PostedInvoice]] = field(
        default_factory=list[tuple[str, PostedInvoice]]
    )
    refusals: list[Refusal] = field(default_factory=list[Refusal])
    passed_count: int = 0


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which of the proposals that are ready."""

    customer: Annotated[str | None, Parameter(help="Those of this customer, by account.")] = None
    contract: Annotated[str | None, Parameter(help="Those of this contract, by number.")] = None
    up_to: Annotated[date | None, Parameter(help="Those with an invoice date up to this day.")] = (
        None
    )

    def wanted(self) -> Wanted:
        """Give the query as finance asks it."""
        return Wanted(
            customer_account=self.customer, contract_number=self.contract, up_to=self.up_to
        )


def post(
    *numbers: Number,
    company: Company = None,
    every: Annotated[
        bool, Parameter(name="--all", negative=(), help="Post every proposal that is ready.")
    ] = False,
    query: Query | None = None,
    on: InvoiceDate = None,
    workers: Annotated[
        PositiveInt | None,
        Parameter(help="Batches posted side by side; left out: as the company has set."),
    ] = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Post proposals: each becomes a customer invoice with a voucher.

    One that cannot be posted does not hold up the others. Which are ready is looked up now.
    """
    wanted = (query or Query()).wanted()
    asks = every or wanted != EVERYTHING
    if bool(numbers) == asks:
        raise Misused("name the proposals to post, or add --all, --customer, --contract, --up-to")
    with opened(alone="finance") as system:
        found = _named(system, company, numbers) if numbers else _ready(system, company, wanted)
        order = PostingOrder(
            actor=actor_name(actor), invoice_date=on, workers=workers or 0, named=bool(numbers)
        )
        done = _post(system, found, order)
    printing.show(done, posted_table(done), as_json=as_json)
    printing.tell_refusals(done.refusals, title="Not posted")
    if done.invoices and not as_json:
        printing.say("Next: `twofold deliver` takes numbers and vouchers back to operations.")
    return REFUSED if done.refusals else 0


def preview(
    number: Number,
    /,
    *,
    company: Company = None,
    on: InvoiceDate = None,
    limit: LimitOfRows = ROWS_SHOWN,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """See voucher, tax and totals that posting would make; nothing is posted."""
    with opened(alone="finance") as system:
        code, key = _key(system, company, number)
        invoice = preview_posting(
            system, company=code, proposal_id=key, invoice_date=on, actor=actor_name(actor),
            limit=limit,
        )  # fmt: skip
    printing.show(
        {"company": code, "preview": invoice},
        _totals(invoice),
        _voucher(invoice),
        as_json=as_json,
    )


def print_sample(
    number: Number,
    /,
    *,
    output: Output = None,
    company: Company = None,
    on: InvoiceDate = None,
    actor: ActorName = None,
) -> None:
    """Print a sample of the customer's document, marked pro forma; nothing is posted."""
    with opened(alone="finance") as system:
        code, key = _key(system, company, number)
        document = sample_document(
            system, company=code, proposal_id=key, invoice_date=on, actor=actor_name(actor)
        )
    write_document(document, output)


def write_document(document: CustomerDocument, output: Path | None) -> None:
    """Write the page to the file, or to the output."""
    page = render_document(document)
    if output is None:
        print(page, end="")  # noqa: T201 - a page is no table
        return
    output.write_text(page, encoding="utf-8")
    printing.say(f"{document.title} {document.header.number} is in {output}.")


def post_ready(system: System, company: str | None, *, actor: str) -> Posting:
    """Post everything that is ready, as the companies have set it."""
    return _post(system, _ready(system, company, EVERYTHING), PostingOrder(actor=actor, workers=0))


def _post(system: System, found: Proposals, order: PostingOrder) -> Posting:
    """Post company by company; without ``workers`` as many as the company has set."""
    done = Posting()
    total = sum(map(len, found.values()))
    with printing.steps("Posting invoices", total=total) as advance:
        for code, proposals in found.items():
            batch = post_batch(
                system,
                company=code,
                proposals=proposals,
                order=PostingOrder(
                    actor=order.actor,
                    invoice_date=order.invoice_date,
                    workers=order.workers or _workers(system, code),
                    named=order.named,
                ),
                tell=advance,
            )
            done.invoices += [(code, one) for one in batch.invoices]
            done.refusals += batch.refusals
            done.passed_count += batch.passed_count
    return done


def _workers(system: System, code: str) -> int:
    with system.finance.reader() as reader:
        return posting_workers(reader, company=code)


def _ready(system: System, company: str | None, wanted: Wanted) -> Proposals:
    companies = chosen_companies(system, company)
    with system.finance.reader() as reader:
        return {
            code: list(find_candidates(reader, company=code, wanted=wanted)) for code in companies
        }


def _named(system: System, company: str | None, numbers: tuple[str, ...]) -> Proposals:
    found: Proposals = {}
    for number in numbers:
        code, proposal = find_document(
            system, company, f"proposal {number}",
            lambda reader, code, number=number: show_proposal(
                reader, company=code, number=number, lines=0
            ),
        )  # fmt: skip
        one = proposal.summary
        found.setdefault(code, []).append(Candidate(one.proposal_id, number, one.line_count))
    return found


def _key(system: System, company: str | None, number: str) -> tuple[str, int]:
    code, proposal = find_document(
        system, company, f"proposal {number}",
        lambda reader, code: show_proposal(reader, company=code, number=number, lines=0),
    )  # fmt: skip
    return code, proposal.summary.proposal_id


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


def _totals(invoice: Invoice) -> printing.RenderableType:
    one = invoice.summary
    rounding = one.total_amount - one.net_amount - one.tax_amount
    return printing.facts(
        (
            ("Document", f"{document_title(one.total_amount)} of {one.proposal_number}"),
            ("Invoice date", one.invoice_date),
            ("Due date", one.due_date),
            ("Subtotal", f"{printing.figure(one.net_amount)} {one.currency}"),
            *(
                (
                    f"Tax {tax.tax_code} {printing.figure(tax.rate)} %",
                    f"{printing.figure(tax.tax_amount)} of {printing.figure(tax.base_amount)}",
                )
                for tax in invoice.taxes
            ),
            ("Rounding", f"{printing.figure(rounding)} {one.currency}"),
            ("Total", f"{printing.figure(one.total_amount)} {one.currency}"),
        )
    )


def _voucher(invoice: Invoice) -> printing.RenderableType:
    return printing.table(
        ("Account", "Posting type", "Project", "Amount", "Currency", "Accounting amount",
         "Reporting amount"),
        [
            (
                one.account, one.posting_type, one.project_number, one.transaction_amount,
                one.currency, one.accounting_amount, one.reporting_amount,
            )
            for one in invoice.entries
        ],
        title="Voucher, not posted",
    )  # fmt: skip
