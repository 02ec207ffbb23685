"""What pages and commands may ask about entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
class WaitingFilter:
    """What narrows what waits: a project's number, a class, a part of a name, a last day."""

    project: str | None = None
    cls: str | None = None
    person: str | None = None
    up_to: date | None = None


EVERYTHING: Final = WaitingFilter()


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """An entry that went back, why and by whom; ``state`` is where it is now."""

    rejection_id: int
    entry_id: int
    cls: str
    work_on: date
    person: str | None
    project_number: str
    quantity: Decimal
    description: str | None
    reason: str
    actor: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class _Key:
    entry_id: int


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
FIND_ENTRIES: Final = SQL.query("find_entries", gives=ListedEntry)
LIST_REJECTED: Final = SQL.query("list_rejected", gives=RejectedEntry)
SUM_WAITING: Final = SQL.query("sum_waiting", gives=WaitingProject)
WAITING_KEYS: Final = SQL.query("waiting_keys", gives=_Key)


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


def find_entries(reader: Reader, *, company: str, entry_ids: Sequence[int]) -> list[ListedEntry]:
    """Give the entries with these keys, whatever state they are in."""
    return reader.all(FIND_ENTRIES, company=company, entry_ids=list(entry_ids))


def list_waiting(
    reader: Reader,
    *,
    company: str,
    only: WaitingFilter = EVERYTHING,
    after: int = 0,
    row_count_max: int,
) -> list[WaitingEntry]:
    """Give the next entries that wait for a decision, by their keys, after the last one seen."""
    return reader.all(
        LIST_WAITING, company=company, after=after, row_count_max=row_count_max, **asdict(only)
    )


def waiting_keys(
    reader: Reader, *, company: str, only: WaitingFilter, after: int = 0, limit: int
) -> list[int]:
    """Give the next keys of entries that wait for a decision."""
    found = reader.all(
        WAITING_KEYS, company=company, after=after, row_count_max=limit, **asdict(only)
    )
    return [one.entry_id for one in found]


def sum_waiting(
    reader: Reader, *, company: str, only: WaitingFilter = EVERYTHING
) -> list[WaitingProject]:
    """Sum up what waits for a decision, per project and class."""
    return reader.all(SUM_WAITING, company=company, **asdict(only))


def list_rejected(
    reader: Reader,
    *,
    company: str,
    project: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[RejectedEntry]:
    """Give what went back and why, the latest first, before the last one seen."""
    return reader.all(
        LIST_REJECTED, company=company, project=project, before=before, rows_max=limit
    )
