"""What pages and commands may ask about entries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class EntryCount:
    """How many entries of a class are in a state."""

    company: str
    cls: str
    state: str
    entry_count: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """One entry of the list."""

    entry_id: int
    cls: str
    work_on: date
    person: str | None
    project_number: str
    quantity: Decimal
    state: str
    description: str | None


@dataclass(frozen=True, slots=True)
class WaitingEntry:
    """A submitted entry as its approver sees it."""

    entry_id: int
    cls: str
    work_on: date
    project_number: str
    project_name: str
    person: str | None
    quantity: Decimal
    billable_quantity: Decimal
    billing_type: str
    cost_amount: Decimal | None
    cost_currency: str | None
    sales_amount: Decimal | None
    sales_currency: str | None
    description: str | None
    submitted_by: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingProject:
    """What waits in a project, per class."""

    project_number: str
    project_name: str
    cls: str
    entry_count: int
    quantity: Decimal
    first_on: date
    last_on: date


SQL: Final = SqlFile(__name__)
COUNT_ENTRIES: Final = SQL.query("count_entries", gives=EntryCount)
LIST_ENTRIES: Final = SQL.query("list_entries", gives=ListedEntry)
LIST_WAITING: Final = SQL.query("list_waiting", gives=WaitingEntry)
SUM_WAITING: Final = SQL.query("sum_waiting", gives=WaitingProject)


def count_entries(reader: Reader, *, company: str) -> list[EntryCount]:
    """Count the entries of a company per class and state."""
    return reader.all(COUNT_ENTRIES, company=company)


def list_entries(
    reader: Reader,
    *,
    company: str,
    state: str,
    after: int = 0,
    limit: int,
    project: str | None = None,
) -> list[ListedEntry]:
    """Give the next entries in a state, by their keys; ``after`` is the last key seen.

    ``project`` is a number: only entries of it.
    """
    return reader.all(
        LIST_ENTRIES, company=company, state=state, after=after, project=project, rows_max=limit
    )


def list_waiting(reader: Reader, *, company: str, row_count_max: int) -> list[WaitingEntry]:
    """List what waits for a decision, oldest day first."""
    return reader.all(LIST_WAITING, company=company, row_count_max=row_count_max)


def sum_waiting(reader: Reader, *, company: str) -> list[WaitingProject]:
    """Sum up what waits for a decision, per project and class."""
    return reader.all(SUM_WAITING, company=company)
