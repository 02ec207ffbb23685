"""Import payments from a file: post each, and settle the invoices that it names.

Matched by what the payment names: an invoice number of its own column, a document or creditor
reference, the end-to-end reference, then invoice numbers that stand in the remittance text. A
payment settles the invoices it names of its customer, the one due first first; what is left of
it stays open, and so does what is left of an invoice.

Before  the file was never imported; every payment has a customer, or is left out by name.
After   each payment has a voucher (debit bank, credit receivable) at the company's rate of its
        day, what it settles is settled, differences of exchange rates are posted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.numbering import draw_numbers
from twofold.finance.posting.recording import record_posting
from twofold.finance.receivables.files.rows import StatedPayment
from twofold.finance.receivables.settlements import (
    Settled,
    lock_receivables,
    open_settling,
    post_settlements,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class PaymentBatch:
    """Payments of one file. ``customers`` gives accounts by reference and wins over the file."""

    name: str
    content_hash: str
    bank_account: str
    payments: tuple[StatedPayment, ...]
    customers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PostedPayment:
    """A payment as it was posted; ``open_amount`` is what no invoice took."""

    voucher: str
    reference: str
    customer_account: str
    payment_date: date
    currency: str
    amount: Decimal
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class ImportedPayments:
    """What an import posted."""

    payments: tuple[PostedPayment, ...]
    settled: tuple[Settled, ...]


@dataclass(frozen=True, slots=True)
class _File:
    imported_by: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class _Problem:
    number: int
    place: str
    code: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class _Rounds:
    round_count: int


SQL: Final = SqlFile(__name__)
KNOWN_FILE: Final = SQL.query("known_file", gives=_File)
CREATE_ARRIVING: Final = SQL.command("create_arriving")
FILL_ARRIVING: Final = SQL.command("fill_arriving")
CREATE_MATCH: Final = SQL.command("create_match")
FILL_MATCH: Final = SQL.command("fill_match")
PLACE_PAYMENTS: Final = SQL.command("place_payments")
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
ADD_FILE: Final = SQL.command("add_file")
ADD_PAYMENTS: Final = SQL.command("add_payments")
ADD_LEDGER_ENTRIES: Final = SQL.command("add_ledger_entries")
ORDER_MATCHES: Final = SQL.query("order_matches", gives=_Rounds)
ADD_PAIRS: Final = SQL.command("add_pairs")
READ_PAYMENTS: Final = SQL.query("read_payments", gives=PostedPayment)
DROP_ARRIVING: Final = SQL.command("drop_arriving")


def import_payments(
    transaction: Transaction, *, company: str, batch: PaymentBatch, actor: str, at: datetime
) -> ImportedPayments:
    """Post the payments of a file, dated as it says, and settle what they name.

    Refused with everything that is wrong with any of them: the file was imported before (ERR-L21),
    nobody is known to have paid (ERR-L22), no such bank account (ERR-L23), the day is not open
    (ERR-L24), the bank's reference is known (ERR-L28), no rate (ERR-I04), no receivable (ERR-F07).
    """
    lock_receivables(transaction, company=company)
    known = transaction.first(KNOWN_FILE, company=company, content_hash=batch.content_hash)
    if known is not None:
        value = f"{known.imported_at:%Y-%m-%d} by {known.imported_by}"
        raise Refused(refuse("ERR-L21", f"file/{batch.name}", field="imported", value=value))
    _match(transaction, company=company, batch=batch)
    problems = transaction.all(READ_PROBLEMS, company=company, bank_account=batch.bank_account)
    if problems:
        raise Refused(
            *(refuse(one.code, one.place, field=one.field, value=one.value) for one in problems)
        )
    _post(transaction, company=company, batch=batch, actor=actor, at=at)
    settled = _settle(transaction, company=company, actor=actor, at=at)
    payments = tuple(transaction.all(READ_PAYMENTS, company=company))
    transaction.run(DROP_ARRIVING)
    record_posting(
        transaction, company=company, kind="payments", document=batch.name, actor=actor, at=at
    )
    record_deed(
        transaction,
        company=company,
        act="payments_imported",
        by=(actor, at),
        detail={"count": len(payments), "file": batch.name},
    )
    return ImportedPayments(payments, settled)


def _match(transaction: Transaction, *, company: str, batch: PaymentBatch) -> None:
    """Fill ``arriving_payment`` with what is known of each payment, and the invoices it names."""
    rows = [
        {
            "number": number,
            "place": one.place,
            "reference": one.reference,
            "payment_date": one.payment_date.isoformat(),
            "amount": str(one.amount),
            "currency": one.currency,
            "named": list(one.named),
            "remittance": one.remittance,
            "payer": one.payer,
            "account": batch.customers.get(one.reference, one.customer_account),
        }
        for number, one in enumerate(batch.payments, start=1)
    ]
    transaction.run(CREATE_ARRIVING)
    transaction.run(FILL_ARRIVING, company=company, rows=json.dumps(rows))
    transaction.run(CREATE_MATCH)
    transaction.run(FILL_MATCH, company=company)
    transaction.run(PLACE_PAYMENTS, company=company)


def _post(
    transaction: Transaction, *, company: str, batch: PaymentBatch, actor: str, at: datetime
) -> None:
    vouchers = draw_numbers(
        transaction,
        company=company,
        reference="customer_payment_voucher",
        count=len(batch.payments),
    )
    transaction.run(
        ADD_FILE,
        company=company,
        content_hash=batch.content_hash,
        name=batch.name,
        count=len(batch.payments),
        actor=actor,
        at=at,
    )
    transaction.run(
        ADD_PAYMENTS,
        company=company,
        bank_account=batch.bank_account,
        content_hash=batch.content_hash,
        prefix=vouchers.prefix,
        digits=vouchers.digits,
        first_number=vouchers.first_number,
    )
    transaction.run(ADD_LEDGER_ENTRIES, company=company, content_hash=batch.content_hash)


def _settle(
    transaction: Transaction, *, company: str, actor: str, at: datetime
) -> tuple[Settled, ...]:
    """Settle what is named: of each payment what it names first, then what it names next."""
    open_settling(transaction)
    rounds = transaction.one(ORDER_MATCHES).round_count
    for number in range(1, rounds + 1):
        transaction.run(ADD_PAIRS, company=company, number=number)
    return post_settlements(transaction, company=company, actor=actor, at=at)
