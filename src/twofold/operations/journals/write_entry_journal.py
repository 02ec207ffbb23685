"""Write an entry journal: lines of cost and of unbilled sales that no entry stands behind.

Before  nothing.
After   the journal is open and has its lines, each of which may become an actual; or it is
        refused with all that is wrong with them. There are no actuals yet.
Next    confirm_entry_journal.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from twofold.database.copy import copy_rows
from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.journals.entry_lines import close_lines, judge_lines
from twofold.operations.journals.journal_line import NewJournalLine
from twofold.operations.keys import take_keys

JOURNAL_KEY: Final = "operations.journal_key"
NO_LINES: Final = "ERR-B57"


_COLUMNS: Final = (
    "line_number",
    "transaction_type",
    "class",
    "transaction_date",
    "project",
    "quantity",
    "task",
    "person",
    "role",
    "category",
    "unit",
    "price",
    "currency",
    "customer",
    "description",
)

SQL: Final = SqlFile(__name__)
CREATE_FILE_LINE: Final = SQL.command("create_file_line")
ANALYZE_FILE_LINE: Final = SQL.command("analyze_file_line")
DROP_FILE_LINE: Final = SQL.command("drop_file_line")
FILL_FROM_FILE: Final = SQL.command("fill_from_file")
WRITE_HEADER: Final = SQL.command("write_header")
WRITE_LINES: Final = SQL.command("write_lines")


def write_entry_journal(
    transaction: Transaction,
    *,
    company: str,
    lines: Sequence[NewJournalLine],
    description: str,
    actor: str,
    at: datetime,
) -> int:
    """Write the journal and give its key (ERR-B02, B15, B55, B56, B57, E16 to E30)."""
    record = f"entry journal {company}/new"
    if not lines:
        raise Refused(refuse(NO_LINES, record))
    _load(transaction, lines)
    judge_lines(transaction, FILL_FROM_FILE, company=company, record=record)
    transaction.run(DROP_FILE_LINE)
    journal_id = take_keys(transaction, JOURNAL_KEY, how_many=1)
    transaction.run(
        WRITE_HEADER,
        company=company,
        journal_id=journal_id,
        description=description or "Entry journal",
        actor=actor,
        at=at,
    )
    transaction.run(WRITE_LINES, company=company, journal_id=journal_id)
    close_lines(transaction)
    record_deed(
        transaction,
        company=company,
        act="entry_journal_written",
        by=(actor, at),
        number=str(journal_id),
        detail={"count": len(lines), "reason": description},
    )
    return journal_id


def _load(transaction: Transaction, lines: Sequence[NewJournalLine]) -> None:
    """Copy the lines into a working table, numbered from 1."""
    transaction.run(CREATE_FILE_LINE)
    copy_rows(
        transaction,
        "pg_temp.file_line",
        _COLUMNS,
        (
            (
                number,
                line.transaction_type,
                line.cls,
                line.work_on,
                line.project,
                line.quantity,
                line.task,
                line.person,
                line.role,
                line.category,
                line.unit,
                line.price,
                line.currency,
                line.customer,
                line.description,
            )
            for number, line in enumerate(lines, 1)
        ),
    )
    transaction.run(ANALYZE_FILE_LINE)
