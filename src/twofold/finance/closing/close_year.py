"""Close a year: profit and loss goes to retained earnings, so that the new year begins at zero.

Before  the last period of the year is open.
After   every account of revenue and expense is at zero after the year's last day, and retained
        earnings hold the profit (a credit) or the loss. Closing again moves what was posted into
        the year since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.numbering import draw_numbers
from twofold.finance.posting.recording import hold_postings, record_posting
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class ClosedYear:
    """The closing voucher: accounts brought to zero, profit above zero in accounting currency."""

    voucher: str
    account_count: int
    profit_amount: Decimal


@dataclass(frozen=True, slots=True)
class _Year:
    is_open: bool | None
    retained_account: str | None
    account_count: int
    profit_amount: Decimal


SQL: Final = SqlFile(__name__)
READ_YEAR: Final = SQL.query("read_year", gives=_Year)
ADD_CLOSING: Final = SQL.command("add_closing")
ADD_ENTRIES: Final = SQL.command("add_entries")


def close_year(
    transaction: Transaction, *, company: str, year_end: date, actor: str, at: datetime
) -> ClosedYear:
    """Post the closing voucher, dated the last day of the year.

    Refused with ERR-L12 (no period ends that day), ERR-L24 (it is not open), ERR-J03 (no account
    for retained earnings in the posting setup), ERR-L11 (nothing to close).
    """
    # The year's sequence first, then the chain: the order in which every posting locks.
    block = draw_numbers(transaction, company=company, reference="year_end_voucher", count=1)
    hold_postings(transaction, company=company)
    year = transaction.one(READ_YEAR, company=company, year_end=year_end)
    record = f"year/{year_end}"
    refusals = [
        refuse(code, record, field=field, value=str(year_end))
        for code, field, is_wrong in (
            ("ERR-L12", "year_end", year.is_open is None),
            ("ERR-L24", "period", year.is_open is False),
            ("ERR-J03", "retained_earnings", year.retained_account is None),
            ("ERR-L11", "accounts", not year.account_count),
        )
        if is_wrong
    ]
    if refusals:
        raise Refused(*refusals)
    voucher = f"{block.prefix}{block.first_number:0{block.digits}}"
    given = {"company": company, "voucher": voucher, "year_end": year_end}
    transaction.run(ADD_CLOSING, **given, actor=actor, at=at)
    transaction.run(ADD_ENTRIES, **given, retained_account=year.retained_account)
    record_posting(
        transaction,
        company=company,
        kind="year end",
        document=str(year_end),
        actor=actor,
        at=at,
    )
    record_deed(
        transaction,
        company=company,
        act="year_closed",
        by=(actor, at),
        number=voucher,
        detail={"day": year_end, "total": year.profit_amount},
    )
    return ClosedYear(voucher, year.account_count, year.profit_amount)
