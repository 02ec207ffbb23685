"""What posting proposals does, once nothing speaks against it (see ``post``).

Works on ``posting_invoice``, ``invoiced_line`` and the accounts and taxes found for them. Tax is
reckoned anew per line and code at the invoice date: what was posted is what the line says
afterwards. The receivable is the sum of the other sides in every currency, so that a voucher
always balances, and accruals are reversed with the amounts and accounts that were stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deeds
from twofold.database.outbox import open_change_sets
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.numbering import draw_numbers
from twofold.finance.posting.recording import record_posting


@dataclass(frozen=True, slots=True)
class PostedInvoice:
    """A customer invoice as it was posted; amounts in its currency."""

    proposal_id: int
    proposal_number: str
    invoice_number: str
    voucher: str
    invoice_date: date
    due_date: date
    currency: str
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal


@dataclass(frozen=True, slots=True)
class ReadyProposal:
    """A proposal about to be posted, and the keys its lines lie within."""

    proposal_id: int
    number: str
    first_actual_id: int
    last_actual_id: int


SQL: Final = SqlFile(__name__)
CREATE_NUMBERED_INVOICE: Final = SQL.command("create_numbered_invoice")
FILL_NUMBERED_INVOICE: Final = SQL.command("fill_numbered_invoice")
CREATE_TAXED_LINE: Final = SQL.command("create_taxed_line")
FILL_TAXED_LINE: Final = SQL.command("fill_taxed_line")
ANALYZE_TAXED_LINE: Final = SQL.command("analyze_taxed_line")
CREATE_SUMMED_TAX: Final = SQL.command("create_summed_tax")
FILL_SUMMED_TAX: Final = SQL.command("fill_summed_tax")
ANALYZE_SUMMED_TAX: Final = SQL.command("analyze_summed_tax")
CREATE_POSTING_LEG: Final = SQL.command("create_posting_leg")
FILL_POSTING_LEG: Final = SQL.command("fill_posting_leg")
ADD_INVOICES: Final = SQL.command("add_invoices")
ADD_INVOICE_LINES: Final = SQL.command("add_invoice_lines")
ADD_INVOICED_TAXES: Final = SQL.command("add_invoiced_taxes")
CREATE_RENEWED_TAX: Final = SQL.command("create_renewed_tax")
FILL_RENEWED_TAX: Final = SQL.command("fill_renewed_tax")
RENEW_LINE_TAXES: Final = SQL.command("renew_line_taxes")
ADD_CUSTOMER_TRANSACTIONS: Final = SQL.command("add_customer_transactions")
ADD_TAX_TRANSACTIONS: Final = SQL.command("add_tax_transactions")
ADD_LEDGER_ENTRIES: Final = SQL.command("add_ledger_entries")
MARK_PROPOSALS_POSTED: Final = SQL.command("mark_proposals_posted")
READ_INVOICES: Final = SQL.query("read_invoices", gives=PostedInvoice)
DROP_NUMBERED_INVOICE: Final = SQL.command("drop_numbered_invoice")


def post_invoices(
    transaction: Transaction,
    *,
    company: str,
    proposals: tuple[ReadyProposal, ...],
    actor: str,
    at: datetime,
) -> tuple[PostedInvoice, ...]:
    """Post every proposal of ``posting_invoice``; numbers are drawn in the order given."""
    transaction.run(CREATE_TAXED_LINE)
    transaction.run(FILL_TAXED_LINE)
    transaction.run(ANALYZE_TAXED_LINE)
    transaction.run(CREATE_SUMMED_TAX)
    transaction.run(FILL_SUMMED_TAX)
    transaction.run(ANALYZE_SUMMED_TAX)
    transaction.run(CREATE_POSTING_LEG)
    transaction.run(FILL_POSTING_LEG)
    transaction.run(CREATE_RENEWED_TAX)
    if transaction.run(FILL_RENEWED_TAX):
        transaction.run(RENEW_LINE_TAXES, company=company)
    # Numbers last: who has drawn keeps every other poster of the company waiting until the commit.
    _number_invoices(transaction, company=company, proposals=proposals, actor=actor, at=at)
    transaction.run(ADD_INVOICES, company=company, actor=actor, at=at)
    transaction.run(ADD_INVOICE_LINES, company=company)
    transaction.run(ADD_INVOICED_TAXES, company=company)
    transaction.run(ADD_CUSTOMER_TRANSACTIONS, company=company)
    transaction.run(ADD_TAX_TRANSACTIONS, company=company)
    transaction.run(ADD_LEDGER_ENTRIES, company=company)
    transaction.run(MARK_PROPOSALS_POSTED, company=company)
    invoices = transaction.all(READ_INVOICES, company=company)
    transaction.run(DROP_NUMBERED_INVOICE)
    numbers = [one.invoice_number for one in (*invoices[:1], *invoices[-1:])]
    record_posting(
        transaction,
        company=company,
        kind="invoices",
        document="…".join(dict.fromkeys(numbers)),
        actor=actor,
        at=at,
    )
    _record(transaction, company, invoices, (actor, at))
    return tuple(invoices)


def _record(
    transaction: Transaction,
    company: str,
    invoices: list[PostedInvoice],
    by: tuple[str, datetime],
) -> None:
    """Keep who posted each invoice."""
    record_deeds(
        transaction,
        company=company,
        act="invoice_posted",
        by=by,
        done={
            one.invoice_number: {"of": one.proposal_number, "voucher": one.voucher}
            for one in invoices
        },
    )


def _number_invoices(
    transaction: Transaction,
    *,
    company: str,
    proposals: tuple[ReadyProposal, ...],
    actor: str,
    at: datetime,
) -> None:
    sets = open_change_sets(
        transaction,
        company=company,
        kind="invoice_posting",
        streams=[f"invoice/{proposal.number}" for proposal in proposals],
        actor=actor,
        at=at,
    )
    for change_set, proposal in zip(sets, proposals, strict=True):
        change_set.covers(proposal.first_actual_id, proposal.last_actual_id)
    count = len(proposals)
    invoices = draw_numbers(transaction, company=company, reference="customer_invoice", count=count)
    vouchers = draw_numbers(
        transaction, company=company, reference="customer_invoice_voucher", count=count
    )
    transaction.run(CREATE_NUMBERED_INVOICE)
    transaction.run(
        FILL_NUMBERED_INVOICE,
        proposal_ids=[proposal.proposal_id for proposal in proposals],
        set_ids=[change_set.set_id for change_set in sets],
        invoice_prefix=invoices.prefix,
        invoice_digits=invoices.digits,
        first_invoice=invoices.first_number,
        voucher_prefix=vouchers.prefix,
        voucher_digits=vouchers.digits,
        first_voucher=vouchers.first_number,
    )
