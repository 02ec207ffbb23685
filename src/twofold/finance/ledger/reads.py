"""What pages and commands may ask of the ledger: balances, entries of an account, one voucher.

Amounts are signed: debit positive, credit negative. Balances are in the accounting currency, since
the first entry, and come from the kept balances, whatever the number of entries. Closing a year
moves profit and loss to retained earnings: shown from the day after its last one.
Lists come in pages: give the last key seen as ``after``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account in a period."""

    account: str
    name: str
    kind: str
    opening_amount: Decimal
    debit_amount: Decimal
    credit_amount: Decimal
    closing_amount: Decimal


@dataclass(frozen=True, slots=True)
class BalanceTotal:
    """All accounts in a period: opening and closing are zero, debit equals credit."""

    opening_amount: Decimal
    debit_amount: Decimal
    credit_amount: Decimal
    closing_amount: Decimal


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """One page of accounts, and the total of all."""

    accounts: tuple[AccountBalance, ...]
    total: BalanceTotal


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One entry of a voucher. ``invoice_number`` is the invoice that has the voucher, if any."""

    accounting_date: date
    voucher: str
    entry_number: int
    account: str
    posting_type: str
    project_number: str | None
    invoice_number: str | None
    currency: str
    transaction_amount: Decimal
    accounting_amount: Decimal
    reporting_amount: Decimal
    dimensions: str | None


@dataclass(frozen=True, slots=True)
class EntryPlace:
    """An entry's place among those of an account, behind which its next page begins."""

    accounting_date: date
    voucher: str
    entry_number: int


@dataclass(frozen=True, slots=True)
class VoucherLine:
    """One line of the project subledger behind a voucher; ``document`` is a journal or invoice."""

    actual_id: int
    document: str
    transaction_type: str
    class_: str
    project_number: str | None
    transaction_date: date
    description: str | None
    quantity: Decimal
    amount: Decimal
    currency: str
    accounting_amount: Decimal


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher with all its entries and the first lines behind them."""

    voucher: str
    entries: tuple[LedgerEntry, ...]
    lines: tuple[VoucherLine, ...]


# Below the key of every line: those of fees are negative.
BEFORE_ALL: Final = -(2**63)


@dataclass(frozen=True, slots=True)
class _Name:
    name: str


SQL: Final = SqlFile(__name__)
ACCOUNT_NAME: Final = SQL.query("account_name", gives=_Name)
TRIAL_BALANCE: Final = SQL.query("trial_balance", gives=AccountBalance)
TRIAL_BALANCE_TOTAL: Final = SQL.query("trial_balance_total", gives=BalanceTotal)
ACCOUNT_ENTRIES: Final = SQL.query("account_entries", gives=LedgerEntry)
VOUCHER_ENTRIES: Final = SQL.query("voucher_entries", gives=LedgerEntry)
VOUCHER_LINES: Final = SQL.query("voucher_lines", gives=VoucherLine)


def trial_balance(
    reader: Reader,
    *,
    company: str,
    period_from: date,
    period_to: date,
    after: str = "",
    limit: int = 500,
) -> TrialBalance:
    """Give what each account had, moved and has; ``after`` is an account."""
    period = {"company": company, "period_from": period_from, "period_to": period_to}
    return TrialBalance(
        accounts=tuple(reader.all(TRIAL_BALANCE, **period, after=after, rows_max=limit)),
        total=reader.one(TRIAL_BALANCE_TOTAL, **period),
    )


def account_name(reader: Reader, *, company: str, account: str) -> str | None:
    """Give the name of an account; None when the company has no such account."""
    found = reader.first(ACCOUNT_NAME, company=company, account=account)
    return None if found is None else found.name


def account_entries(
    reader: Reader,
    *,
    company: str,
    account: str,
    period_from: date,
    period_to: date,
    after: LedgerEntry | EntryPlace | None = None,
    limit: int = 200,
) -> tuple[LedgerEntry, ...]:
    """Give the entries that make up the period's movement of an account, oldest first."""
    return tuple(
        reader.all(
            ACCOUNT_ENTRIES,
            company=company,
            account=account,
            period_from=period_from,
            period_to=period_to,
            after_date=after.accounting_date if after else None,
            after_voucher=after.voucher if after else None,
            after_number=after.entry_number if after else None,
            rows_max=limit,
        )
    )


def voucher_entries(reader: Reader, *, company: str, voucher: str) -> tuple[LedgerEntry, ...]:
    """Give every entry of a voucher; none when there is no such voucher."""
    return tuple(reader.all(VOUCHER_ENTRIES, company=company, voucher=voucher))


def voucher_lines(
    reader: Reader, *, company: str, voucher: str, after: int = BEFORE_ALL, limit: int = 200
) -> tuple[VoucherLine, ...]:
    """Give the subledger lines of a voucher; ``after`` is an actual's key."""
    return tuple(
        reader.all(VOUCHER_LINES, company=company, voucher=voucher, after=after, rows_max=limit)
    )


def show_voucher(reader: Reader, *, company: str, voucher: str, lines: int = 200) -> Voucher | None:
    """Give a voucher with its entries and first lines; None when nothing was posted with it."""
    entries = voucher_entries(reader, company=company, voucher=voucher)
    found = voucher_lines(reader, company=company, voucher=voucher, limit=lines)
    if not entries and not found:
        return None
    return Voucher(voucher, entries, found)
