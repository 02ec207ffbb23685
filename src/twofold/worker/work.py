"""What each kind of job calls: one process of the books, with its progress and what it declined.

Every process may be called again after a worker died: what the first one did is left as it is,
and is not told as a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.reconcile import Asked, Recorded, new_run, reconcile, recorded
from twofold.dualwrite.standing.repair import LEFT_ALONE, NOT_NEEDED, Repairing
from twofold.dualwrite.standing.repair import repair as repair_rows
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.finance.journal.posting_run import Chosen
from twofold.finance.posting.candidates import Candidate, find_candidates, posting_workers
from twofold.finance.staging.import_from_staging import import_from_staging
from twofold.jobs.orders import (
    ApplySetup,
    ConfirmProformas,
    CreateEstimates,
    CreateProformas,
    CreateScheduled,
    DecideEntries,
    EliminateEstimates,
    ImportEntries,
    ImportPayments,
    ImportStaging,
    LoadForecast,
    MarkBacklog,
    PostCosts,
    PostEstimates,
    PostJournals,
    PostProposals,
    PreviewConfirmation,
    Reconcile,
    Repair,
    TakeCosts,
)
from twofold.jobs.uploads import read_upload
from twofold.journey.confirm import confirm_in_bulk
from twofold.journey.payment_file import FileOfPayments, import_file
from twofold.journey.post_batch import PostingOrder, post_batch
from twofold.journey.post_journals import post_journals
from twofold.journey.run_schedules import run_schedules
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.backlog.reads import backlog_totals
from twofold.operations.entries.formats.received import laid_down
from twofold.operations.entries.formats.recognise import read_export
from twofold.operations.entries.import_entries import import_entries
from twofold.operations.proforma.create import create_proformas
from twofold.operations.proforma.reads import list_proformas
from twofold.worker.accounting import (
    apply_setup_file,
    create_estimate_drafts,
    eliminate_complete,
    load_forecast_file,
    post_cost_file,
    post_estimate_drafts,
    take_finance_costs,
)
from twofold.worker.bench import Bench, Made
from twofold.worker.managing import decide_entries, mark_backlog, preview

# What a process says of a document that an earlier attempt has dealt with.
_CONFIRMED: Final = "ERR-B10"
_NO_DRAFT: Final = "ERR-J09"
_NOTHING_BILLABLE: Final = "ERR-B05"
_NOTHING_FOUND: Final = "ERR-D77"
_FILE_KNOWN: Final = "ERR-L21"

JOURNAL_WORKERS: Final = 2
_PAGE: Final = 1000
# Contracts whose drafts are created in one transaction.
_CONTRACTS: Final = 100
_EVERY_RUN: Final = 10_000


def work(bench: Bench) -> Made:
    """Do what the job asks for.

    Raises  Refused: nothing was done; Fault; Cancelled, Lost or Interrupted between two steps.
    """
    return _PROCESSES[type(bench.job.order)](bench)


def _confirm(bench: Bench) -> Made:
    order, job = bench.job.order, bench.job
    assert isinstance(order, ConfirmProformas)
    keys = list(order.keys) or _drafts(bench)
    bench.steps.expect(len(keys))
    run = confirm_in_bulk(
        bench.system,
        company=job.company,
        proforma_ids=keys,
        actor=job.actor,
        on=order.on,
        advance=bench.steps.advance,
    )
    confirmed = [one.number for each in run.confirmations for one in each.proformas]
    name = confirmed[0] if len(order.keys) == len(confirmed) == 1 else ""
    return Made(len(confirmed), bench.declined(run.refusals, done_before=_CONFIRMED), name)


def _drafts(bench: Bench) -> list[int]:
    keys: list[int] = []
    with bench.system.operations.reader() as reader:
        while page := list_proformas(
            reader,
            company=bench.job.company,
            state="draft",
            after_id=keys[-1] if keys else 0,
            limit=_PAGE,
        ):
            keys += [one.proforma_id for one in page]
    return keys


def _create_chosen(bench: Bench) -> Made:
    """Create drafts contract by contract, in batches: one that has nothing holds up no other."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, CreateProformas)
    keys = order.keys or _ready_contracts(bench)
    bench.steps.expect(len(keys))
    count = 0
    refusals: list[Refusal] = []
    for first in range(0, len(keys), _CONTRACTS):
        batch = tuple(keys[first : first + _CONTRACTS])
        try:
            with bench.system.operations.transaction() as transaction:
                run = create_proformas(
                    transaction,
                    company=job.company,
                    contract_ids=batch,
                    cutoff=order.on,
                    actor=job.actor,
                    at=bench.system.now(),
                )
        except Refused as refused:
            refusals += refused.refusals
        else:
            count += len(run.proformas)
            refusals += run.refusals
        bench.steps.advance(len(batch))
    return Made(count, bench.declined(refusals, done_before=_NOTHING_BILLABLE))


