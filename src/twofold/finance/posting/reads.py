"""What pages and commands may ask of customer invoices: the list, and one with all it posted.

Lists come in pages: give the last key seen as ``after``. The path of an invoice or an actual
through the finance book is in ``trace``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.finance.ledger.reads import LedgerEntry, voucher_entries
from twofold.finance.narrowing import EVERYTHING, Narrowing


@dataclass(frozen=True, slots=True)
class InvoiceSummary:
    """One customer invoice of the list; amounts in its currency. A negative total: credit note.

    ``expected_on``: when its money is expected, the buffers of terms and company after it is due.
    """

    proposal_id: int
    invoice_number: str
    proposal_number: str
    name: str
    voucher: str
    invoice_date: date
    due_date: date
    expected_on: date
    customer_account: str | None
    customer_name: str | None
    bill_to_name: str | None
    payment_terms: str | None
    currency: str
    exchange_rate: Decimal
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    line_count: int
    posted_by: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class InvoiceTax:
    """What one tax code put on an invoice."""

    tax_code: str
    name: str
    rate: Decimal
    base_amount: Decimal
    tax_amount: Decimal
    accounting_base_amount: Decimal
    accounting_tax_amount: Decimal


@dataclass(frozen=True, slots=True)
class CustomerTransaction:
    """What the customer owes by an invoice."""

    voucher: str
    transaction_date: date
    due_date: date
    posting_profile: str
    currency: str
    exchange_rate: Decimal
    amount: Decimal
    accounting_amount: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One posted line: as invoiced or credited, and in the accounting currency.

    ``amount`` is less ``discount_amount``; ``fee_amount`` is that of its fee line, which is counted
    in tax and in the accounting currency.
    """

    actual_id: int
    transaction_id: int | None
    milestone_id: int | None
    on_account_origin: str | None
    credited_id: int | None
    credited_invoice_number: str | None
    class_: str
    transaction_date: date
    description: str | None
    project_number: str | None
    resource_name: str | None
    quantity: Decimal
    price: Decimal
    currency: str
    amount: Decimal
    discount_amount: Decimal
    fee_amount: Decimal
    tax_amount: Decimal
    accounting_date: date
    exchange_rate: Decimal
    accounting_amount: Decimal
    sales_tax_amount: Decimal
    accrual_reversed_amount: Decimal


@dataclass(frozen=True, slots=True)
class Invoice:
    """A customer invoice with its ledger entries, tax, customer transaction and first lines."""

    summary: InvoiceSummary
    entries: tuple[LedgerEntry, ...]
    taxes: tuple[InvoiceTax, ...]
    customer_transaction: CustomerTransaction | None
    lines: tuple[InvoiceLine, ...]


SQL: Final = SqlFile(__name__)
LIST_INVOICES: Final = SQL.query("list_invoices", gives=InvoiceSummary)
INVOICE_TAXES: Final = SQL.query("invoice_taxes", gives=InvoiceTax)
INVOICE_CUSTOMER_TRANSACTION: Final = SQL.query(
    "invoice_customer_transaction", gives=CustomerTransaction
)
INVOICE_LINES: Final = SQL.query("invoice_lines", gives=InvoiceLine)


def document_title(total_amount: Decimal) -> str:
    """Say what the customer gets: a negative total is a credit note (spec P22.4)."""
    return "Credit note" if total_amount < 0 else "Invoice"


def list_invoices(
    reader: Reader,
    *,
    company: str,
    narrowing: Narrowing = EVERYTHING,
    only_open: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> tuple[InvoiceSummary, ...]:
    """Give the invoices of a company, newest first, or only those that are not all paid.

    ``after`` is an invoice number; the day of an invoice is its invoice date.
    """
    return tuple(
        reader.all(
            LIST_INVOICES,
            company=company,
            number=None,
            only_open=only_open,
            after=after,
            rows_max=limit,
            **asdict(narrowing),
        )
    )


def show_invoice(reader: Reader, *, company: str, number: str, lines: int = 200) -> Invoice | None:
    """Give one invoice by its customer-facing number; None when there is none."""
    summary = reader.first(
        LIST_INVOICES,
        company=company,
        number=number,
        only_open=False,
        after=None,
        rows_max=1,
        **asdict(EVERYTHING),
    )
    if summary is None:
        return None
    voucher = summary.voucher
    return Invoice(
        summary=summary,
        entries=voucher_entries(reader, company=company, voucher=voucher),
        taxes=tuple(reader.all(INVOICE_TAXES, company=company, voucher=voucher)),
        customer_transaction=reader.first(
            INVOICE_CUSTOMER_TRANSACTION, company=company, voucher=voucher
        ),
        lines=invoice_lines(reader, company=company, proposal_id=summary.proposal_id, limit=lines),
    )


def invoice_lines(
    reader: Reader, *, company: str, proposal_id: int, after: int = 0, limit: int = 200
) -> tuple[InvoiceLine, ...]:
    """Give the lines of a posted proposal; ``after`` is an actual's key."""
    return tuple(
        reader.all(
            INVOICE_LINES, company=company, proposal_id=proposal_id, after=after, rows_max=limit
        )
    )
