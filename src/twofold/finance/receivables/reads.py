"""What pages and commands may ask about customers: what is open, how old it is, a statement.

Amounts are in the currency of the transaction: a debit above zero, a credit below. Lists come in
pages: give the last key seen as ``after``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.finance.narrowing import EVERYTHING, Narrowing


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """An invoice, credit note or payment of which something is open; only invoices bring cash."""

    voucher: str
    kind: str
    document: str
    customer_account: str
    customer_name: str
    transaction_date: date
    due_date: date
    currency: str
    amount: Decimal
    open_amount: Decimal
    open_accounting_amount: Decimal
    expected_on: date | None


@dataclass(frozen=True, slots=True)
class ExpectedCash:
    """What a week is expected to bring in the accounting currency; ``week_from`` is a Monday.

    ``total_amount`` runs; ``overdue_amount`` was expected before the day that was asked about.
    """

    week_from: date
    invoice_count: int
    amount: Decimal
    overdue_amount: Decimal
    total_amount: Decimal


@dataclass(frozen=True, slots=True)
class CustomerAge:
    """What a customer owes in the accounting currency, by days since it was due."""

    customer_account: str
    customer_name: str
    not_due_amount: Decimal
    to_30_amount: Decimal
    to_60_amount: Decimal
    to_90_amount: Decimal
    older_amount: Decimal
    unused_amount: Decimal
    total_amount: Decimal


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a customer's statement; ``balance_amount`` runs per currency."""

    transaction_date: date
    kind: str
    document: str
    voucher: str
    currency: str
    amount: Decimal
    balance_amount: Decimal
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class ShownSettlement:
    """One settlement, standing or undone."""

    settlement_id: int
    settled_on: date
    debit_document: str
    credit_document: str
    currency: str
    debit_amount: Decimal
    exchange_difference: Decimal
    voucher: str | None
    settled_by: str
    undone_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ShownPayment:
    """A payment, and what of it is open."""

    voucher: str
    payment_date: date
    reference: str
    customer_account: str
    currency: str
    amount: Decimal
    open_amount: Decimal
    bank_account: str
    file_name: str
    remittance: str


SQL: Final = SqlFile(__name__)
OPEN_TRANSACTIONS: Final = SQL.query("open_transactions", gives=OpenTransaction)
AGEING: Final = SQL.query("ageing", gives=CustomerAge)
EXPECTED_CASH: Final = SQL.query("expected_cash", gives=ExpectedCash)
STATEMENT: Final = SQL.query("statement", gives=StatementLine)
SETTLEMENTS: Final = SQL.query("settlements", gives=ShownSettlement)
PAYMENTS: Final = SQL.query("payments", gives=ShownPayment)


def open_transactions(
    reader: Reader, *, company: str, customer: str | None, after: str = "", limit: int = 200
) -> tuple[OpenTransaction, ...]:
    """Give what is open, of one customer or all, by voucher; ``after`` is a voucher."""
    return tuple(
        reader.all(
            OPEN_TRANSACTIONS, company=company, customer=customer, after=after, rows_max=limit
        )
    )


def ageing(reader: Reader, *, company: str, on: date) -> tuple[CustomerAge, ...]:
    """Give what was open at the end of a day, by age; credits count as unused, whatever their age.

    Invoices, payments, settlements and their undoing count from the day they are dated.
    """
    return tuple(reader.all(AGEING, company=company, day=on))


def expected_cash(reader: Reader, *, company: str, on: date) -> tuple[ExpectedCash, ...]:
    """Give by week when the money of invoices open at the end of a day is expected (DD-01)."""
    return tuple(reader.all(EXPECTED_CASH, company=company, day=on))


def statement(
    reader: Reader, *, company: str, customer: str, period_from: date, period_to: date
) -> tuple[StatementLine, ...]:
    """Give the transactions of a customer in a period; balances run since the first ever.

    What is open of each is what was open at the end of the period.
    """
    return tuple(
        reader.all(
            STATEMENT,
            company=company,
            customer=customer,
            period_from=period_from,
            period_to=period_to,
        )
    )


def list_settlements(
    reader: Reader, *, company: str, after: int | None = None, limit: int = 200
) -> tuple[ShownSettlement, ...]:
    """Give settlements, newest first; ``after`` is a settlement's key."""
    return tuple(reader.all(SETTLEMENTS, company=company, after=after, rows_max=limit))


def list_payments(
    reader: Reader,
    *,
    company: str,
    narrowing: Narrowing = EVERYTHING,
    only_open: bool = False,
    after: str | None = None,
    limit: int = 200,
) -> tuple[ShownPayment, ...]:
    """Give payments, newest first, or only those not all used; ``after`` is a voucher."""
    return tuple(
        reader.all(
            PAYMENTS,
            company=company,
            only_open=only_open,
            after=after,
            rows_max=limit,
            **asdict(narrowing),
        )
    )
