"""Confirm an entry journal: each of its lines becomes an actual.

Before  the journal is open.
After   there is one actual per line, in the order of the lines, without an entry, a connection
        or an origin; unbilled sales are in the backlog; the journal is confirmed and read-only.
        One set takes the actuals to finance.
Next    mark_ready bills them like any other, if somebody pays; cancel_journal_actuals.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.operations.backlog.open_sales import open_sales
from twofold.operations.entries.reversal import ACTUAL_KEY
from twofold.operations.journals.entry_lines import close_lines, judge_lines
from twofold.operations.journals.states import (
    Made,
    close_journal,
    journal_record,
    lock_open_journal,
)
from twofold.operations.keys import take_keys

SQL: Final = SqlFile(__name__)
FILL_FROM_JOURNAL: Final = SQL.command("fill_from_journal")
WRITE_JOURNAL_ACTUALS: Final = SQL.command("write_journal_actuals")


def confirm_entry_journal(
    transaction: Transaction, *, company: str, journal_id: int, actor: str, at: datetime
) -> Made:
    """Make the actuals of an open journal, or refuse with all that no longer holds of its lines."""
    lock_open_journal(transaction, company=company, journal_id=journal_id, kind="entry")
    line_count = judge_lines(
        transaction,
        FILL_FROM_JOURNAL,
        company=company,
        record=journal_record(company, journal_id),
        journal_id=journal_id,
    )
    first_key = take_keys(transaction, ACTUAL_KEY, how_many=line_count)
    last_key = first_key + line_count - 1
    change_set = open_change_set(
        transaction,
        company=company,
        kind="approval",
        stream=f"journal/{first_key}",
        actor=actor,
        at=at,
    )
    written = transaction.run(
        WRITE_JOURNAL_ACTUALS, company=company, first_key=first_key, set_id=change_set.set_id
    )
    assert written == line_count, f"{company}: {written} actuals of {line_count} lines"
    refresh_statistics(transaction, "operations.actual", rows_added=written)
    open_sales(transaction, company=company, first_key=first_key, last_key=last_key)
    change_set.covers(first_key, last_key)
    close_lines(transaction)
    made = Made(first_key, last_key, change_set.set_id)
    close_journal(
        transaction, company=company, journal_id=journal_id, actor=actor, at=at, made=made
    )
    record_deed(
        transaction,
        company=company,
        act="entry_journal_confirmed",
        by=(actor, at),
        number=str(journal_id),
        detail={"count": line_count},
    )
    return made
