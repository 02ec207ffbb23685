"""What jobs of accounting call: costs that finance posts, revenue estimates, the setup."""

from __future__ import annotations

from typing import Final

from twofold.access.rights import may
from twofold.finance.estimates.create import create_estimates
from twofold.finance.estimates.eliminate import eliminate_estimates
from twofold.finance.estimates.forecast_file import read_forecast
from twofold.finance.estimates.load_forecast import load_forecast
from twofold.finance.estimates.post import post_estimates
from twofold.finance.setup.apply import apply_setup
from twofold.finance.setup.file import read_setup
from twofold.jobs.orders import (
    ApplySetup,
    CreateEstimates,
    EliminateEstimates,
    LoadForecast,
    PostCosts,
)
from twofold.jobs.uploads import Upload, read_upload
from twofold.journey.cost_file import FileOfCosts
from twofold.journey.cost_file import post_cost_file as post_file
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.finance_costs.take_costs import take_costs
from twofold.worker.bench import Bench, Made

# What a process says of a file that an earlier attempt has posted.
_POSTED: Final = "ERR-J71"
_FORBIDDEN: Final = "ERR-U05"


def post_cost_file(bench: Bench) -> Made:
    """Post a general journal or vendor invoices."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, PostCosts)
    bench.steps.expect(1)
    upload = _upload(bench, order.upload_id)
    file = FileOfCosts(
        upload.file,
        upload.content,
        order.document,
        order.prices_include_tax,
        order.is_intercompany,
    )
    try:
        posted = post_file(bench.system, company=job.company, file=file, actor=job.actor)
    except Refused as refused:
        if job.attempt > 1 and set(refused.codes) == {_POSTED}:
            return Made(0)
        raise
    bench.steps.advance(1)
    return Made(posted.line_count)


def take_finance_costs(bench: Bench) -> Made:
    """Take over what finance posted: the count is of costs, what is declined stays."""
    job = bench.job
    bench.steps.expect(1)
    with bench.system.operations.transaction() as transaction:
        taken = take_costs(transaction, company=job.company, actor=job.actor, at=bench.system.now())
    bench.steps.advance(1)
    return Made(taken.cost_count, taken.refusals)


def load_forecast_file(bench: Bench) -> Made:
    """Load a forecast: all of it, or nothing with every reason."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, LoadForecast)
    bench.steps.expect(1)
    lines = read_forecast(_upload(bench, order.upload_id).content)
    with bench.system.finance.transaction() as transaction:
        loaded = load_forecast(
            transaction, company=job.company, lines=lines, actor=job.actor, at=bench.system.now()
        )
    bench.steps.advance(1)
    return Made(loaded.line_count)


def create_estimate_drafts(bench: Bench) -> Made:
    """Create the estimates of a period, to look at."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, CreateEstimates)
    bench.steps.expect(1)
    with bench.system.finance.transaction() as transaction:
        done = create_estimates(
            transaction,
            company=job.company,
            period=order.period,
            day=order.on,
            complete=order.complete,
            actor=job.actor,
            at=bench.system.now(),
        )
    bench.steps.advance(1)
    return Made(len(done.created), done.declined)


def post_estimate_drafts(bench: Bench) -> Made:
    """Post what was created."""
    job = bench.job
    bench.steps.expect(1)
    with bench.system.finance.transaction() as transaction:
        done = post_estimates(
            transaction, company=job.company, actor=job.actor, at=bench.system.now()
        )
    bench.steps.advance(1)
    return Made(len(done.posted), done.declined)


def eliminate_complete(bench: Bench) -> Made:
    """Eliminate what is complete and invoiced."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, EliminateEstimates)
    bench.steps.expect(1)
    with bench.system.finance.transaction() as transaction:
        done = eliminate_estimates(
            transaction, company=job.company, day=order.on, actor=job.actor, at=bench.system.now()
        )
    bench.steps.advance(1)
    return Made(len(done.eliminated), done.declined)


def apply_setup_file(bench: Bench) -> Made:
    """Apply a file of the setup; of companies whose accounts who asked keeps (ERR-U05)."""
    order, job = bench.job.order, bench.job
    assert isinstance(order, ApplySetup)
    bench.steps.expect(1)
    upload = _upload(bench, order.upload_id)
    setup = read_setup(upload.content, file=upload.file)
    with bench.system.access.reader() as reader:
        strange = [
            one.code
            for one in setup.company
            if not may(reader, login=job.actor, permission="account", company=one.code)
        ]
    if strange:
        raise Refused(*(refuse(_FORBIDDEN, f"{job.actor} in {one}") for one in strange))
    with bench.system.finance.transaction() as transaction:
        result = apply_setup(transaction, setup=setup, actor=job.actor, at=bench.system.now())
    bench.steps.advance(1)
    return Made(result.written)


def _upload(bench: Bench, upload_id: int) -> Upload:
    with bench.system.jobs.reader() as reader:
        return read_upload(reader, company=bench.job.company, upload_id=upload_id)
