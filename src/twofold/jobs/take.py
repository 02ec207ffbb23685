"""A worker's hold on a job: take the next one, stay alive, end it or put it back.

A job is held by a lease with a token, by the clock of the server. A worker that dies lets the
lease run out, and the job is taken again; whoever holds another token can change nothing.

Before  jobs wait, or were left by a worker.
After   at most one worker has a job, and at most one job of a kind runs in a company.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from uuid import UUID

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.jobs.orders import Order, read
from twofold.kernel.errors import Refusal

Ending = Literal["done", "refused", "failed", "cancelled"]

LEASE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Taken:
    job_id: int
    company: str
    asked: str
    actor: str
    attempt_count: int
    token: UUID
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class Alive:
    """What a worker hears when it says how far it is."""

    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A job in the hands of a worker. ``attempt``: 1 for the first time it was taken."""

    job_id: int
    company: str
    order: Order
    actor: str
    attempt: int
    token: UUID
    is_cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a job ended. ``result`` names what it made, where that has a name."""

    state: Ending
    done_count: int = 0
    made_count: int = 0
    result: str = ""
    problem: str = ""
    refusals: Sequence[Refusal] = ()


SQL: Final = SqlFile(__name__)
TAKE: Final = SQL.query("take", gives=_Taken)
TELL: Final = SQL.query("tell", gives=Alive)
END: Final = SQL.command("end")
KEEP_REFUSALS: Final = SQL.command("keep_refusals")
PUT_BACK: Final = SQL.command("put_back")


def take_job(transaction: Transaction) -> Job | None:
    """Take the job that is due for longest, or that a dead worker left; None: there is none.

    Raises  ConstraintBroken: another worker began one of its kind in the same moment.
    """
    taken = transaction.first(TAKE, lease=LEASE)
    if taken is None:
        return None
    return Job(
        taken.job_id,
        taken.company,
        read(taken.asked),
        taken.actor,
        taken.attempt_count,
        taken.token,
        taken.is_cancelled,
    )


def tell_progress(
    transaction: Transaction, job: Job, *, done: int, total: int | None
) -> Alive | None:
    """Say how far a job is, and hold it for longer; None: it is another worker's by now."""
    return transaction.first(
        TELL, job_id=job.job_id, token=job.token, done=done, total=total, lease=LEASE
    )


def end_job(transaction: Transaction, job: Job, ended: Ended) -> bool:
    """End a job with its result; False, and nothing is kept, where it is another worker's."""
    is_ours = transaction.run(
        END,
        job_id=job.job_id,
        token=job.token,
        state=ended.state,
        done=ended.done_count,
        made=ended.made_count,
        refused=len(ended.refusals),
        result=ended.result,
        problem=ended.problem,
    )
    if is_ours and ended.refusals:
        transaction.run(
            KEEP_REFUSALS,
            company=job.company,
            job_id=job.job_id,
            codes=[one.code for one in ended.refusals],
            records=[one.record for one in ended.refusals],
            fields=[one.field for one in ended.refusals],
            values=[one.value for one in ended.refusals],
            reasons=[one.reason for one in ended.refusals],
            remedies=[one.remedy for one in ended.refusals],
        )
    return bool(is_ours)


def put_back(transaction: Transaction, job: Job, *, wait: timedelta, is_counted: bool) -> None:
    """Let a job wait again; the attempt counts unless it was our own worker that had to go."""
    transaction.run(
        PUT_BACK, job_id=job.job_id, token=job.token, wait=wait, uncounted=0 if is_counted else 1
    )
