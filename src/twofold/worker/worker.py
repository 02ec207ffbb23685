"""Take jobs and run them, until stopped: one at a time, in the name of whoever asked.

Before  both books are open; ``twofold worker`` and ``twofold serve`` call it.
After   each job ended with its result, or waits again: after a fault that may pass it is tried
        again, at most so often; a worker that dies leaves its job to the next one.
Next    the person who asked sees the result in the pages.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import Final

from twofold.access.rights import may
from twofold.database.transaction import ConstraintBroken
from twofold.jobs.orders import permission_for
from twofold.jobs.take import Ended, Job, end_job, put_back, take_job
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refused
from twofold.worker.bench import Bench
from twofold.worker.steps import Cancelled, Interrupted, Lost, Steps
from twofold.worker.work import work

FORBIDDEN: Final = "ERR-U05"
# The company has a run or an import under way, of the command line or of a worker that just died.
UNDER_WAY: Final = ("ERR-B18", "ERR-B62", "ERR-I09")

# A job that was begun so often and never ended is not begun again.
ATTEMPTS_MAX: Final = 5
# Seconds between two looks for work.
LOOK_SECONDS: Final = 1.0
WAIT_FOR_ANOTHER_RUN: Final = timedelta(seconds=2)
WAIT_AFTER_FAULT: Final = timedelta(seconds=10)

_log: Final = logging.getLogger("twofold.worker")


class Worker:
    """One worker of the queue; ``stop`` may be called from any thread."""

    def __init__(self, system: System) -> None:
        self._system: Final = system
        self._stop: Final = threading.Event()

    def stop(self) -> None:
        """End after the step under way; its job waits for another worker."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped; a book that does not answer is asked again."""
        while not self._stop.is_set():
            try:
                was_there = self.work_once()
            except Fault as fault:
                _log.warning("no job could be taken: %s", fault)
                was_there = False
            if not was_there:
                self._stop.wait(LOOK_SECONDS)

    def work_once(self) -> bool:
        """Run the job that is due, if there is one, and tell whether there was."""
        try:
            with self._system.jobs.transaction() as transaction:
                job = take_job(transaction)
        except ConstraintBroken:
            # Another worker began one of its kind in this very moment.
            return False
        if job is None:
            return False
        steps = Steps(self._system.jobs, job, self._stop)
        with steps.kept_alive():
            ended = self._ended(job, steps)
        if ended is not None:
            with self._system.jobs.transaction() as transaction:
                end_job(transaction, job, ended)
        return True

    def _ended(self, job: Job, steps: Steps) -> Ended | None:
        """Run the job; give how it ended, or None where it is not ours to end."""
        ended = None
        try:
            ended = self._run(job, steps)
        except Refused as refused:
            ended = self._after_refusal(refused, job)
        except Cancelled:
            ended = Ended(state="cancelled", done_count=steps.done)
        except Lost:
            _log.warning("job %s is another worker's by now", job.job_id)
        except Interrupted:
            self._put_back(job, timedelta(0), is_counted=False)
        except Fault as fault:
            ended = self._after(fault, job, steps)
        except Exception:  # noqa: BLE001 - one job at fault must not end the worker
            ended = self._failed(job, steps)
        return ended

    def _after_refusal(self, refused: Refused, job: Job) -> Ended | None:
        """Let the job wait for a run that is in its way; tell anything else."""
        if not set(refused.codes) <= set(UNDER_WAY):
            return Ended(state="refused", refusals=refused.refusals)
        self._put_back(job, WAIT_FOR_ANOTHER_RUN, is_counted=False)
        return None

    def _after(self, fault: Fault, job: Job, steps: Steps) -> Ended | None:
        """Let the job wait where the fault may pass, and not for ever."""
        if not fault.transient or job.attempt >= ATTEMPTS_MAX:
            return self._failed(job, steps)
        _log.warning("job %s is tried again: %s", job.job_id, fault)
        self._put_back(job, WAIT_AFTER_FAULT * job.attempt, is_counted=True)
        return None

    def _run(self, job: Job, steps: Steps) -> Ended:
        if job.is_cancelled:
            raise Cancelled
        if job.attempt > ATTEMPTS_MAX:
            return Ended(state="failed", problem="begun too often")
        permission = permission_for(job.order)
        with self._system.access.reader() as reader:
            is_allowed = may(reader, login=job.actor, permission=permission, company=job.company)
        if not is_allowed:
            raise Refused(refuse(FORBIDDEN, f"{job.actor} in {job.company or 'Twofold'}"))
        made = work(Bench(self._system, job, steps))
        return Ended(
            state="done",
            done_count=steps.done,
            made_count=made.count,
            result=made.name,
            refusals=made.refusals,
        )

    def _failed(self, job: Job, steps: Steps) -> Ended:
        _log.exception("job %s failed", job.job_id)
        return Ended(state="failed", done_count=steps.done, problem="recorded")

    def _put_back(self, job: Job, wait: timedelta, *, is_counted: bool) -> None:
        with self._system.jobs.transaction() as transaction:
            put_back(transaction, job, wait=wait, is_counted=is_counted)
