"""The steps of a run that posts many journals, and what it tells others meanwhile.

A run lists its journals first. A worker takes the next one that waits: that makes the journal
Processing, for everyone to see, in a transaction of its own. Then it posts the journal and notes
the outcome in one transaction, or gives it back. A worker that dies leaves its journal Processing,
with nothing posted: ``update_to_draft`` brings it back.

Before  ``start_run`` has listed drafts; of those named by number also what is no draft.
After   each journal of the run is done, refused with a code, or still with its worker.
Next    ``post`` for each journal taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction


@dataclass(frozen=True, slots=True)
class StartedRun:
    """A run, and how many journals it lists."""

    posting_run_id: int
    journal_count: int


@dataclass(frozen=True, slots=True)
class TakenJournal:
    """A journal for the worker. ``is_taken``: False when it was no draft any more."""

    journal_id: int
    is_taken: bool


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is. ``last_at`` is when a journal of it last moved."""

    posting_run_id: int
    started_by: str
    started_at: datetime
    worker_count: int
    journal_count: int
    waiting_count: int
    processing_count: int
    done_count: int
    refused_count: int
    posted_line_count: int
    refused_line_count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class _Key:
    posting_run_id: int


SQL: Final = SqlFile(__name__)
ADD_RUN: Final = SQL.query("add_run", gives=_Key)
LIST_JOURNALS: Final = SQL.command("list_journals")
TAKE_JOURNAL: Final = SQL.query("take_journal", gives=TakenJournal)
NOTE_DONE: Final = SQL.command("note_done")
GIVE_BACK: Final = SQL.command("give_back")
NOTE_REFUSED: Final = SQL.command("note_refused")
READ_PROGRESS: Final = SQL.query("read_progress", gives=RunProgress)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which journals a run posts: these (whatever their state), or every draft that fits."""

    journal_ids: tuple[int, ...] | None = None
    period_start: date | None = None
    original_number: str | None = None


def start_run(
    transaction: Transaction,
    *,
    company: str,
    chosen: Chosen,
    worker_count: int,
    actor: str,
    at: datetime,
) -> StartedRun:
    """Open a run and list its journals, in the order of their keys."""
    run = transaction.one(ADD_RUN, company=company, actor=actor, at=at, worker_count=worker_count)
    count = transaction.run(
        LIST_JOURNALS,
        company=company,
        posting_run_id=run.posting_run_id,
        journal_ids=None if chosen.journal_ids is None else list(chosen.journal_ids),
        period_start=chosen.period_start,
        original_number=chosen.original_number,
    )
    record_deed(
        transaction,
        company=company,
        act="posting_run_started",
        by=(actor, at),
        number=str(run.posting_run_id),
        detail={"count": count},
    )
    return StartedRun(run.posting_run_id, count)


def take_journal(
    transaction: Transaction, *, company: str, posting_run_id: int, at: datetime
) -> TakenJournal | None:
    """Take the next journal that waits in the run: it is Processing from the commit on.

    One that is no draft any more is refused at once. None: no journal waits.
    """
    return transaction.first(TAKE_JOURNAL, company=company, posting_run_id=posting_run_id, at=at)


def note_done(
    transaction: Transaction,
    *,
    company: str,
    posting_run_id: int,
    journal_id: int,
    counts: tuple[int, int],
    at: datetime,
) -> None:
    """Note lines posted and refused, in the transaction that posted the journal."""
    posted_count, refused_count = counts
    transaction.run(
        NOTE_DONE,
        company=company,
        posting_run_id=posting_run_id,
        journal_id=journal_id,
        posted_count=posted_count,
        refused_count=refused_count,
        at=at,
    )


def give_back(
    transaction: Transaction,
    *,
    company: str,
    posting_run_id: int,
    journal_id: int,
    code: str,
    at: datetime,
) -> None:
    """Make a journal draft again that this run holds and did not post; note why."""
    given = {"company": company, "posting_run_id": posting_run_id, "journal_id": journal_id}
    transaction.run(GIVE_BACK, **given)
    transaction.run(NOTE_REFUSED, **given, code=code, at=at)


def list_runs(reader: Reader, *, company: str, limit: int = 20) -> tuple[RunProgress, ...]:
    """Give the runs of a company, newest first."""
    return tuple(reader.all(READ_PROGRESS, company=company, rows_max=limit))
