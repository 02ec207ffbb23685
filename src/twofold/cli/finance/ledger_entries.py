"""Down from a balance: the entries of an account, a voucher, and the work behind an entry."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.documents import find_document
from twofold.cli.integration.trace import path_tables
from twofold.cli.opening import opened
from twofold.cli.parameters import ROWS_SHOWN, AsJson, Company, LimitOfRows, day
from twofold.database.transaction import Reader
from twofold.finance.ledger.reads import (
    LedgerEntry,
    Voucher,
    VoucherLine,
    account_entries,
    account_name,
    show_voucher,
)
from twofold.journey.trace import trace
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

# A path is long: how many lines of an entry are followed unless more are asked for.
_FOLLOWED = 3

Number = Annotated[str, Parameter(help="Number of the voucher.")]


def account(
    number: Annotated[str, Parameter(help="Number of the account.")],
    /,
    *,
    since: Annotated[
        date | None,
        Parameter(name="--from", help="First day; left out: the first of January of --to's year."),
    ] = None,
    until: Annotated[date | None, Parameter(name="--to", help="Last day; left out: today.")] = None,
    company: Company = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show the entries of an account in a period, oldest first."""
    last = day(until)
    first = since or last.replace(month=1, day=1)

    def read(reader: Reader, code: str) -> tuple[str, tuple[LedgerEntry, ...]] | None:
        name = account_name(reader, company=code, account=number)
        if name is None:
            return None
        return name, account_entries(
            reader, company=code, account=number, period_from=first, period_to=last, limit=limit
        )

    with opened(alone="finance") as system:
        code, (name, entries) = find_document(system, company, f"account {number}", read)
    printing.show(
        {"company": code, "account": number, "name": name, "entries": entries},
        _entries_table(f"Account {number} {name} of {code}", entries),
        as_json=as_json,
    )


def voucher(
    number: Number,
    /,
    *,
    company: Company = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show a voucher: its entries, and the lines of the project subledger behind them."""
    with opened(alone="finance") as system:
        code, found = find_document(
            system, company, f"voucher {number}",
            lambda reader, code: show_voucher(reader, company=code, voucher=number, lines=limit),
        )  # fmt: skip
    printing.show(
        {"company": code, "voucher": found},
        _entries_table(f"Voucher {number} of {code}", found.entries),
        _lines_table(found.lines),
        as_json=as_json,
    )


def entry(
    number: Number,
    entry_number: Annotated[int, Parameter(help="Number of the entry in its voucher.")],
    /,
    *,
    company: Company = None,
    limit: Annotated[int, Parameter(name="--limit", help="How many lines to follow.")] = _FOLLOWED,
    as_json: AsJson = False,
) -> None:
    """Follow an entry back: to project transactions, actuals and the time that was entered."""
    with opened() as system:
        code, found = find_document(
            system, company, f"voucher {number}",
            lambda reader, code: show_voucher(reader, company=code, voucher=number),
        )  # fmt: skip
        chosen = _entry_of(found, entry_number)
        lines = [
            line
            for line in found.lines
            if chosen.project_number is None or line.project_number == chosen.project_number
        ]
        paths = [
            path
            for line in lines[:limit]
            for path in trace(system, number=f"actual/{line.actual_id}", companies=(code,))
        ]
    printing.show(
        {"company": code, "entry": chosen, "lines": lines, "paths": paths},
        _entries_table(f"Voucher {number} of {code}", (chosen,)),
        _lines_table(lines),
        *(part for path in paths for part in path_tables(path)),
        as_json=as_json,
    )


def _entry_of(found: Voucher, entry_number: int) -> LedgerEntry:
    for one in found.entries:
        if one.entry_number == entry_number:
            return one
    reason = f"the voucher has entries 1 to {len(found.entries)}"
    raise Refused(
        refuse("ERR-B22", f"voucher/{found.voucher}", value=str(entry_number), reason=reason)
    )


def _entries_table(
    title: str, entries: tuple[LedgerEntry, ...] | list[LedgerEntry]
) -> printing.RenderableType:
    return printing.table(
        ("Date", "Voucher", "Entry", "Account", "Posting type", "Project", "Invoice", "Currency",
         "Amount", "Accounting amount", "Reporting amount"),
        [
            (
                one.accounting_date, one.voucher, one.entry_number, one.account, one.posting_type,
                one.project_number, one.invoice_number, one.currency, one.transaction_amount,
                one.accounting_amount, one.reporting_amount,
            )
            for one in entries
        ],
        title=title,
    )  # fmt: skip


def _lines_table(lines: tuple[VoucherLine, ...] | list[VoucherLine]) -> printing.RenderableType:
    return printing.table(
        ("Actual", "Document", "Type", "Class", "Project", "Date", "Description", "Quantity",
         "Amount", "Currency", "Accounting amount"),
        [
            (
                one.actual_id, one.document, one.transaction_type, one.class_, one.project_number,
                one.transaction_date, one.description, one.quantity, one.amount, one.currency,
                one.accounting_amount,
            )
            for one in lines
        ],
        title="Lines behind it",
    )  # fmt: skip
