"""Second half of import for costs and unbilled sales: judged rows become journal lines.

Lines are grouped into journals by the period unit and split at the limit of lines per journal,
continuing an open draft where there is one. Vouchers are drawn per line, or per journal and date,
or per journal, as the parameters say.

Before  ``judged_lines.judge`` has filled the working table ``judged_import``, and
        ``line_dimensions`` the working table ``import_dimension``.
After   every row judged good is one journal line; row order is transaction date, then key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.numbering import draw_numbers, take_journal_keys


@dataclass(frozen=True, slots=True)
class FilledJournal:
    """A journal that an import made or continued, and how many lines it added."""

    journal_id: int
    number: str
    line_count: int


@dataclass(frozen=True, slots=True)
class _Needed:
    new_count: int


SQL: Final = SqlFile(__name__)
CREATE_IMPORT_PERIOD: Final = SQL.command("create_import_period")
FILL_IMPORT_PERIOD: Final = SQL.command("fill_import_period")
CREATE_IMPORT_JOURNAL: Final = SQL.command("create_import_journal")
FILL_IMPORT_JOURNAL: Final = SQL.command("fill_import_journal")
COUNT_NEW_JOURNALS: Final = SQL.query("count_new_journals", gives=_Needed)
ADD_JOURNALS: Final = SQL.command("add_journals")
CREATE_IMPORT_VOUCHER: Final = SQL.command("create_import_voucher")
FILL_IMPORT_VOUCHER: Final = SQL.command("fill_import_voucher")
COUNT_NEW_VOUCHERS: Final = SQL.query("count_new_vouchers", gives=_Needed)
ADD_LINES: Final = SQL.command("add_lines")
READ_JOURNALS: Final = SQL.query("read_journals", gives=FilledJournal)
DROP_IMPORT_JOURNAL: Final = SQL.command("drop_import_journal")


def make_journal_lines(
    transaction: Transaction, *, company: str, at: datetime
) -> tuple[FilledJournal, ...]:
    """Turn every good row of ``judged_import`` into a journal line."""
    transaction.run(CREATE_IMPORT_PERIOD)
    transaction.run(FILL_IMPORT_PERIOD, company=company)
    _make_journals(transaction, company=company, at=at)
    transaction.run(CREATE_IMPORT_VOUCHER)
    transaction.run(FILL_IMPORT_VOUCHER, company=company)
    voucher_count = transaction.one(COUNT_NEW_VOUCHERS, company=company).new_count
    vouchers = draw_numbers(
        transaction, company=company, reference="integration_journal_voucher", count=voucher_count
    )
    transaction.run(
        ADD_LINES,
        company=company,
        prefix=vouchers.prefix,
        digits=vouchers.digits,
        first_number=vouchers.first_number,
    )
    journals = transaction.all(READ_JOURNALS, company=company)
    transaction.run(DROP_IMPORT_JOURNAL)
    return tuple(journals)


def _make_journals(transaction: Transaction, *, company: str, at: datetime) -> None:
    transaction.run(CREATE_IMPORT_JOURNAL)
    transaction.run(FILL_IMPORT_JOURNAL, company=company)
    journal_count = transaction.one(COUNT_NEW_JOURNALS).new_count
    numbers = draw_numbers(
        transaction, company=company, reference="integration_journal", count=journal_count
    )
    transaction.run(
        ADD_JOURNALS,
        company=company,
        at=at,
        first_key=take_journal_keys(transaction, count=journal_count),
        prefix=numbers.prefix,
        digits=numbers.digits,
        first_number=numbers.first_number,
    )
