"""What people see of change sets: those on their way, and the life of one set in both books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class PendingSet:
    """A set that the other book does not have yet, and why."""

    company: str
    set_id: int
    kind: str
    stream: str
    version: int
    state: str
    attempts: int
    next_attempt_at: datetime | None
    code: str | None
    problem: str | None
    actor: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SentSet:
    """A set as its book sent it. ``state`` is the pending one, or ``acknowledged``."""

    set_id: int
    kind: str
    stream: str
    actor: str
    created_at: datetime
    row_count: int
    state: str
    code: str | None
    problem: str | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceivedSet:
    """A set as the other book applied it."""

    set_id: int
    row_count: int
    applied_at: datetime


SQL: Final = SqlFile(__name__)
PENDING_SETS: Final = SQL.query("pending_sets", gives=PendingSet)
SENT_SETS: Final = SQL.query("sent_sets", gives=SentSet)
RECEIVED_SETS: Final = SQL.query("received_sets", gives=ReceivedSet)


def pending_sets(reader: Reader, *, company: str | None) -> list[PendingSet]:
    """Give the sets of this book that are not delivered, oldest first."""
    return reader.all(PENDING_SETS, company=company)


def sent_sets(reader: Reader, *, company: str, set_ids: Sequence[int]) -> list[SentSet]:
    """Give sets of this book by their ids."""
    return reader.all(SENT_SETS, company=company, set_ids=list(set_ids))


def received_sets(
    reader: Reader, *, company: str, source: str, set_ids: Sequence[int]
) -> list[ReceivedSet]:
    """Give the sets of the other book that this one has applied."""
    return reader.all(RECEIVED_SETS, company=company, source=source, set_ids=list(set_ids))
