"""Create drafts automatically: the daily job over the invoice schedules of one company.

Contracts are taken in batches, each in a transaction of its own that creates the drafts and records
the runs together. A batch that fails is taken apart, so that only the contract at fault is recorded
as failed; the others go on. A run that was killed goes on where it ended when it is started again.

Before  schedules were generated, and what is to be billed is marked ready.
After   no row whose run date has come is still to run; the drafts wait for the project manager.
Next    the project manager looks at the drafts and confirms them (``journey.confirm``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import chain, groupby
from typing import Final

from twofold.database.transaction import ConstraintBroken, Reader, Transaction
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refusal, Refused
from twofold.operations.proforma.create import Only, OpenedProforma, ProformaRun, create_proformas
from twofold.operations.schedules.run import (
    DueContract,
    list_due,
    lock_due,
    record_failure,
    record_runs,
    take_job,
)

JOB_RUNS: Final = "ERR-B18"
RUN_FAILED: Final = "ERR-B42"

# Contracts whose drafts are created in one transaction.
BATCH_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What runs did: the drafts, how many rows succeeded and failed, and what was held back."""

    proformas: tuple[OpenedProforma, ...] = ()
    successful_count: int = 0
    failed_count: int = 0
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    system: System
    company: str
    actor: str
    at: datetime
    advance: Callable[[int], None]


def run_schedules(
    system: System,
    *,
    company: str,
    on: date,
    actor: str,
    workers: int = 1,
    expect: Callable[[int], None] = lambda _: None,
    advance: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Run every row that has not run and whose run date is ``on`` or before; missed days first.

    ``expect`` hears once how many contracts are due, ``advance`` of how many more were run.

    Raises  Refused, ERR-B18: a job of the company is running.
    """
    job = _Job(system, company, actor, system.now(), advance)
    with system.operations.session() as session:
        if not take_job(Reader(session), company=company):
            raise Refused(refuse(JOB_RUNS, f"company/{company}"))
        with system.operations.reader() as reader:
            due = list_due(reader, company=company, on=on)
        expect(len(due))
        days = groupby(due, key=lambda contract: contract.run_date)
        return _together(*chain.from_iterable(_run_day(job, list(day), workers) for _, day in days))


def _run_day(job: _Job, due: list[DueContract], workers: int) -> Iterator[Outcome]:
    """Run the batches of one run date; what is not begun is left when one cannot go on."""
    batches = [due[first : first + BATCH_MAX] for first in range(0, len(due), BATCH_MAX)]
    pool = ThreadPoolExecutor(workers)
    try:
        for batch, outcome in zip(
            batches, pool.map(partial(_run_batch, job), batches), strict=True
        ):
            yield outcome
            job.advance(len(batch))
    finally:
        pool.shutdown(cancel_futures=True)


def _run_batch(job: _Job, due: Sequence[DueContract]) -> Outcome:
    """Run contracts in one transaction; if it fails, each in its own."""
    try:
        with job.system.operations.transaction() as transaction:
            return _run(transaction, job, due)
    except (Refused, ConstraintBroken, Fault) as error:
        if len(due) > 1:
            return _together(*(_run_batch(job, (one,)) for one in due))
        return _failed(job, due[0], str(error))


def _run(transaction: Transaction, job: _Job, due: Sequence[DueContract]) -> Outcome:
    run_date = due[0].run_date
    lines = lock_due(
        transaction,
        company=job.company,
        contract_ids=[one.contract_id for one in due],
        run_date=run_date,
    )
    if not lines:
        return Outcome()
    run = create_proformas(
        transaction,
        company=job.company,
        contract_ids=tuple(sorted({line.contract_id for line in lines})),
        cutoff=run_date,
        actor=job.actor,
        at=job.at,
        only=Only(line_cutoffs={line.contract_line_id: line.cutoff for line in lines}),
    )
    recorded = record_runs(
        transaction,
        company=job.company,
        run_date=run_date,
        lines=lines,
        drafts=_drafts(run),
        messages=_messages(due, run.refusals),
        by=(job.actor, job.at),
    )
    return Outcome(run.proformas, recorded.successful_count, recorded.failed_count, run.refusals)


def _drafts(run: ProformaRun) -> dict[int, list[int]]:
    """Give the drafts of each contract."""
    return {
        contract_id: [one.proforma_id for one in drafts]
        for contract_id, drafts in groupby(run.proformas, key=lambda one: one.contract_id)
    }


def _messages(due: Sequence[DueContract], refusals: Sequence[Refusal]) -> dict[int, str]:
    """Give why not everything of a contract could be billed."""
    by_record = {
        record: "\n".join(str(one) for one in of_contract)
        for record, of_contract in groupby(refusals, key=lambda one: one.record)
    }
    named = ((one.contract_id, f"contract/{one.contract_number}") for one in due)
    return {key: by_record[record] for key, record in named if record in by_record}


def _failed(job: _Job, due: DueContract, message: str) -> Outcome:
    with job.system.operations.transaction() as transaction:
        failed_count = record_failure(
            transaction,
            company=job.company,
            run_date=due.run_date,
            contract_id=due.contract_id,
            message=message,
            by=(job.actor, job.at),
        )
    record = f"contract/{due.contract_number}"
    refusal = refuse(
        RUN_FAILED, record, field="run_date", value=due.run_date.isoformat(), reason=message
    )
    return Outcome(failed_count=failed_count, refusals=(refusal,))


def _together(*outcomes: Outcome) -> Outcome:
    return Outcome(
        tuple(chain.from_iterable(one.proformas for one in outcomes)),
        sum(one.successful_count for one in outcomes),
        sum(one.failed_count for one in outcomes),
        tuple(chain.from_iterable(one.refusals for one in outcomes)),
    )
