"""What posting a proposal would make: its voucher and totals, and a sample of the document."""

from __future__ import annotations

from datetime import date
from typing import Final

from twofold.documents.customer_document import render_document
from twofold.finance.ledger.reads import LedgerEntry
from twofold.finance.posting.reads import InvoiceTax
from twofold.journey.preview_posting import preview_posting
from twofold.journey.sample_document import sample_document
from twofold.kernel.errors import Refused
from twofold.web.accountant.proposals import address, found, may, shown
from twofold.web.answers import Answer, Download
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Listing, answer, day_of, whole

TAXES: Final[tuple[Column[InvoiceTax], ...]] = (
    Column("Tax code", lambda one: one.tax_code, note=lambda one: one.name),
    Column("Rate", lambda one: one.rate, "quantity"),
    Column("Base amount", lambda one: one.base_amount, "money"),
    Column("Tax", lambda one: one.tax_amount, "money"),
)
ENTRIES: Final[tuple[Column[LedgerEntry], ...]] = (
    Column("Account", lambda one: one.account),
    Column("Posting type", lambda one: one.posting_type, "term"),
    Column("Project", lambda one: one.project_number),
    Column("Dimensions", lambda one: one.dimensions),
    Column(
        "Amount", lambda one: one.transaction_amount, "money", currency=lambda one: one.currency
    ),
    Column("Accounting amount", lambda one: one.accounting_amount, "money"),
)


def _preview(asked: Asked) -> Answer:
    """Show the voucher, tax and totals; nothing is posted."""
    one = found(asked).summary
    try:
        invoice = preview_posting(
            asked.system,
            company=asked.company,
            proposal_id=one.proposal_id,
            invoice_date=_day(asked),
            actor=asked.visitor.login,
            limit=1,
        )
    except Refused as refused:
        return shown(asked.at(address(asked, one.number)), refused.refusals, status=422)
    return answer(
        asked,
        "preview.html",
        Listing(
            key="entries",
            title="Voucher, not posted",
            columns=ENTRIES,
            page=whole(invoice.entries, ENTRIES),
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
        proposal=one,
        invoice=invoice.summary,
        may_account=may(asked, "account"),
    )


def _sample(asked: Asked) -> Answer:
    """Give the customer's document as it would be, marked pro forma."""
    one = found(asked).summary
    try:
        document = sample_document(
            asked.system,
            company=asked.company,
            proposal_id=one.proposal_id,
            invoice_date=_day(asked),
            actor=asked.visitor.login,
        )
    except Refused as refused:
        return shown(asked.at(address(asked, one.number)), refused.refusals, status=422)
    page = render_document(document).encode()
    return Download(f"{document.title} {one.number}.html", "text/html; charset=utf-8", (page,))


def _day(asked: Asked) -> date | None:
    return day_of(asked, "on")


PAGES: Final = (
    Page("/{company}/proposals/{number}/preview", _preview, "read_finance"),
    Page("/{company}/proposals/{number}/sample", _sample, "read_finance"),
)
