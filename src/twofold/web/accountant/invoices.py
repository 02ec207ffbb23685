"""Customer invoices: the list, one with its ledger entries, tax and lines, and its document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException

from twofold.documents.customer_document import render_document
from twofold.finance.posting.reads import (
    Invoice,
    InvoiceLine,
    InvoiceSummary,
    document_title,
    invoice_lines,
    list_invoices,
    show_invoice,
)
from twofold.finance.proposals.document import read_document
from twofold.web.accountant.documents import NARROWED, documents, narrowing
from twofold.web.accountant.ledger import entry_columns
from twofold.web.accountant.proposal_preview import TAXES
from twofold.web.answers import Answer, Download
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, Slice, answer, key_of, whole

_LINES: Final[tuple[Column[InvoiceLine], ...]] = (
    Column(
        "Actual",
        lambda one: one.actual_id,
        to=lambda one: f"/journey?number=actual/{one.actual_id}",
    ),
    Column("Date", lambda one: one.transaction_date, "date"),
    Column("Class", lambda one: one.class_, "term"),
    Column("Project", lambda one: one.project_number),
    Column("Who or what", lambda one: one.resource_name, note=lambda one: one.description),
    Column("Credits", lambda one: one.credited_invoice_number),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Price", lambda one: one.price, "money"),
    Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
    Column("Tax", lambda one: one.tax_amount, "money"),
    Column("Accounting amount", lambda one: one.accounting_amount, "money"),
    Column("Accrual reversed", lambda one: one.accrual_reversed_amount, "money"),
)


def _list(asked: Asked) -> Answer:
    """Show the invoices, newest number first."""

    def page(wanted: Slice) -> Sequence[InvoiceSummary]:
        with asked.system.auditor_finance.reader() as reader:
            return list_invoices(
                reader,
                company=asked.company,
                narrowing=narrowing(asked),
                only_open=asked.text("state") == "open",
                after=wanted.after or None,
                limit=wanted.limit,
            )

    listing: Listing[InvoiceSummary] = Listing(
        title="Customer invoices",
        empty="No invoice is posted yet. They come of invoice proposals that are ready.",
        fields=(Field("state", "Status", "choice", ("open",)), *NARROWED),
        columns=(
            Column(
                "Invoice",
                lambda one: one.invoice_number,
                to=lambda one: f"/{asked.company}/invoices/{one.invoice_number}",
            ),
            Column("Document", lambda one: document_title(one.total_amount), "term"),
            Column("Customer", lambda one: one.customer_account, note=lambda x: x.customer_name),
            Column(
                "Proposal",
                lambda one: one.proposal_number,
                to=lambda one: f"/{asked.company}/proposals/{one.proposal_number}",
            ),
            Column("Invoice date", lambda one: one.invoice_date, "date"),
            Column("Due date", lambda one: one.due_date, "date"),
            Column("Net amount", lambda one: one.net_amount, "money"),
            Column("Tax", lambda one: one.tax_amount, "money"),
            Column("Total", lambda one: one.total_amount, "money", currency=lambda x: x.currency),
            Column(
                "Voucher",
                lambda one: one.voucher,
                to=lambda one: f"/{asked.company}/vouchers/{one.voucher}",
            ),
        ),
        page=page,
        place=lambda one: one.invoice_number,
    )
    return documents(asked, listing)


def _show(asked: Asked) -> Answer:
    """Show one invoice with all it posted."""
    invoice = _found(asked)
    one = invoice.summary
    columns = entry_columns(asked.company)

    def page(wanted: Slice) -> Sequence[InvoiceLine]:
        with asked.system.auditor_finance.reader() as reader:
            return invoice_lines(
                reader,
                company=asked.company,
                proposal_id=one.proposal_id,
                after=key_of(wanted.after),
                limit=wanted.limit,
            )

    return answer(
        asked,
        "invoice.html",
        Listing(
            title="Lines",
            columns=_LINES,
            page=page,
            place=lambda line: str(line.actual_id),
            total=one.line_count,
        ),
        Listing(
            key="entries",
            title="Ledger entries",
            columns=columns,
            page=whole(invoice.entries, columns),
            place=lambda entry: str(entry.entry_number),
            per_page=max(len(invoice.entries), 1),
            foot={"Accounting amount": sum(x.accounting_amount for x in invoice.entries)},
        ),
        Listing(
            key="taxes",
            title="Sales tax",
            columns=TAXES,
            page=whole(invoice.taxes, TAXES),
            place=lambda tax: tax.tax_code,
        ),
        invoice=one,
        title=document_title(one.total_amount),
    )


def _document(asked: Asked) -> Answer:
    """Give the document as the customer gets it."""
    one = _found(asked).summary
    with asked.system.auditor_finance.reader() as reader:
        document = read_document(reader, company=asked.company, proposal_id=one.proposal_id)
    assert document is not None, "a posted invoice has its document"
    page = render_document(document).encode()
    name = f"{document.title} {one.invoice_number}.html"
    return Download(name, "text/html; charset=utf-8", (page,))


def _found(asked: Asked) -> Invoice:
    with asked.system.auditor_finance.reader() as reader:
        invoice = show_invoice(reader, company=asked.company, number=asked.path["number"], lines=0)
    if invoice is None:
        raise HTTPException(404)
    return invoice


PAGES: Final = (
    Page("/{company}/invoices", _list, "read_finance"),
    Page("/{company}/invoices/{number}", _show, "read_finance"),
    Page("/{company}/invoices/{number}/document", _document, "read_finance"),
)
