"""What a day's run of the invoice schedules takes, and what became of it.

Runs are taken one run date after the other, missed ones first, so that a late run makes what the
runs in time would have made. Around the creation of the drafts this module says what is due and
records the outcome, all in one transaction: there is no draft without its record, nor a record
without its draft.

Before  schedules were generated.
After   each row that was taken is successful, with the drafts of its contract's run or none, or
        failed with the reason; ready items that a failed row could not bill are still ready.
Next    confirm.py, by the project manager.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction


@dataclass(frozen=True, slots=True)
class DueContract:
    """A contract with rows to run on ``run_date``."""

    run_date: date
    contract_id: int
    contract_number: str


@dataclass(frozen=True, slots=True)
class DueLine:
    """A contract line to run, locked; it takes what is dated up to ``cutoff``, included."""

    contract_id: int
    contract_line_id: int
    cutoff: date


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many rows ran, and how many of them failed."""

    successful_count: int
    failed_count: int


@dataclass(frozen=True, slots=True)
class _Lock:
    is_taken: bool


@dataclass(frozen=True, slots=True)
class _Contract:
    contract_id: int


SQL: Final = SqlFile(__name__)
TAKE_JOB: Final = SQL.query("take_job", gives=_Lock)
LIST_DUE: Final = SQL.query("list_due", gives=DueContract)
LOCK_CONTRACTS: Final = SQL.query("lock_contracts", gives=_Contract)
LOCK_DUE: Final = SQL.query("lock_due", gives=DueLine)
RECORD: Final = SQL.query("record", gives=Recorded)
RECORD_FAILURE: Final = SQL.command("record_failure")


def take_job(session: Reader, *, company: str) -> bool:
    """Take the company's job for the rest of the session; False while another session has it."""
    return session.one(TAKE_JOB, company=company).is_taken


def list_due(reader: Reader, *, company: str, on: date) -> list[DueContract]:
    """Contracts with rows that have not run and whose run date has come, in order of the dates."""
    return reader.all(LIST_DUE, company=company, today=on)


def lock_due(
    transaction: Transaction, *, company: str, contract_ids: list[int], run_date: date
) -> list[DueLine]:
    """Lock the rows of these contracts that are still to run; the contracts first, in key order."""
    asked = {"company": company, "contract_ids": contract_ids}
    transaction.all(LOCK_CONTRACTS, **asked)
    return transaction.all(LOCK_DUE, run_date=run_date, **asked)


def record_runs(
    transaction: Transaction,
    *,
    company: str,
    run_date: date,
    lines: list[DueLine],
    drafts: Mapping[int, list[int]],
    messages: Mapping[int, str],
    by: tuple[str, datetime],
) -> Recorded:
    """Record what became of these lines: a row fails where items it should have billed are ready.

    ``drafts`` and ``messages`` are by contract: what was opened, why not all could be billed.
    """
    contracts = sorted({line.contract_id for line in lines})
    opened = [drafts.get(key, []) for key in contracts]
    recorded = transaction.one(
        RECORD,
        company=company,
        run_date=run_date,
        contract_ids=contracts,
        first_proforma_ids=[min(keys, default=None) for keys in opened],
        last_proforma_ids=[max(keys, default=None) for keys in opened],
        messages=[messages.get(key) for key in contracts],
        line_ids=[line.contract_line_id for line in lines],
        at=by[1],
    )
    record_deed(
        transaction,
        company=company,
        act="schedule_run",
        by=by,
        detail={
            "day": run_date,
            "count": recorded.successful_count,
            "refused": recorded.failed_count,
        },
    )
    return recorded


def record_failure(
    transaction: Transaction,
    *,
    company: str,
    run_date: date,
    contract_id: int,
    message: str,
    by: tuple[str, datetime],
) -> int:
    """Record that the run of one contract failed as a whole; gives how many rows that is."""
    failed_count = transaction.run(
        RECORD_FAILURE,
        company=company,
        run_date=run_date,
        contract_id=contract_id,
        message=message,
        at=by[1],
    )
    record_deed(
        transaction,
        company=company,
        act="schedule_run",
        by=by,
        detail={"day": run_date, "count": 0, "refused": failed_count, "reason": message},
    )
    return failed_count
