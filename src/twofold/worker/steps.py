"""How far a job is, told to the book after each step; and the reasons to end it between two.

The lease is renewed by a thread of its own, because a step may take longer than a lease.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from twofold.database.connection import Book
from twofold.jobs.take import LEASE, Job, tell_progress
from twofold.kernel.errors import Fault


class Cancelled(Exception):
    """Somebody does not want the job any more."""


class Lost(Exception):
    """The lease ran out, and another worker has the job."""


class Interrupted(Exception):
    """The worker has to go; its job waits for the next one."""


class Steps:
    """The progress of one job. Processes call ``expect`` and ``advance``, from any thread."""

    def __init__(self, jobs: Book, job: Job, stop: threading.Event) -> None:
        self._jobs: Final = jobs
        self._job: Final = job
        self._stop: Final = stop
        self._lock: Final = threading.Lock()
        self._ended: Final = threading.Event()
        self.done = 0
        self.total: int | None = None

    def expect(self, total: int) -> None:
        """Say how many steps there are."""
        self.total = total
        self._tell()

    def advance(self, count: int) -> None:
        """Say that so many more steps are done.

        Raises  Cancelled, Lost, Interrupted: the step stands, the next one is not for us.
        """
        with self._lock:
            self.done += count
        self._tell()
        if self._stop.is_set():
            raise Interrupted

    @contextmanager
    def kept_alive(self) -> Generator[None]:
        """Renew the lease until the block ends."""
        thread = threading.Thread(target=self._renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _tell(self) -> None:
        with self._lock, self._jobs.transaction() as transaction:
            alive = tell_progress(transaction, self._job, done=self.done, total=self.total)
        if alive is None:
            raise Lost
        if alive.is_cancelled:
            raise Cancelled

    def _renew(self) -> None:
        while not self._ended.wait(LEASE.total_seconds() / 6):
            try:
                self._tell()
            except (Cancelled, Lost):
                # The next step says so itself.
                return
            except Fault:
                # The book may answer again before the lease has run out.
                continue
