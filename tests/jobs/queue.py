"""The queue of a test: people ask, workers take, time passes."""

from __future__ import annotations

from dataclasses import dataclass

from tests.scenarios.support import Story
from tests.support.clock import NOW
from twofold.access.people import give_role
from twofold.access.roles import Role
from twofold.jobs.ask import ask_for
from twofold.jobs.orders import Order
from twofold.jobs.reads import ShownJob, list_refusals, show_job
from twofold.jobs.take import Job, take_job
from twofold.kernel.errors import Refusal
from twofold.worker.worker import Worker


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs beside a story."""

    story: Story

    def person(self, login: str, role: Role, company: str) -> None:
        """Add a person with a role, who never signs in."""
        books = self.story.books
        with books.owner_operations.raw() as connection:
            connection.execute(
                "INSERT INTO access.person (login, name, created_by, created_at)"
                " VALUES (%s, initcap(%s), 'admin', %s)",
                (login, login, NOW),
            )
        with books.access.transaction() as transaction:
            give_role(transaction, login=login, company=company, role=role, actor="admin", at=NOW)

    def ask(self, order: Order, actor: str, company: str = "USPM") -> int:
        """Ask for a job."""
        with self.story.books.jobs.transaction() as transaction:
            return ask_for(transaction, company=company, order=order, actor=actor)

    def work(self) -> None:
        """Run the jobs that are due, until there is none."""
        worker = Worker(self.story.system)
        while worker.work_once():
            pass

    def take(self) -> Job | None:
        """Take a job as a worker would, and never be heard of again."""
        with self.story.books.jobs.transaction() as transaction:
            return take_job(transaction)

    def let_time_pass(self) -> None:
        """Let leases run out, and waiting times end."""
        with self.story.books.owner_operations.raw() as connection:
            connection.execute(
                "UPDATE jobs.job SET lease_until = lease_until - interval '1 hour',"
                " due_at = due_at - interval '1 hour' WHERE ended_at IS NULL"
            )

    def job(self, job_id: int) -> ShownJob:
        """Give a job as people see it."""
        with self.story.books.jobs.reader() as reader:
            job = show_job(reader, job_id=job_id)
        assert job
        return job

    def refusals(self, job_id: int) -> list[Refusal]:
        """Give what a job declined."""
        job = self.job(job_id)
        with self.story.books.jobs.reader() as reader:
            return list_refusals(reader, job, after=0, limit=1000)
