"""The ledger: trial balance, entries of an account, one voucher, and the work behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from starlette.exceptions import HTTPException

from twofold.finance.closing.periods import list_periods
from twofold.finance.ledger.by_dimension import DimensionBalance, dimension_balances
from twofold.finance.ledger.reads import (
    BEFORE_ALL,
    AccountBalance,
    EntryPlace,
    LedgerEntry,
    VoucherLine,
    account_entries,
    account_name,
    show_voucher,
    trial_balance,
    voucher_lines,
)
from twofold.finance.setup.choices import read_choices
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.listing import (
    Column,
    Field,
    Listing,
    Slice,
    answer,
    choice_of,
    day_of,
    key_of,
    whole,
)


def _trial_balance(asked: Asked) -> Answer:
    """Show what each account had, moved and has, or each value of a dimension on it."""
    period = _period(asked)
    with asked.system.auditor_finance.reader() as reader:
        dimensions = tuple(read_choices(reader, company=asked.company).dimensions)
    fields = _fields(*period)
    if dimensions:
        fields = (*fields, Field("dimension", "Dimension", "value", dimensions))
    if dimension := choice_of(asked, "dimension", dimensions):
        return answer(asked, "trial_balance.html", _by_value(asked, dimension, period, fields))
    return answer(asked, "trial_balance.html", _by_account(asked, period, fields))


def _by_value(
    asked: Asked, dimension: str, period: tuple[date, date], fields: tuple[Field, ...]
) -> Listing[DimensionBalance]:
    first, last = period
    with asked.system.auditor_finance.reader() as reader:
        found = dimension_balances(
            reader,
            company=asked.company,
            attribute=dimension,
            period_from=first,
            period_to=last,
        )
    columns: tuple[Column[DimensionBalance], ...] = (
        Column(
            "Account",
            lambda one: one.account,
            to=lambda one: f"/{asked.company}/ledger/{one.account}?from={first}&to={last}",
            sort="account",
        ),
        Column("Name", lambda one: one.name, sort="name"),
        Column(dimension, lambda one: one.value or None, sort="value"),
        Column("Opening balance", lambda one: one.opening_amount, "money", sort="opening"),
        Column("Movement", lambda one: one.movement_amount, "money", sort="movement"),
        Column("Closing balance", lambda one: one.closing_amount, "money", sort="closing"),
    )
    return Listing(
        title="Trial balance",
        fields=fields,
        columns=columns,
        page=whole(found, columns),
        place=lambda one: f"{one.account}/{one.value}",
        per_page=max(len(found), 1),
        foot={
            "Opening balance": sum(one.opening_amount for one in found),
            "Movement": sum(one.movement_amount for one in found),
            "Closing balance": sum(one.closing_amount for one in found),
        },
    )


def _by_account(
    asked: Asked, period: tuple[date, date], fields: tuple[Field, ...]
) -> Listing[AccountBalance]:
    first, last = period
    with asked.system.auditor_finance.reader() as reader:
        total = trial_balance(
            reader, company=asked.company, period_from=first, period_to=last, limit=1
        ).total

    def page(wanted: Slice) -> Sequence[AccountBalance]:
        with asked.system.auditor_finance.reader() as reader:
            return trial_balance(
                reader,
                company=asked.company,
                period_from=first,
                period_to=last,
                after=wanted.after,
                limit=wanted.limit,
            ).accounts

    return Listing(
        title="Trial balance",
        fields=fields,
        columns=(
            Column(
                "Account",
                lambda one: one.account,
                to=lambda one: f"/{asked.company}/ledger/{one.account}?from={first}&to={last}",
            ),
            Column("Name", lambda one: one.name),
            Column("Kind", lambda one: one.kind, "term"),
            Column("Opening balance", lambda one: one.opening_amount, "money"),
            Column("Debit", lambda one: one.debit_amount, "money"),
            Column("Credit", lambda one: one.credit_amount, "money"),
            Column("Closing balance", lambda one: one.closing_amount, "money"),
        ),
        page=page,
        place=lambda one: one.account,
        per_page=500,
        foot={
            "Opening balance": total.opening_amount,
            "Debit": total.debit_amount,
            "Credit": total.credit_amount,
            "Closing balance": total.closing_amount,
        },
    )


def _account(asked: Asked) -> Answer:
    """Show the entries of an account in a period."""
    account = asked.path["account"]
    first, last = _period(asked)
    with asked.system.auditor_finance.reader() as reader:
        name = account_name(reader, company=asked.company, account=account)
    if name is None:
        raise HTTPException(404)

    def page(wanted: Slice) -> Sequence[LedgerEntry]:
        with asked.system.auditor_finance.reader() as reader:
            return account_entries(
                reader,
                company=asked.company,
                account=account,
                period_from=first,
                period_to=last,
                after=_entry_of(wanted.after),
                limit=wanted.limit,
            )

    listing: Listing[LedgerEntry] = Listing(
        title="Ledger entries",
        fields=_fields(first, last),
        columns=entry_columns(asked.company, is_of_one_account=True),
        page=page,
        place=lambda one: f"{one.accounting_date}/{one.entry_number}/{one.voucher}",
    )
    return answer(
        asked, "account.html", listing, account=account, name=name, first=first, last=last
    )


def entry_columns(
    company: str, *, is_of_one_account: bool = False
) -> tuple[Column[LedgerEntry], ...]:
    """Give the columns of ledger entries: of an account with the voucher, of a voucher without."""
    by_account: Column[LedgerEntry] = Column(
        "Account", lambda one: one.account, to=lambda one: f"/{company}/ledger/{one.account}"
    )
    by_voucher: Column[LedgerEntry] = Column(
        "Voucher", lambda one: one.voucher, to=lambda one: f"/{company}/vouchers/{one.voucher}"
    )
    return (
        by_voucher if is_of_one_account else by_account,
        Column("Date", lambda one: one.accounting_date, "date"),
        Column("Posting type", lambda one: one.posting_type, "term"),
        Column("Project", lambda one: one.project_number),
        Column(
            "Invoice",
            lambda one: one.invoice_number,
            to=lambda one: f"/{company}/invoices/{one.invoice_number}",
        ),
        Column("Dimensions", lambda one: one.dimensions),
        Column(
            "Amount", lambda one: one.transaction_amount, "money", currency=lambda x: x.currency
        ),
        Column("Accounting amount", lambda one: one.accounting_amount, "money"),
    )


def _voucher(asked: Asked) -> Answer:
    """Show a voucher: its entries, and the lines of the project subledger behind them."""
    number = asked.path["voucher"]
    with asked.system.auditor_finance.reader() as reader:
        voucher = show_voucher(reader, company=asked.company, voucher=number, lines=1)
    if voucher is None:
        raise HTTPException(404)
    columns = entry_columns(asked.company)

    def page(wanted: Slice) -> Sequence[VoucherLine]:
        with asked.system.auditor_finance.reader() as reader:
            return voucher_lines(
                reader,
                company=asked.company,
                voucher=number,
                after=key_of(wanted.after, BEFORE_ALL),
                limit=wanted.limit,
            )

    return answer(
        asked,
        "voucher.html",
        Listing(
            key="entries",
            title="Ledger entries",
            columns=columns,
            page=whole(voucher.entries, columns),
            place=lambda entry: str(entry.entry_number),
            per_page=max(len(voucher.entries), 1),
            foot={"Accounting amount": sum(x.accounting_amount for x in voucher.entries)},
        ),
        Listing(
            title="Project transactions",
            columns=_BEHIND,
            page=page,
            place=lambda line: str(line.actual_id),
        ),
        voucher=number,
        entries=voucher.entries,
    )


_BEHIND: Final[tuple[Column[VoucherLine], ...]] = (
    Column(
        "Actual",
        lambda one: one.actual_id,
        to=lambda one: f"/journey?number=actual/{abs(one.actual_id)}",
    ),
    Column("Document", lambda one: one.document),
    Column("Type", lambda one: one.transaction_type, "term"),
    Column("Class", lambda one: one.class_, "term"),
    Column("Project", lambda one: one.project_number),
    Column("Date", lambda one: one.transaction_date, "date"),
    Column("Description", lambda one: one.description),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
    Column("Accounting amount", lambda one: one.accounting_amount, "money"),
)


def _fields(first: date, last: date) -> tuple[Field, ...]:
    return (
        Field("from", "From", "date", value=first.isoformat()),
        Field("to", "To", "date", value=last.isoformat()),
    )


def _period(asked: Asked) -> tuple[date, date]:
    """Give the days that were asked for; without any, the fiscal period that today is in."""
    today = asked.now.date()
    with asked.system.auditor_finance.reader() as reader:
        periods = list_periods(reader, company=asked.company)
    inside = [one for one in periods if one.period_start <= today <= one.period_end]
    first = inside[0].period_start if inside else today.replace(day=1)
    last = inside[0].period_end if inside else today
    return day_of(asked, "from") or first, day_of(asked, "to") or last


def _entry_of(after: str) -> EntryPlace | None:
    day, _, rest = after.partition("/")
    number, _, voucher = rest.partition("/")
    try:
        return EntryPlace(date.fromisoformat(day), voucher, int(number))
    except ValueError:
        return None


PAGES: Final = (
    Page("/{company}/ledger", _trial_balance, "read_finance"),
    Page("/{company}/ledger/{account}", _account, "read_finance"),
    Page("/{company}/vouchers/{voucher}", _voucher, "read_finance"),
)
