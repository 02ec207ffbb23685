"""Jobs: long work that people asked for in the pages, and the workers that do it."""

from __future__ import annotations

import logging
import signal
import sys
from types import FrameType
from typing import Annotated, Literal

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import ROWS_SHOWN, ActorName, AsJson, LimitOfRows, actor_name
from twofold.jobs.ask import UNKNOWN, cancel_job
from twofold.jobs.reads import ShownJob, list_jobs, list_refusals, show_job
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.worker.worker import Worker

app = App(name="job", help="Long work that people asked for in the pages.")

Number = Annotated[int, Parameter(help="Number of the job, as `twofold job list` shows it.")]
State = Literal["waiting", "running", "done", "refused", "failed", "cancelled"]


@app.command(name="list")
def list_all(
    *,
    person: Annotated[str | None, Parameter(help="Only the jobs of this login.")] = None,
    state: Annotated[State | None, Parameter(help="Only those in this state.")] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List jobs, the newest first."""
    with opened(alone="operations") as system, system.jobs.reader() as reader:
        found = list_jobs(reader, actor=person, state=state, before_id=None, limit=limit)
    printing.show(
        found,
        printing.table(
            ("Job", "Company", "Kind", "By", "Asked", "State", "Done", "Of", "Made", "Declined"),
            [
                (
                    one.job_id, one.company or "all", one.kind, one.actor, one.created_at,
                    one.state, one.done_count, one.total_count, one.made_count, one.refusal_count,
                )
                for one in found
            ],
            title="Jobs",
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command
def show(number: Number, /, *, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False) -> None:
    """Show one job: how far it is, and what it declined."""
    with opened(alone="operations") as system, system.jobs.reader() as reader:
        job = show_job(reader, job_id=number)
        if job is None:
            raise Refused(refuse(UNKNOWN, f"job/{number}"))
        refusals = list_refusals(reader, job, after=0, limit=limit)
    printing.show({"job": job, "refusals": refusals}, _facts(job), as_json=as_json)
    printing.tell_refusals(refusals, title="Declined")


@app.command
def cancel(number: Number, /, *, actor: ActorName = None) -> None:
    """Cancel a job; what it has done stands."""
    with opened(alone="operations") as system, system.jobs.transaction() as transaction:
        state = cancel_job(transaction, job_id=number, actor=actor_name(actor))
    said = "is cancelled" if state == "cancelled" else "ends after the step under way"
    printing.say(f"Job {number} {said}.")


def worker(
    *,
    once: Annotated[
        bool, Parameter(negative=(), help="Run the jobs that are due, and leave.")
    ] = False,
) -> None:
    """Run jobs until SIGTERM or Ctrl-C; log to stderr. Start several, on any machine."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    with opened() as system:
        one = Worker(system)

        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            one.stop()

        if once:
            while one.work_once():
                pass
            return
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, stop)
        one.run()


def _facts(job: ShownJob) -> printing.RenderableType:
    of = "" if job.total_count is None else f" of {job.total_count}"
    return printing.facts(
        (
            ("Job", f"{job.job_id}, {job.kind} in {job.company or 'all companies'}"),
            ("Asked", f"{job.created_at} by {job.actor}"),
            ("State", job.state),
            ("Done", f"{job.done_count}{of}"),
            ("Made", job.made_count),
            ("Ended", job.ended_at),
            ("Cancelled by", job.cancelled_by),
        )
    )
