"""What people see of jobs: a list, one with what it declined, and how many ended unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class ShownJob:
    """A job as its page shows it; times are those of the server."""

    job_id: int
    company: str
    kind: str
    asked: str
    actor: str
    came_from: str
    created_at: datetime
    state: str
    attempt_count: int
    started_at: datetime | None
    done_count: int
    total_count: int | None
    cancelled_by: str | None
    ended_at: datetime | None
    seen_at: datetime | None
    made_count: int
    refusal_count: int
    result: str
    problem: str

    @property
    def percent(self) -> int | None:
        """How much is done, of 100; None while nobody knows how much there is."""
        if not self.total_count:
            return None
        return min(100, self.done_count * 100 // self.total_count)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a person's pages say of their jobs: how many ended unseen, and those under way."""

    ended_count: int
    under_way: list[int]


# Jobs of one person that a page waits for.
UNDER_WAY_MAX: Final = 20

SQL: Final = SqlFile(__name__)
LIST: Final = SQL.query("list", gives=ShownJob)
SHOW: Final = SQL.query("show", gives=ShownJob)
REFUSALS: Final = SQL.query("refusals", gives=Refusal)
OF_PERSON: Final = SQL.query("of_person", gives=Looked)
ENDED: Final = SQL.query("ended", gives=ShownJob)


def list_jobs(
    reader: Reader,
    *,
    actor: str | None,
    state: str | None,
    before_id: int | None,
    limit: int,
    companies: Sequence[str] | None = None,
    kind: str | None = None,
) -> list[ShownJob]:
    """Give jobs, the newest first: of one person or all, of some companies or all, of a kind."""
    return reader.all(
        LIST,
        actor=actor,
        state=state,
        before_id=before_id,
        rows_max=limit,
        companies=None if companies is None else list(companies),
        kind=kind,
    )


def show_job(reader: Reader, *, job_id: int) -> ShownJob | None:
    """Give one job; None where there is none."""
    return reader.first(SHOW, job_id=job_id)


def list_refusals(reader: Reader, job: ShownJob, *, after: int, limit: int) -> list[Refusal]:
    """Give what a job declined, in its order, after so many."""
    return reader.all(REFUSALS, company=job.company, job_id=job.job_id, after=after, rows_max=limit)


def look_at_jobs(reader: Reader, *, actor: str) -> Looked:
    """Count the jobs of a person that ended since they looked, and name those under way."""
    return reader.one(OF_PERSON, actor=actor, jobs_max=UNDER_WAY_MAX)


def list_ended(reader: Reader, *, actor: str, job_ids: Sequence[int]) -> list[ShownJob]:
    """Give those of these jobs of a person that have ended, in the order in which they did."""
    return reader.all(ENDED, actor=actor, job_ids=list(job_ids))
