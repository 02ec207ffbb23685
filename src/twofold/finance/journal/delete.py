"""Take lines of an unposted journal back to staging, so that the next import makes them anew.

For lines that were imported with the wrong setup: correct the setup, delete, import again. The
staged rows are never touched; that they are open again is written in the same transaction, so
that however often it is repeated no line is lost or made twice.

A line whose reversal stands in the finance book keeps its facts until that one is taken back too:
made anew, the two might no longer cancel each other.

Before  the journal is draft or in error.
After   the lines are gone, their actuals reopened; a journal without lines left is deleted, and
        its number stays in the list.
Next    ``staging.import_from_staging`` makes the lines again, on a draft journal of their period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.journal.unposted import UnpostedJournal, lock_unposted
from twofold.finance.staging.import_lock import lock_import
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class DeletedLines:
    """How many lines went back to staging. ``state``: as before, or deleted."""

    journal_id: int
    number: str
    deleted_count: int
    left_count: int
    state: str


@dataclass(frozen=True, slots=True)
class _Unknown:
    actual_id: int


@dataclass(frozen=True, slots=True)
class _Reversed:
    actual_id: int
    reversal_id: int


@dataclass(frozen=True, slots=True)
class _Left:
    left_count: int


SQL: Final = SqlFile(__name__)
FIND_UNKNOWN: Final = SQL.query("find_unknown", gives=_Unknown)
FIND_REVERSED: Final = SQL.query("find_reversed", gives=_Reversed)
DELETE_LINES: Final = SQL.command("delete_lines")
COUNT_LEFT: Final = SQL.query("count_left", gives=_Left)
MARK_DELETED: Final = SQL.command("mark_deleted")


def delete_lines(
    transaction: Transaction,
    *,
    company: str,
    journal_id: int,
    actual_ids: tuple[int, ...] | None,
    actor: str,
    at: datetime,
) -> DeletedLines:
    """Delete these lines of a journal; None: all of them, and the journal.

    Refused: ERR-J09 when the journal is unknown, posted or being posted; ERR-J20 for a line it
    does not have, ERR-J21 for one whose reversal stays; ERR-I09 while an import runs.
    """
    lock_import(transaction, company=company, actor=actor)
    journal = lock_unposted(
        transaction, company=company, journal_id=journal_id, states=("draft", "error")
    )
    chosen = None if actual_ids is None else list(actual_ids)
    refusals = _judge(transaction, journal, company=company, journal_id=journal_id, chosen=chosen)
    if refusals:
        raise Refused(*refusals)
    deleted_count = transaction.run(
        DELETE_LINES,
        company=company,
        journal_id=journal_id,
        actual_ids=chosen,
        actor=actor,
        at=at,
    )
    left_count = transaction.one(COUNT_LEFT, company=company, journal_id=journal_id).left_count
    if not left_count:
        transaction.run(MARK_DELETED, company=company, journal_id=journal_id)
    record_deed(
        transaction,
        company=company,
        act="journal_lines_deleted",
        by=(actor, at),
        number=journal.number,
        detail={**those(chosen or ()), "count": deleted_count},
    )
    return DeletedLines(
        journal_id=journal_id,
        number=journal.number,
        deleted_count=deleted_count,
        left_count=left_count,
        state=journal.state if left_count else "deleted",
    )


def _judge(
    transaction: Transaction,
    journal: UnpostedJournal,
    *,
    company: str,
    journal_id: int,
    chosen: list[int] | None,
) -> list[Refusal]:
    record = f"journal/{journal.number}"
    unknown = transaction.all(
        FIND_UNKNOWN, company=company, journal_id=journal_id, actual_ids=chosen
    )
    is_reversed = transaction.all(
        FIND_REVERSED, company=company, journal_id=journal_id, actual_ids=chosen
    )
    return [
        *(
            refuse("ERR-J20", f"{record} actual/{one.actual_id}", field="actual_id")
            for one in unknown
        ),
        *(
            refuse(
                "ERR-J21",
                f"{record} actual/{one.actual_id}",
                field="reversed_by",
                value=str(one.reversal_id),
            )
            for one in is_reversed
        ),
    ]
