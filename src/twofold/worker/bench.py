"""What a job is given to work with, and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from twofold.jobs.take import Job
from twofold.journey.system import System
from twofold.kernel.errors import Refusal
from twofold.worker.steps import Steps


@dataclass(frozen=True, slots=True)
class Made:
    """What a job made, by count and name, and what it declined."""

    count: int
    refusals: tuple[Refusal, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a process needs from the worker."""

    system: System
    job: Job
    steps: Steps

    def declined(self, refusals: Iterable[Refusal], *, done_before: str) -> tuple[Refusal, ...]:
        """Give the refusals without those that an earlier attempt of this job has caused."""
        return tuple(one for one in refusals if self.job.attempt == 1 or one.code != done_before)