def _ready_contracts(bench: Bench) -> tuple[int, ...]:
    with bench.system.operations.reader() as reader:
        totals = backlog_totals(reader, company=bench.job.company)
    return tuple(one.contract_id for one in totals if one.ready_count)


def _create(bench: Bench) -> Made:
    order, job = bench.job.order, bench.job
    assert isinstance(order, CreateScheduled)
    outcome = run_schedules(
        bench.system,
        company=job.company,
        on=order.on,
        actor=job.actor,
        expect=bench.steps.expect,
        advance=bench.steps.advance,
    )
    return Made(len(outcome.proformas), outcome.refusals)


def _import_staging(bench: Bench) -> Made:
    order, job = bench.job.order, bench.job
    assert isinstance(order, ImportStaging)
    bench.steps.expect(1)
    with bench.system.finance.transaction() as transaction:
        run = import_from_staging(
            transaction,
            company=job.company,
            actor=job.actor,
            at=bench.system.now(),
            on=order.on,
            proposal_number=order.proposal or None,
        )
    bench.steps.advance(1)
    return Made(run.line_count, run.refusals, order.proposal)


def _import_entries(bench: Bench) -> Made:
    """Read the file, then record its rows in one transaction: after that nothing can stop it."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, ImportEntries)
    bench.steps.expect(2)
    with bench.system.jobs.reader() as reader:
        upload = read_upload(reader, company=job.company, upload_id=order.upload_id)
    with laid_down(upload.file, upload.content) as path:
        export = read_export(path, date_format=order.date_format or None)
    bench.steps.advance(1)
    with bench.system.operations.transaction() as transaction:
        result = import_entries(
            transaction,
            export=export,
            actor=job.actor,
            at=bench.system.now(),
            on_bad_row="leave_out" if order.accept_good else "refuse_file",
            company=job.company,
        )
    bench.steps.done += 1
    # What an earlier attempt of this job has recorded was not there before it.
    had_before = result.already_there if job.attempt == 1 else 0
    count = result.added + result.already_there - had_before
    return Made(count, result.refusals, str(had_before))


def _import_payments(bench: Bench) -> Made:
    order, job = bench.job.order, bench.job
    assert isinstance(order, ImportPayments)
    bench.steps.expect(1)
    with bench.system.jobs.reader() as reader:
        upload = read_upload(reader, company=job.company, upload_id=order.upload_id)
    try:
        done = import_file(
            bench.system,
            company=job.company,
            file=FileOfPayments(
                upload.file, upload.content, order.bank_account, order.customers, order.left_out
            ),
            actor=job.actor,
        )
    except Refused as refused:
        if job.attempt > 1 and refused.codes == (_FILE_KNOWN,):
            return Made(0)
        raise
    bench.steps.advance(1)
    return Made(len(done.imported.payments))


def _post_journals(bench: Bench) -> Made:
    order, job = bench.job.order, bench.job
    assert isinstance(order, PostJournals)
    run = post_journals(
        bench.system,
        company=job.company,
        chosen=Chosen(order.keys or None),
        workers=JOURNAL_WORKERS,
        actor=job.actor,
        expect=bench.steps.expect,
        advance=bench.steps.advance,
    )
    count = sum(one.state == "posted" for one in run.posted)
    # Of one journal the result is where its lines are now, or those that could not be posted.
    names = [one.error_journal_number or one.number for one in run.posted]
    name = names[0] if len(order.keys) == len(names) == 1 else ""
    return Made(count, bench.declined(run.refusals, done_before=_NO_DRAFT), name)


def _post_proposals(bench: Bench) -> Made:
    order, job = bench.job.order, bench.job
    assert isinstance(order, PostProposals)
    with bench.system.finance.reader() as reader:
        proposals = find_candidates(reader, company=job.company)
        workers = posting_workers(reader, company=job.company)
    if order.keys:
        ready = {one.proposal_id: one for one in proposals}
        # What is not ready is asked for all the same, so that the process says why.
        unready = {key: Candidate(key, str(key), 0) for key in order.keys if job.attempt == 1}
        proposals = tuple(one for key in order.keys if (one := ready.get(key) or unready.get(key)))
    bench.steps.expect(len(proposals))
    posted = post_batch(
        bench.system,
        company=job.company,
        proposals=proposals,
        order=PostingOrder(
            actor=job.actor, invoice_date=order.on, workers=workers, named=bool(order.keys)
        ),
        tell=bench.steps.advance,
    )
    names = [one.invoice_number for one in posted.invoices]
    name = names[0] if len(order.keys) == len(names) == 1 else ""
    return Made(len(posted.invoices), posted.refusals, name)


def _reconcile(bench: Bench) -> Made:
    order, job = bench.job.order, bench.job
    assert isinstance(order, Reconcile)
    maps = [one for one in bench.system.maps if order.map in {"", one.compiled.map.id}]
    bench.steps.expect(len(maps))
    run = new_run(bench.system.forward)
    differing = 0
    for active in maps:
        for one in reconcile(
            _route_of(bench.system, active),
            maps=(active,),
            asked=Asked(company=job.company or None),
            actor=job.actor,
            run=run,
        ):
            differing += one.differing_rows
        bench.steps.advance(1)
    return Made(differing, name=run)


def _repair(bench: Bench) -> Made:
    order, job = bench.job.order, bench.job
    assert isinstance(order, Repair)
    active = next((one for one in bench.system.maps if one.compiled.map.id == order.map), None)
    found = None if active is None else _recorded(bench, active, order.run)
    if active is None or found is None:
        raise Refused(refuse(_NOTHING_FOUND, f"{job.company} {order.map} {order.run}"))
    bench.steps.expect(1)
    repaired = repair_rows(
        Repairing(
            route=_route_of(bench.system, active),
            active=active,
            recorded=found,
            actor=job.actor,
            reason=order.reason,
            row_keys=order.row_keys or None,
        )
    )
    bench.steps.advance(1)
    left = [one for one in repaired.rows if one.action == LEFT_ALONE and one.code]
    refusals = tuple(
        refuse(one.code, f"{order.map} {one.row_key}", reason=one.reason) for one in left
    )
    idle = repaired.count(LEFT_ALONE) + repaired.count(NOT_NEEDED)
    return Made(len(repaired.rows) - idle, refusals, order.run)


def _recorded(bench: Bench, active: ActiveMap, run: str) -> Recorded | None:
    with _route_of(bench.system, active).target.reader() as there:
        found = recorded(there, run=run, company=bench.job.company, limit=_EVERY_RUN)
    return next((one for one in found if one.map == active.compiled.map.id), None)


def _route_of(system: System, active: ActiveMap) -> Route:
    return system.forward if active.compiled.map.source_book == "operations" else system.back


_PROCESSES: Final[dict[type, Callable[[Bench], Made]]] = {
    ApplySetup: apply_setup_file,
    ConfirmProformas: _confirm,
    CreateEstimates: create_estimate_drafts,
    CreateProformas: _create_chosen,
    CreateScheduled: _create,
    DecideEntries: decide_entries,
    EliminateEstimates: eliminate_complete,
    ImportEntries: _import_entries,
    ImportPayments: _import_payments,
    ImportStaging: _import_staging,
    LoadForecast: load_forecast_file,
    MarkBacklog: mark_backlog,
    PostCosts: post_cost_file,
    PostEstimates: post_estimate_drafts,
    PostJournals: _post_journals,
    PostProposals: _post_proposals,
    PreviewConfirmation: preview,
    Reconcile: _reconcile,
    Repair: _repair,
    TakeCosts: take_finance_costs,
}
