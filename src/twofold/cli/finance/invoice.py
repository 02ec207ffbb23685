"""Customer invoices: what was posted, and everything that became true with it."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.discounts import billed_columns
from twofold.cli.documents import find_document, list_over_companies
from twofold.cli.finance.proposal_post import Output, write_document
from twofold.cli.opening import opened
from twofold.cli.parameters import ROWS_SHOWN, AsJson, Company, LimitOfRows
from twofold.finance.posting.reads import (
    Invoice,
    InvoiceSummary,
    document_title,
    list_invoices,
    show_invoice,
)
from twofold.finance.proposals.document import read_document

app = App(name="invoice", help="Posted customer invoices.")


@app.command(name="list")
def list_all(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """List customer invoices, newest first."""
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: list_invoices(reader, company=code, limit=rows),
        )  # fmt: skip
    printing.show(
        [{"company": code, "invoice": one} for code, one in found],
        invoices_table(found),
        as_json=as_json,
    )


@app.command
def show(
    number: Annotated[str, Parameter(help="Number of the invoice, as the customer has it.")],
    /,
    *,
    company: Company = None,
    lines: Annotated[bool, Parameter(negative=(), help="Show every posted line.")] = False,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show one invoice with its tax and ledger entries."""
    with opened(alone="finance") as system:
        code, invoice = find_document(
            system, company, f"invoice {number}",
            lambda reader, code: show_invoice(
                reader, company=code, number=number, lines=limit if lines else 0
            ),
        )  # fmt: skip
    tables = [
        _header(code, invoice.summary),
        _taxes(invoice),
        _entries(invoice),
        *([_lines(invoice)] if lines else []),
    ]
    printing.show({"company": code, "invoice": invoice}, *tables, as_json=as_json)


@app.command(name="print")
def print_invoice(
    number: Annotated[str, Parameter(help="Number of the invoice, as the customer has it.")],
    /,
    *,
    output: Output = None,
    company: Company = None,
) -> None:
    """Print the customer's document as a page of HTML."""
    with opened(alone="finance") as system:
        code, invoice = find_document(
            system, company, f"invoice {number}",
            lambda reader, code: show_invoice(reader, company=code, number=number, lines=0),
        )  # fmt: skip
        with system.finance.reader() as reader:
            document = read_document(reader, company=code, proposal_id=invoice.summary.proposal_id)
    assert document is not None, "an invoice is posted"
    write_document(document, output)


def invoices_table(found: list[tuple[str, InvoiceSummary]]) -> printing.RenderableType:
    """Show invoices as a list."""
    return printing.table(
        ("Company", "Invoice", "Proposal", "Customer", "Date", "Due", "Lines", "Net", "Tax",
         "Total", "Currency", "Voucher"),
        [
            (
                code, one.invoice_number, one.proposal_number, one.customer_account,
                one.invoice_date, one.due_date, one.line_count, one.net_amount, one.tax_amount,
                one.total_amount, one.currency, one.voucher,
            )
            for code, one in found
        ],
        title="Customer invoices",
    )  # fmt: skip


def _header(code: str, one: InvoiceSummary) -> printing.RenderableType:
    return printing.facts(
        (
            (document_title(one.total_amount), f"{one.invoice_number} of {code}"),
            ("Proposal", f"{one.proposal_number} {one.name}"),
            ("Customer", f"{one.customer_account} {one.customer_name}"),
            ("Bill to", one.bill_to_name),
            ("Invoice date", one.invoice_date),
            ("Due date", one.due_date),
            ("Payment expected", one.expected_on if one.total_amount > 0 else None),
            ("Payment terms", one.payment_terms),
            ("Lines", one.line_count),
            ("Net", f"{printing.figure(one.net_amount)} {one.currency}"),
            ("Tax", f"{printing.figure(one.tax_amount)} {one.currency}"),
            ("Total", f"{printing.figure(one.total_amount)} {one.currency}"),
            ("Exchange rate", f"{printing.figure(one.exchange_rate)} for 100 {one.currency}"),
            ("Voucher", one.voucher),
            ("Posted", f"{printing.text_of(one.posted_at)} by {one.posted_by}"),
        )
    )


def _taxes(invoice: Invoice) -> printing.RenderableType:
    return printing.table(
        ("Code", "Name", "Rate %", "Base", "Tax", "Accounting base", "Accounting tax"),
        [
            (
                one.tax_code, one.name, one.rate, one.base_amount, one.tax_amount,
                one.accounting_base_amount, one.accounting_tax_amount,
            )
            for one in invoice.taxes
        ],
        title="Tax",
    )  # fmt: skip


def _entries(invoice: Invoice) -> printing.RenderableType:
    return printing.table(
        ("Account", "Posting type", "Project", "Amount", "Currency", "Accounting amount"),
        [
            (
                one.account, one.posting_type, one.project_number, one.transaction_amount,
                one.currency, one.accounting_amount,
            )
            for one in invoice.entries
        ],
        title=f"Ledger entries of voucher {invoice.summary.voucher}",
    )  # fmt: skip


def _lines(invoice: Invoice) -> printing.RenderableType:
    extended, cells = billed_columns(invoice.lines)
    return printing.table(
        ("Actual", "Date", "Class", "Project", "Who", "Quantity", "Price", "Amount", *extended,
         "Tax", "Accounting amount", "Credits", "Description"),
        [
            (
                one.actual_id, one.transaction_date, one.class_, one.project_number,
                one.resource_name, one.quantity, one.price, one.amount, *cells(one),
                one.tax_amount, one.accounting_amount, one.credited_invoice_number, one.description,
            )
            for one in invoice.lines
        ],
        title="Lines",
    )  # fmt: skip
