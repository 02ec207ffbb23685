"""Ask for a job, cancel one, or say that its result was seen.

Before  whoever asks is allowed what the order takes (``orders.permission_for``).
After   the job waits, with the transaction it was asked for in; a worker takes it from the commit
        on. A cancelled one that waited has ended; one that runs ends at its next step.
Codes   ERR-W01 no such job, W02 it has ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.jobs.orders import Order, kind_of, written
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

UNKNOWN: Final = "ERR-W01"
HAS_ENDED: Final = "ERR-W02"


@dataclass(frozen=True, slots=True)
class _Key:
    job_id: int


@dataclass(frozen=True, slots=True)
class _State:
    state: str


SQL: Final = SqlFile(__name__)
ADD: Final = SQL.query("add", gives=_Key)
CANCEL: Final = SQL.query("cancel", gives=_State)
STATE: Final = SQL.query("state", gives=_State)
SEE: Final = SQL.command("see")


def ask_for(
    transaction: Transaction, *, company: str, order: Order, actor: str, came_from: str = "/"
) -> int:
    """Add a job and give its number; company '' is every company.

    ``came_from`` is the page that asked, which the result leads back to.
    """
    return transaction.one(
        ADD,
        company=company,
        kind=kind_of(order),
        asked=written(order),
        actor=actor,
        came_from=came_from,
    ).job_id


def cancel_job(transaction: Transaction, *, job_id: int, actor: str) -> str:
    """End a job that waits, or ask its worker to end it; give its state (ERR-W01, W02)."""
    cancelled = transaction.first(CANCEL, job_id=job_id, actor=actor)
    if cancelled is not None:
        return cancelled.state
    record = f"job/{job_id}"
    found = transaction.first(STATE, job_id=job_id)
    if found is None:
        raise Refused(refuse(UNKNOWN, record))
    raise Refused(refuse(HAS_ENDED, record, field="state", value=found.state))


def note_seen(transaction: Transaction, *, job_id: int, actor: str) -> None:
    """Say that the person who asked has seen how the job ended."""
    transaction.run(SEE, job_id=job_id, actor=actor)
