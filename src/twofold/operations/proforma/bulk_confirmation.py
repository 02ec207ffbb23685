"""The bulk status of proformas: scheduled, in process, then complete or failed with the reasons.

Each step is committed on its own, so that everyone sees how far a run is, and so that a run that
was broken off leaves behind what it had not done. Complete is said by the confirmation itself, in
its own transaction (``proforma.confirm``): no crash can come between the two.

Before  proformas are drafts or in review.
After   each is confirmed and complete, or as it was and failed.
Next    what failed is put right, and scheduled again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The proformas that will be confirmed, in key order, and why others will not."""

    proforma_ids: tuple[int, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Lock:
    is_taken: bool


@dataclass(frozen=True, slots=True)
class _NotOpen:
    proforma_id: int
    number: str | None
    state: str | None


@dataclass(frozen=True, slots=True)
class _Key:
    proforma_id: int


SQL: Final = SqlFile(__name__)
TAKE_JOB: Final = SQL.query("take_job", gives=_Lock)
NOT_OPEN: Final = SQL.query("not_open", gives=_NotOpen)
SCHEDULE: Final = SQL.query("schedule", gives=_Key)
BEGIN: Final = SQL.command("begin")
RECORD_FAILURE: Final = SQL.command("record_failure")

UNKNOWN: Final = "ERR-B22"
ALREADY_CONFIRMED: Final = "ERR-B10"


def take_job(session: Reader, *, company: str) -> bool:
    """Take the company's run for the rest of the session; False while another session has it."""
    return session.one(TAKE_JOB, company=company).is_taken


def schedule(
    transaction: Transaction,
    *,
    company: str,
    proforma_ids: Sequence[int],
    actor: str,
    at: datetime,
) -> Scheduled:
    """Schedule proformas that can still be confirmed; ERR-B10 and ERR-B22 name the others."""
    asked: dict[str, object] = {"company": company, "proforma_ids": sorted(set(proforma_ids))}
    scheduled = transaction.all(SCHEDULE, actor=actor, at=at, **asked)
    if scheduled:
        record_deed(
            transaction,
            company=company,
            act="proforma_scheduled",
            by=(actor, at),
            detail=those([one.proforma_id for one in scheduled]),
        )
    refusals = [
        refuse(UNKNOWN, f"proforma/{one.proforma_id}")
        if one.number is None
        else refuse(
            ALREADY_CONFIRMED, f"proforma/{one.number}", field="state", value=str(one.state)
        )
        for one in transaction.all(NOT_OPEN, **asked)
    ]
    return Scheduled(tuple(sorted(one.proforma_id for one in scheduled)), tuple(refusals))


def begin(transaction: Transaction, *, company: str, proforma_ids: Sequence[int]) -> None:
    """Say that the scheduled ones of these are in process from now on."""
    transaction.run(BEGIN, company=company, proforma_ids=list(proforma_ids))


def record_failure(
    transaction: Transaction, *, company: str, proforma_id: int, reasons: Sequence[str]
) -> None:
    """Keep why one in process could not be confirmed; one that is complete stays complete."""
    transaction.run(RECORD_FAILURE, company=company, proforma_id=proforma_id, reasons=list(reasons))
