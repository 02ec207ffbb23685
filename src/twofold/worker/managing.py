"""Jobs of project managers over large selections: decide on work, mark the backlog, preview.

What one attempt has decided or marked the next one passes by: it waits or is open no more.
"""

from __future__ import annotations

from typing import Final, cast

from twofold.database.transaction import Transaction
from twofold.jobs.orders import DecideEntries, MarkBacklog, PreviewConfirmation
from twofold.journey.preview import preview_confirmation, written
from twofold.kernel.errors import Refusal
from twofold.operations.backlog.mark import mark_not_ready, mark_ready
from twofold.operations.backlog.selection import Kind, Selection
from twofold.operations.entries.approve import approve_entries
from twofold.operations.entries.reads import WaitingFilter, sum_waiting, waiting_keys
from twofold.operations.entries.reject import reject_entries
from twofold.worker.bench import Bench, Made

# Entries that are decided on in one transaction.
_ENTRIES: Final = 20_000
# Actuals of a preview that are listed; its totals count all.
_PREVIEWED: Final = 50


def decide_entries(bench: Bench) -> Made:
    """Approve or reject, so many entries at a time: each transaction stands for itself."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, DecideEntries)
    only = WaitingFilter(
        order.project or None, order.cls or None, order.person or None, order.up_to
    )
    book = bench.system.operations
    with book.reader() as reader:
        waiting = sum_waiting(reader, company=job.company, only=only)
    bench.steps.expect(sum(one.entry_count for one in waiting))
    count, last = 0, 0
    refusals: list[Refusal] = []
    while True:
        with book.transaction() as transaction:
            keys = waiting_keys(
                transaction, company=job.company, only=only, after=last, limit=_ENTRIES
            )
            if not keys:
                return Made(count, tuple(refusals))
            decided, declined = _decide(bench, order, transaction, keys)
        count, last = count + decided, keys[-1]
        refusals += declined
        bench.steps.advance(len(keys))


def _decide(
    bench: Bench, order: DecideEntries, transaction: Transaction, keys: list[int]
) -> tuple[int, tuple[Refusal, ...]]:
    company, actor, at = bench.job.company, bench.job.actor, bench.system.now()
    if order.verdict == "approve":
        approved = approve_entries(transaction, company=company, actor=actor, at=at, entry_ids=keys)
        return approved.entry_count, approved.refusals
    rejected = reject_entries(
        transaction, company=company, entry_ids=keys, reason=order.reason, actor=actor, at=at
    )
    return rejected.entry_count, rejected.refusals


def mark_backlog(bench: Bench) -> Made:
    """Mark in one transaction: whoever creates proformas sees all of it or nothing."""
    order = bench.job.order
    assert isinstance(order, MarkBacklog)
    bench.steps.expect(1)
    mark = mark_ready if order.state == "ready" else mark_not_ready
    selection = Selection(
        contract_id=order.contract_id,
        project_id=order.project_id,
        customer_id=order.customer_id,
        up_to=order.up_to,
        # As the page that asked has checked.
        kind=cast("Kind", order.item_kind) if order.item_kind else None,
    )
    with bench.system.operations.transaction() as transaction:
        marked = mark(
            transaction,
            company=bench.job.company,
            selection=selection,
            actor=bench.job.actor,
            at=bench.system.now(),
        )
    bench.steps.advance(1)
    count = marked.item_count + marked.milestone_count + marked.retainer_count
    return Made(count, marked.refusals)


def preview(bench: Bench) -> Made:
    """See what confirming would write; the result is the preview itself."""
    order = bench.job.order
    assert isinstance(order, PreviewConfirmation)
    bench.steps.expect(1)
    found = preview_confirmation(
        bench.system,
        company=bench.job.company,
        proforma_ids=(order.key,),
        actor=bench.job.actor,
        on=order.on,
        limit=_PREVIEWED,
    )
    bench.steps.advance(1)
    count = sum(one.actual_count for one in found.totals)
    return Made(count, found.refusals, written(found))
