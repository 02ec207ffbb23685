"""Which staged rows an import takes: those of new change sets, and those that wait.

Sets are found by the links of their chain after the last one looked at, never by reading all
that ever arrived. Rows wait where an earlier import held them, or where their journal line was
deleted. The import for one proposal takes the unbilled sales it needs and no others; those of a
set not yet imported are noted, so that the import of the set leaves them out.

After   the working table ``import_line`` has every row taken, and they wait nowhere else.
Next    ``judged_lines`` completes and judges them, and holds again what lacks something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class _Link:
    chain_number: int


SQL: Final = SqlFile(__name__)
CREATE_TAKEN_SET: Final = SQL.command("create_taken_set")
FIND_LAST_LINK: Final = SQL.query("find_last_link", gives=_Link)
FILL_TAKEN_SET: Final = SQL.command("fill_taken_set")
NOTE_PROGRESS: Final = SQL.command("note_progress")
AWAIT_SETS: Final = SQL.command("await_sets")
STOP_AWAITING: Final = SQL.command("stop_awaiting")
LEAVE_AWAITED: Final = SQL.command("leave_awaited")
ANALYZE_TAKEN_SET: Final = SQL.command("analyze_taken_set")
MARK_SETS_IMPORTED: Final = SQL.command("mark_sets_imported")
CREATE_IMPORT_LINE: Final = SQL.command("create_import_line")
TAKE_ARRIVED: Final = SQL.command("take_arrived")
LEAVE_TAKEN_AHEAD: Final = SQL.command("leave_taken_ahead")
CREATE_WAITING_ROW: Final = SQL.command("create_waiting_row")
FILL_WAITING_ROW: Final = SQL.command("fill_waiting_row")
CREATE_WANTED_SALE: Final = SQL.command("create_wanted_sale")
FILL_WANTED_SALE: Final = SQL.command("fill_wanted_sale")
ANALYZE_WANTED_SALE: Final = SQL.command("analyze_wanted_sale")
FILL_WANTED_ROW: Final = SQL.command("fill_wanted_row")
ANALYZE_WAITING_ROW: Final = SQL.command("analyze_waiting_row")
TAKE_WAITING: Final = SQL.command("take_waiting")
TAKE_FEES: Final = SQL.command("take_fees")
ANALYZE_IMPORT_LINE: Final = SQL.command("analyze_import_line")
DROP_TAKEN_SET: Final = SQL.command("drop_taken_set")
DROP_WANTED_SALE: Final = SQL.command("drop_wanted_sale")
DROP_WAITING_ROW: Final = SQL.command("drop_waiting_row")


def take_all_rows(transaction: Transaction, *, company: str, at: datetime) -> int:
    """Take the rows of every set that arrived since, and all that wait; give how many."""
    transaction.run(CREATE_IMPORT_LINE)
    arrived_count = _take_sets(transaction, company=company, at=at)
    transaction.run(CREATE_WAITING_ROW)
    transaction.run(FILL_WAITING_ROW, company=company)
    return arrived_count + _take_waiting(transaction, company=company)


def take_rows_of_proposal(transaction: Transaction, *, company: str, proposal_id: int) -> int:
    """Take the unbilled sales that one proposal needs and that stand nowhere; give how many."""
    transaction.run(CREATE_IMPORT_LINE)
    transaction.run(CREATE_WANTED_SALE)
    transaction.run(FILL_WANTED_SALE, company=company, proposal_id=proposal_id)
    transaction.run(ANALYZE_WANTED_SALE)
    transaction.run(CREATE_WAITING_ROW)
    transaction.run(FILL_WANTED_ROW, company=company)
    transaction.run(DROP_WANTED_SALE)
    return _take_waiting(transaction, company=company)


def close_taken_rows(transaction: Transaction) -> None:
    """Drop what still says which rows waited, so that the transaction may import again."""
    transaction.run(DROP_WAITING_ROW)


def _take_sets(transaction: Transaction, *, company: str, at: datetime) -> int:
    last_link = transaction.one(FIND_LAST_LINK, company=company).chain_number
    transaction.run(CREATE_TAKEN_SET)
    transaction.run(FILL_TAKEN_SET, company=company, last_link=last_link)
    transaction.run(NOTE_PROGRESS, company=company, last_link=last_link)
    transaction.run(AWAIT_SETS, company=company)
    transaction.run(STOP_AWAITING, company=company)
    transaction.run(LEAVE_AWAITED)
    transaction.run(ANALYZE_TAKEN_SET)
    transaction.run(MARK_SETS_IMPORTED, company=company, at=at)
    taken_count = transaction.run(TAKE_ARRIVED, company=company)
    left_count = transaction.run(LEAVE_TAKEN_AHEAD, company=company)
    transaction.run(DROP_TAKEN_SET)
    return taken_count - left_count


def _take_waiting(transaction: Transaction, *, company: str) -> int:
    transaction.run(ANALYZE_WAITING_ROW)
    taken_count = transaction.run(TAKE_WAITING, company=company)
    transaction.run(ANALYZE_IMPORT_LINE)
    return taken_count + transaction.run(TAKE_FEES, company=company)
