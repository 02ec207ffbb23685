"""Confirm proformas live: finance is asked before the commit, and has them right after it.

Some are confirmed together, all or none. Many are confirmed in bulk, each for itself: all are
scheduled first, then batch after batch is said to be in process and confirmed; a batch that is
refused is taken apart, so that only the drafts at fault fail. A run that was broken off leaves
drafts scheduled or in process: asked for again, they are confirmed then.

Before  the proformas are drafts of one company.
After   operations has confirmed them and finance has the headers, actuals and connections; or
        neither book changed and the project manager has finance's reasons. In bulk that is so of
        each, and its bulk status is complete, or failed with the reasons.
Next    finance imports from staging (``finance.staging.import_from_staging``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from twofold.database.transaction import ConstraintBroken, Reader
from twofold.dualwrite.sets.deliver import Delivery, deliver_sets
from twofold.dualwrite.sets.precheck import precheck_sets
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refusal, Refused
from twofold.operations.proforma.bulk_confirmation import begin, record_failure, schedule, take_job
from twofold.operations.proforma.confirm import Confirmed, confirm_proformas

Unreachable = Literal["refuse", "queue"]

JOB_RUNS: Final = "ERR-B62"
BROKEN: Final = "ERR-B63"

# Proformas confirmed in one transaction.
BATCH_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The confirmed proformas, and what delivery did; None when the sets are queued."""

    proformas: tuple[Confirmed, ...]
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class BulkRun:
    """What a run confirmed, batch by batch, and why the others failed."""

    confirmations: tuple[Confirmation, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Job:
    system: System
    company: str
    actor: str
    on: date
    when_unreachable: Unreachable


def confirm_live(
    system: System,
    *,
    company: str,
    proforma_ids: tuple[int, ...],
    actor: str,
    on: date,
    when_unreachable: Unreachable = "refuse",
    in_bulk: bool = False,
) -> Confirmation:
    """Confirm proformas of one company, all or none; ``in_bulk``, as one batch of a run.

    When finance cannot be reached, or a map is paused or halted, the sets may ``queue``.

    Raises  Refused: a rule of operations, or finance's pre-check (ERR-D01, ERR-D02, ERR-D04,
            ERR-D05; ERR-D09 when finance cannot be reached and the policy is to refuse).
    """
    with system.operations.transaction() as transaction:
        confirmed = confirm_proformas(
            transaction,
            company=company,
            proforma_ids=proforma_ids,
            actor=actor,
            at=system.now(),
            on=on,
            in_bulk=in_bulk,
        )
        try:
            precheck_sets(
                transaction,
                sealer=system.sealer,
                target=system.dualwrite_finance,
                may_wait=when_unreachable == "queue",
            )
        except Refused as refused:
            if when_unreachable == "refuse" or refused.codes != ("ERR-D09",):
                raise
        set_ids = [change_set.set_id for change_set in transaction.sets]
    try:
        delivery = deliver_sets(system.forward, company=company, set_ids=set_ids)
    except Fault as fault:
        if not fault.transient:
            raise
        # The commit stands; the sets wait in the outbox and are delivered when finance answers.
        delivery = None
    return Confirmation(confirmed, delivery)


def confirm_in_bulk(
    system: System,
    *,
    company: str,
    proforma_ids: Sequence[int],
    actor: str,
    on: date,
    when_unreachable: Unreachable = "refuse",
    advance: Callable[[int], None] = lambda _: None,
) -> BulkRun:
    """Confirm proformas of one company, however many, each for itself.

    ``advance`` hears of how many more it is known what became of them.

    Raises  Refused, ERR-B62: a run of the company is under way; nothing was scheduled.
    """
    job = _Job(system, company, actor, on, when_unreachable)
    confirmations: list[Confirmation] = []
    with system.operations.session() as session:
        if not take_job(Reader(session), company=company):
            raise Refused(refuse(JOB_RUNS, f"company/{company}"))
        with system.operations.transaction() as transaction:
            scheduled = schedule(
                transaction,
                company=company,
                proforma_ids=proforma_ids,
                actor=actor,
                at=system.now(),
            )
        refusals = list(scheduled.refusals)
        keys = scheduled.proforma_ids
        for first in range(0, len(keys), BATCH_MAX):
            batch = keys[first : first + BATCH_MAX]
            with system.operations.transaction() as transaction:
                begin(transaction, company=company, proforma_ids=batch)
            done, failed = _confirm(job, batch)
            confirmations += done
            refusals += failed
            advance(len(batch))
    return BulkRun(tuple(confirmations), tuple(refusals))


def _confirm(job: _Job, keys: tuple[int, ...]) -> tuple[list[Confirmation], list[Refusal]]:
    """Confirm drafts in process in one transaction; if it is refused, each in its own."""
    try:
        confirmation = confirm_live(
            job.system,
            company=job.company,
            proforma_ids=keys,
            actor=job.actor,
            on=job.on,
            when_unreachable=job.when_unreachable,
            in_bulk=True,
        )
    except Refused as refused:
        if len(keys) == 1:
            return [], _failed(job, keys[0], list(refused.refusals))
    except ConstraintBroken as broken:
        if len(keys) == 1:
            why = refuse(BROKEN, f"proforma/{keys[0]}", reason=str(broken))
            return [], _failed(job, keys[0], [why])
    else:
        return [confirmation], []
    confirmations: list[Confirmation] = []
    refusals: list[Refusal] = []
    for key in keys:
        done, failed = _confirm(job, (key,))
        confirmations += done
        refusals += failed
    return confirmations, refusals


def _failed(job: _Job, key: int, refusals: list[Refusal]) -> list[Refusal]:
    with job.system.operations.transaction() as transaction:
        record_failure(
            transaction,
            company=job.company,
            proforma_id=key,
            reasons=[str(one) for one in refusals],
        )
    return refusals
