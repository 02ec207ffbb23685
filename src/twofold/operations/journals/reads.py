"""Journals as people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.operations.journals.states import Kind


@dataclass(frozen=True, slots=True)
class ListedJournal:
    """One journal: what it is about, and what became of it."""

    company: str
    journal_id: int
    description: str
    state: str
    row_count: int
    created_by: str
    created_at: datetime
    closed_by: str | None
    set_id: int | None


@dataclass(frozen=True, slots=True)
class ShownJournal:
    """A journal's head; of a correction also what was right, None where a value stays."""

    journal_id: int
    kind: str
    description: str
    state: str
    project_number: str | None
    task: str | None
    work_on: date | None
    person: str | None
    role: str | None
    category: str | None
    created_by: str
    created_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    row_count: int


@dataclass(frozen=True, slots=True)
class CorrectedEntry:
    """An entry that a correction is about, as it is now."""

    entry_id: int
    cls: str
    work_on: date
    person: str | None
    project_number: str
    quantity: Decimal
    description: str | None


@dataclass(frozen=True, slots=True)
class ShownJournalLine:
    """A line of an entry journal, and the actual it became; ``is_cancelled``: taken back since."""

    line_number: int
    transaction_type: str
    cls: str
    work_on: date
    project_number: str
    person: str | None
    role_or_category: str | None
    quantity: Decimal
    unit: str
    price: Decimal | None
    currency: str | None
    customer_account: str | None
    description: str | None
    actual_id: int | None
    is_cancelled: bool


SQL: Final = SqlFile(__name__)
LIST_JOURNALS: Final = SQL.query("list_journals", gives=ListedJournal)
SHOW_JOURNAL: Final = SQL.query("show_journal", gives=ShownJournal)
LIST_CORRECTED: Final = SQL.query("list_corrected", gives=CorrectedEntry)
LIST_LINES: Final = SQL.query("list_lines", gives=ShownJournalLine)


def list_journals(
    reader: Reader, *, company: str, kind: Kind, before: int | None = None, row_count_max: int
) -> list[ListedJournal]:
    """Give the newest journals of a kind; ``row_count`` counts actuals in process, or lines."""
    return reader.all(
        LIST_JOURNALS, company=company, kind=kind, before=before, row_count_max=row_count_max
    )


def show_journal(
    reader: Reader, *, company: str, kind: Kind, journal_id: int
) -> ShownJournal | None:
    """Give the journal of a kind with this key, or None."""
    return reader.first(SHOW_JOURNAL, company=company, kind=kind, journal_id=journal_id)


def list_corrected(
    reader: Reader, *, company: str, journal_id: int, after: int, limit: int
) -> list[CorrectedEntry]:
    """Give the next entries of a correction, by their keys."""
    return reader.all(
        LIST_CORRECTED, company=company, journal_id=journal_id, after=after, rows_max=limit
    )


def list_lines(
    reader: Reader, *, company: str, journal_id: int, after: int, limit: int
) -> list[ShownJournalLine]:
    """Give the next lines of an entry journal, by their numbers."""
    return reader.all(
        LIST_LINES, company=company, journal_id=journal_id, after=after, rows_max=limit
    )
