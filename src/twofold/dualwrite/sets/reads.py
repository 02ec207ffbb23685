"""What people see of change sets: those on their way, and the life of one set in both books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    """A set as its book sent it. ``state`` is the pending one, dismissed or acknowledged."""

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


@dataclass(frozen=True, slots=True)
class Lag:
    """How late a map is in a company: what is on its way, and how long the last sets took.

    ``p50`` and ``p95`` run from the sender's business transaction to the receiver's commit, each
    by the clock of its own book; None where nothing has arrived yet. ``failing_count`` are those on
    their way with an error; ``day_rows`` arrived within 24 hours, of the last sets.
    """

    company: str
    map: str
    pending_count: int
    failing_count: int
    oldest: datetime | None
    age: timedelta | None
    arrived_count: int
    day_rows: int
    p50: timedelta | None
    p95: timedelta | None


@dataclass(frozen=True, slots=True)
class HeldUp:
    """How many sets of a company a reason holds up, and since when the oldest is on its way."""

    company: str
    reason: str
    code: str | None
    set_count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the last day: sets of this book that arrived, and attempts that failed."""

    hour: datetime
    set_count: int
    error_count: int


SQL: Final = SqlFile(__name__)
PENDING_SETS: Final = SQL.query("pending_sets", gives=PendingSet)
SENT_SETS: Final = SQL.query("sent_sets", gives=SentSet)
RECEIVED_SETS: Final = SQL.query("received_sets", gives=ReceivedSet)
LAG: Final = SQL.query("lag", gives=Lag)
HELD: Final = SQL.query("held", gives=HeldUp)

FLOW: Final = SQL.query("flow", gives=Hour)

SETS_MEASURED_MAX: Final = 1000
# What a chart counts at most, per company.
SETS_CHARTED_MAX: Final = 20_000


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


def lag(reader: Reader, *, company: str | None, sets_max: int = SETS_MEASURED_MAX) -> list[Lag]:
    """Give the lag of each map and company of this book, over the last ``sets_max`` arrivals."""
    return reader.all(LAG, company=company, sets_max=sets_max)


def held_up(reader: Reader, *, company: str | None) -> list[HeldUp]:
    """Give the queue of this book by what holds it up; ``due`` is held up by nothing."""
    return reader.all(HELD, company=company)


def flow(reader: Reader, *, company: str | None) -> list[Hour]:
    """Give the last 24 hours of this book, the present one last."""
    return reader.all(FLOW, company=company, sets_max=SETS_CHARTED_MAX)
