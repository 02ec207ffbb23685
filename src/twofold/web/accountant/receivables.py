"""What customers owe: ageing on a day, what is open, the statement of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from twofold.finance.receivables.reads import (
    CustomerAge,
    OpenTransaction,
    StatementLine,
    ageing,
    open_transactions,
    statement,
)
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, Slice, answer, by_pages, day_of, whole

_STATEMENT: Final[tuple[Column[StatementLine], ...]] = (
    Column("Document", lambda one: one.document),
    Column("Date", lambda one: one.transaction_date, "date"),
    Column("Kind", lambda one: one.kind, "term"),
    Column("Voucher", lambda one: one.voucher),
    Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
    Column("Open", lambda one: one.open_amount, "money"),
    Column("Balance", lambda one: one.balance_amount, "money"),
)


def _ageing(asked: Asked) -> Answer:
    """Show what is open by customer and age; every bucket leads to the documents behind it."""
    on = day_of(asked, "on") or asked.now.date()
    with asked.system.auditor_finance.reader() as reader:
        customers = ageing(reader, company=asked.company, on=on)
    columns: tuple[Column[CustomerAge], ...] = (
        Column(
            "Customer",
            lambda one: one.customer_account,
            to=lambda one: f"/{asked.company}/customers/{one.customer_account}",
            note=lambda one: one.customer_name,
            sort="customer",
        ),
        Column("Not due", lambda one: one.not_due_amount, "money", sort="not_due"),
        Column("1 to 30 days", lambda one: one.to_30_amount, "money", sort="to_30"),
        Column("31 to 60 days", lambda one: one.to_60_amount, "money", sort="to_60"),
        Column("61 to 90 days", lambda one: one.to_90_amount, "money", sort="to_90"),
        Column("Older", lambda one: one.older_amount, "money", sort="older"),
        Column("Unused", lambda one: one.unused_amount, "money", sort="unused"),
        Column("Total", lambda one: one.total_amount, "money", sort="total"),
    )
    listing: Listing[CustomerAge] = Listing(
        title="Customer ageing",
        empty="Nothing is open.",
        fields=(Field("on", "On", "date", value=on.isoformat()),),
        columns=columns,
        page=whole(customers, columns),
        place=lambda one: one.customer_account,
        per_page=max(len(customers), 1),
        foot={
            "Not due": sum(one.not_due_amount for one in customers),
            "1 to 30 days": sum(one.to_30_amount for one in customers),
            "31 to 60 days": sum(one.to_60_amount for one in customers),
            "61 to 90 days": sum(one.to_90_amount for one in customers),
            "Older": sum(one.older_amount for one in customers),
            "Unused": sum(one.unused_amount for one in customers),
            "Total": sum(one.total_amount for one in customers),
        },
    )
    return answer(asked, "ageing.html", listing)


def _customer(asked: Asked) -> Answer:
    """Show what is open of one customer, and the statement of the year."""
    company, account = asked.company, asked.path["customer"]
    today = asked.now.date()
    first = day_of(asked, "from") or today.replace(month=1, day=1)
    last = day_of(asked, "to") or today
    with asked.system.auditor_finance.reader() as reader:
        lines = statement(
            reader, company=company, customer=account, period_from=first, period_to=last
        )

    def page(wanted: Slice) -> Sequence[OpenTransaction]:
        with asked.system.auditor_finance.reader() as reader:
            return open_transactions(
                reader, company=company, customer=account, after=wanted.after, limit=wanted.limit
            )

    return answer(
        asked,
        "customer.html",
        Listing(
            title="Open transactions",
            empty="Nothing is open.",
            fields=(
                Field("from", "From", "date", value=first.isoformat()),
                Field("to", "To", "date", value=last.isoformat()),
            ),
            columns=open_columns(company),
            page=page,
            place=lambda one: one.voucher,
        ),
        Listing(
            key="statement",
            title="Statement",
            columns=_STATEMENT,
            page=by_pages(lines, _STATEMENT, lambda one: one.voucher),
            place=lambda one: one.voucher,
            total=len(lines),
        ),
        account=account,
    )


def open_columns(company: str) -> tuple[Column[OpenTransaction], ...]:
    """Give the columns of open transactions."""
    return (
        Column("Document", lambda one: one.document),
        Column("Kind", lambda one: one.kind, "term"),
        Column(
            "Voucher", lambda one: one.voucher, to=lambda one: f"/{company}/vouchers/{one.voucher}"
        ),
        Column("Date", lambda one: one.transaction_date, "date"),
        Column("Due date", lambda one: one.due_date, "date"),
        Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
        Column("Open", lambda one: one.open_amount, "money"),
        Column("Accounting amount", lambda one: one.open_accounting_amount, "money"),
    )


PAGES: Final = (
    Page("/{company}/customers", _ageing, "read_finance"),
    Page("/{company}/customers/{customer}", _customer, "read_finance"),
)
