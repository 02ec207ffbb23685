"""What posting a journal does, once its lines are judged (see ``post``).

Works on the working tables ``ledger_line`` and ``judged_ledger_line``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.numbering import draw_numbers, take_journal_keys
from twofold.finance.posting.recording import record_posting
from twofold.kernel.catalogue import CATALOGUE, refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class DraftJournal:
    """A locked draft that is being posted."""

    company: str
    journal_id: int
    number: str
    is_beginning_balance: bool


@dataclass(frozen=True, slots=True)
class _Shared:
    shared_count: int


@dataclass(frozen=True, slots=True)
class _Number:
    number: str


@dataclass(frozen=True, slots=True)
class _BadLine:
    actual_id: int
    code: str
    field: str
    value: str
    voucher: str
    transaction_type: str
    class_: str
    accounting_date: date
    project_number: str
    project_name: str


SQL: Final = SqlFile(__name__)
ADD_ERROR_JOURNAL: Final = SQL.query("add_error_journal", gives=_Number)
COUNT_SHARED_VOUCHERS: Final = SQL.query("count_shared_vouchers", gives=_Shared)
MOVE_BAD_LINES: Final = SQL.command("move_bad_lines")
MARK_BAD_LINES: Final = SQL.command("mark_bad_lines")
MARK_JOURNAL_IN_ERROR: Final = SQL.command("mark_journal_in_error")
ADD_TRANSACTIONS: Final = SQL.command("add_transactions")
KEEP_TOTALS: Final = SQL.command("keep_totals")
CREATE_SHARED_VOUCHER: Final = SQL.command("create_shared_voucher")
FILL_SHARED_VOUCHER: Final = SQL.command("fill_shared_voucher")
ANALYZE_SHARED_VOUCHER: Final = SQL.command("analyze_shared_voucher")
ADD_ENTRIES_OF_LINES: Final = SQL.command("add_entries_of_lines")
ADD_SUMMED_ENTRIES: Final = SQL.command("add_summed_entries")
DROP_SHARED_VOUCHER: Final = SQL.command("drop_shared_voucher")
DELETE_POSTED_LINES: Final = SQL.command("delete_posted_lines")
MARK_JOURNAL_POSTED: Final = SQL.command("mark_journal_posted")
READ_BAD_LINES: Final = SQL.query("read_bad_lines", gives=_BadLine)


def split_bad_lines(
    transaction: Transaction, journal: DraftJournal, *, at: datetime
) -> tuple[str, tuple[Refusal, ...]]:
    """Move the bad lines to a new journal in error; give its number and the reasons."""
    journals = draw_numbers(
        transaction, company=journal.company, reference="integration_journal", count=1
    )
    error_journal_id = take_journal_keys(transaction, count=1)
    error_number = transaction.one(
        ADD_ERROR_JOURNAL,
        company=journal.company,
        error_journal_id=error_journal_id,
        journal_id=journal.journal_id,
        prefix=journals.prefix,
        digits=journals.digits,
        first_number=journals.first_number,
        at=at,
    ).number
    vouchers = draw_numbers(
        transaction,
        company=journal.company,
        reference="integration_journal_voucher",
        count=transaction.one(COUNT_SHARED_VOUCHERS).shared_count,
    )
    transaction.run(
        MOVE_BAD_LINES,
        company=journal.company,
        error_journal_id=error_journal_id,
        prefix=vouchers.prefix,
        digits=vouchers.digits,
        first_number=vouchers.first_number,
    )
    moved = refuse("ERR-J07", f"journal/{journal.number}", field="journal", value=error_number)
    return error_number, (
        moved,
        *_read_refusals(transaction, company=journal.company, number=error_number),
    )


def refuse_journal(transaction: Transaction, journal: DraftJournal) -> tuple[Refusal, ...]:
    """Put the whole journal in error, because none of its lines can be posted."""
    transaction.run(MARK_BAD_LINES, company=journal.company)
    transaction.run(MARK_JOURNAL_IN_ERROR, company=journal.company, journal_id=journal.journal_id)
    return _read_refusals(transaction, company=journal.company, number=journal.number)


def post_good_lines(
    transaction: Transaction,
    journal: DraftJournal,
    *,
    keys: tuple[int, int],
    actor: str,
    at: datetime,
) -> int:
    """Post every good line and close the journal; give the number of ledger entries.

    Before  the bad lines have left the journal; ``keys`` bound the actuals of the good ones.
    """
    change_set = open_change_set(
        transaction,
        company=journal.company,
        kind="journal_posting",
        stream=f"journal/{journal.number}",
        actor=actor,
        at=at,
    )
    change_set.covers(*keys)
    set_id = change_set.set_id
    transaction.run(
        ADD_TRANSACTIONS,
        company=journal.company,
        journal_id=journal.journal_id,
        change_set_id=set_id,
    )
    transaction.run(KEEP_TOTALS, company=journal.company, journal_id=journal.journal_id)
    entry_count = 0
    if not journal.is_beginning_balance:
        entry_count = _add_entries(transaction, company=journal.company)
    transaction.run(DELETE_POSTED_LINES, company=journal.company, journal_id=journal.journal_id)
    transaction.run(
        MARK_JOURNAL_POSTED,
        company=journal.company,
        journal_id=journal.journal_id,
        actor=actor,
        at=at,
        change_set_id=set_id,
    )
    record_posting(
        transaction,
        company=journal.company,
        kind="journal",
        document=journal.number,
        actor=actor,
        at=at,
    )
    return entry_count


def _add_entries(transaction: Transaction, *, company: str) -> int:
    """Add debit and credit of every good line to the ledger; give the number of entries."""
    transaction.run(CREATE_SHARED_VOUCHER)
    shared_count = transaction.run(FILL_SHARED_VOUCHER)
    transaction.run(ANALYZE_SHARED_VOUCHER)
    entry_count = transaction.run(ADD_ENTRIES_OF_LINES, company=company)
    if shared_count:
        entry_count += transaction.run(ADD_SUMMED_ENTRIES, company=company)
    transaction.run(DROP_SHARED_VOUCHER)
    return entry_count


def _read_refusals(transaction: Transaction, *, company: str, number: str) -> tuple[Refusal, ...]:
    lines = transaction.all(READ_BAD_LINES, company=company)
    return tuple(_refusal(line, number) for line in lines)


def _refusal(line: _BadLine, number: str) -> Refusal:
    kind = line.transaction_type.replace("_", " ")
    return refuse(
        line.code,
        f"journal/{number} actual/{line.actual_id}",
        field=line.field,
        value=line.value,
        reason=(
            f"{CATALOGUE[line.code].title}: voucher {line.voucher}, {kind}, {line.class_} of "
            f"{line.accounting_date} on project {line.project_number} {line.project_name}".rstrip()
        ),
    )
