"""Post many proposals of one company: in batches, several of them side by side.

A batch is one transaction that judges all its proposals, takes the ones at fault out, and posts the
others with the same statements; a proposal is never split. Workers meet only where the numbers are
drawn, which is the last thing before the documents are written: the sequence stays locked until
the commit, so numbers have no gap whatever becomes of a batch. A batch that the database did not
let finish is taken apart, so that only the proposal at fault is left behind.

Before  the proposals are ready; which ones is decided when the batch runs (``find_candidates``).
After   each is posted or told why not; what was posted stands, whatever became of the rest.
Next    ``twofold deliver`` takes numbers and vouchers back to operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Final

from twofold.database.transaction import ConstraintBroken
from twofold.finance.posting.candidates import Candidate
from twofold.finance.posting.invoices import PostedInvoice
from twofold.finance.posting.post import post_proposals
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refusal, Refused

# Proposals, and about how many lines, that are posted in one transaction.
PROPOSALS_MAX: Final = 100
LINES_MAX: Final = 20_000
# Each worker holds a session of the finance book.
WORKERS_MAX: Final = 8
# How often a batch is tried that met a lock held for long, or a deadlock.
TRIES_MAX: Final = 3
# Somebody else posted it, or took its lines away, after the batch had begun: nothing is wrong.
_OVERTAKEN: Final = frozenset({"ERR-F05", "ERR-F02"})
# Without an answer from the server nothing else can be posted either: connection lost, no
# resources, server going down.
_SERVER_AWAY: Final = ("08", "53", "57P")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingOrder:
    """How a batch is posted. ``invoice_date`` replaces the date of each, due dates follow.

    ``named`` proposals were asked for one by one: one without lines, or posted already, is refused;
    otherwise it is passed by.
    """

    actor: str
    invoice_date: date | None = None
    workers: int = 1
    named: bool = False


@dataclass(frozen=True, slots=True)
class PostedBatch:
    """What became of the proposals: the invoices in the order of their proposals, and why not."""

    invoices: tuple[PostedInvoice, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    passed_count: int = 0


@dataclass(frozen=True, slots=True)
class _Job:
    system: System
    company: str
    order: PostingOrder


def post_batch(
    system: System,
    *,
    company: str,
    proposals: Sequence[Candidate],
    order: PostingOrder,
    tell: Callable[[int], None],
) -> PostedBatch:
    """Post the proposals; ``tell`` hears how many more are done, posted or not.

    Raises  Fault: the server went away; what was committed until then stands.
    Source  P35, feature 151.
    """
    job = _Job(system, company, order)
    pool = ThreadPoolExecutor(min(order.workers, WORKERS_MAX))
    done: list[PostedBatch] = []

    def post(batch: Sequence[Candidate]) -> PostedBatch:
        try:
            return _post(job, batch)
        finally:
            tell(len(batch))

    try:
        done += pool.map(post, batches_of(proposals))
    finally:
        pool.shutdown(cancel_futures=True)
    return _together(done)


def batches_of(proposals: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    """Cut them into batches of some proposals and some lines; a large one stands alone."""
    batch: list[Candidate] = []
    line_count = 0
    for one in proposals:
        is_full = len(batch) == PROPOSALS_MAX or line_count + one.line_count > LINES_MAX
        if batch and is_full:
            yield batch
            batch, line_count = [], 0
        batch.append(one)
        line_count += one.line_count
    if batch:
        yield batch


def _post(job: _Job, batch: Sequence[Candidate], *, tries: int = TRIES_MAX) -> PostedBatch:
    """Post a batch; what speaks against some of it takes them out, and the rest is posted."""
    try:
        with job.system.finance.transaction() as transaction:
            invoices = post_proposals(
                transaction,
                company=job.company,
                proposal_ids=tuple(one.proposal_id for one in batch),
                actor=job.order.actor,
                at=job.system.now(),
                invoice_date=job.order.invoice_date,
            )
        return PostedBatch(invoices)
    except Refused as refused:
        return _without(job, batch, refused.refusals)
    except (ConstraintBroken, Fault) as error:
        return _apart(job, batch, error, tries=tries)


def _apart(
    job: _Job, batch: Sequence[Candidate], error: ConstraintBroken | Fault, *, tries: int
) -> PostedBatch:
    """Try again what may succeed, then each proposal by itself; tell of the one at fault."""
    if isinstance(error, Fault):
        if not error.state or error.state.startswith(_SERVER_AWAY):
            raise error
        if error.transient and tries > 1:
            return _post(job, batch, tries=tries - 1)
    if len(batch) > 1:
        return _together([_post(job, (one,)) for one in batch])
    reason = " ".join(str(error).split())
    return PostedBatch(refusals=(refuse("ERR-F22", f"proposal/{batch[0].number}", reason=reason),))


def _without(job: _Job, batch: Sequence[Candidate], refusals: tuple[Refusal, ...]) -> PostedBatch:
    """Tell why some of a batch cannot be posted, and post the others."""
    named = {refusal.record for refusal in refusals}
    left = [
        one
        for one in batch
        if not named & {f"proposal/{one.number}", f"proposal/{one.proposal_id}"}
    ]
    told = tuple(one for one in refusals if job.order.named or one.code not in _OVERTAKEN)
    passed = PostedBatch(refusals=told, passed_count=len(refusals) - len(told))
    if left and len(left) < len(batch):
        return _together([passed, _post(job, left)])
    return passed


def _together(done: Sequence[PostedBatch]) -> PostedBatch:
    return PostedBatch(
        tuple(invoice for one in done for invoice in one.invoices),
        tuple(refusal for one in done for refusal in one.refusals),
        sum(one.passed_count for one in done),
    )
