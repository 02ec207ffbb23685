"""Jobs: done in the name of who asked, by one worker at a time, whatever dies meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from tests.cli.program import Program, urls_of
from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.jobs.queue import Queue
from tests.scenarios.support import Work
from tests.support.clock import NOW, TODAY
from twofold.access.people import bar_person, give_role, take_role
from twofold.database.transaction import Reader
from twofold.jobs.ask import ask_for, cancel_job, note_seen
from twofold.jobs.orders import (
    ConfirmProformas,
    CreateScheduled,
    Order,
    PostJournals,
    PostProposals,
    Reconcile,
    Repair,
    kind_of,
    permission_for,
    read,
    written,
)
from twofold.jobs.reads import list_ended, list_jobs, look_at_jobs
from twofold.jobs.take import Ended, end_job, put_back, take_job, tell_progress
from twofold.journey import confirm
from twofold.kernel.errors import Refused
from twofold.operations.proforma.bulk_confirmation import take_job as take_run
from twofold.worker.worker import ATTEMPTS_MAX, Worker

PROGRAM = "from twofold.cli.app import main; main()"
EVERY_DRAFT = ConfirmProformas(on=TODAY)


@pytest.fixture
def drafts(queue: Queue) -> tuple[int, ...]:
    """Give drafts of three contracts, in the order of their keys."""
    queue.story.approve(Work("ARM", 8), Work("UPGRADE", 2))
    return queue.story.draft("TM", "FIXED", "MIXED")


@contextmanager
def held(queue: Queue, proforma_id: int) -> Generator[None]:
    """Hold what is on a draft, so that whoever confirms it waits in its transaction."""
    with queue.story.books.owner_operations.raw() as connection:
        items = connection.execute(
            "SELECT FROM operations.backlog_item WHERE proforma_id = %s FOR UPDATE", (proforma_id,)
        )
        assert items.rowcount > 0
        yield


def confirmed(queue: Queue) -> dict[int, str]:
    found = queue.story.in_operations("SELECT proforma_id, state FROM operations.proforma")
    return {row["proforma_id"]: row["state"] for row in found}


# ---- what a job does


def test_a_job_confirms_every_draft_in_the_name_of_who_asked(
    queue: Queue, drafts: tuple[int, ...]
) -> None:
    job_id = queue.ask(EVERY_DRAFT, "pat")

    queue.work()

    job = queue.job(job_id)
    assert (job.state, job.done_count, job.total_count, job.made_count) == ("done", 3, 3, 3)
    assert (job.percent, job.refusal_count, job.attempt_count) == (100, 0, 1)
    assert confirmed(queue) == dict.fromkeys(drafts, "confirmed")
    actors = queue.story.in_operations("SELECT DISTINCT confirmed_by FROM operations.proforma")
    assert [row["confirmed_by"] for row in actors] == ["pat"]


def test_what_is_declined_is_kept_with_its_remedy_and_the_rest_is_done(
    queue: Queue, drafts: tuple[int, ...]
) -> None:
    first, second, third = drafts
    queue.story.confirm((second,))
    job_id = queue.ask(ConfirmProformas(on=TODAY, keys=drafts), "pat")

    queue.work()

    job = queue.job(job_id)
    assert (job.state, job.made_count, job.refusal_count) == ("done", 2, 1)
    (refusal,) = queue.refusals(job_id)
    assert refusal.code == "ERR-B10"
    assert refusal.remedy
    assert set(confirmed(queue)) == {first, second, third}


def test_schedules_journals_and_proposals_are_worked_off(queue: Queue) -> None:
    story = queue.story
    story.approve(Work("ARM", 8))
    story.deliver()
    story.import_()
    empty = queue.ask(CreateScheduled(on=TODAY), "pat")
    journals = queue.ask(PostJournals(), "ada")
    queue.work()
    story.deliver()
    keys = story.draft("TM")
    story.confirm(keys)
    story.import_()
    proposals = queue.ask(PostProposals(keys=(*keys, 999)), "ada")

    queue.work()

    assert (queue.job(empty).state, queue.job(empty).made_count) == ("done", 0)
    assert (queue.job(journals).state, queue.job(journals).made_count) == ("done", 1)
    job = queue.job(proposals)
    assert (job.state, job.made_count, job.refusal_count) == ("done", 1, 1)
    assert [one.record for one in queue.refusals(proposals)] == ["proposal/999"]
    assert queue.story.in_finance("SELECT count(*) FROM finance.customer_invoice") == [{"count": 1}]
    story.deliver()


def test_journals_that_are_named_are_posted_and_others_wait(queue: Queue) -> None:
    story = queue.story
    story.approve(Work("ARM", 8, on=date(2026, 9, 30)), Work("ARM", 3))
    story.deliver()
    story.import_()
    first, *others = story.draft_journals()
    job_id = queue.ask(PostJournals(keys=(first,)), "ada")

    queue.work()

    assert (queue.job(job_id).made_count, story.draft_journals()) == (1, tuple(others))
    again = queue.ask(PostJournals(keys=(first,)), "ada")
    queue.work()
    assert [one.code for one in queue.refusals(again)] == ["ERR-J09"]
    story.post_journals()
    story.deliver()


def test_a_difference_is_found_and_repaired(queue: Queue) -> None:
    story = queue.story
    with story.books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.resource SET name = 'Zoe' WHERE name = 'Bob Kozack'")
    look = queue.ask(Reconcile(map="resources"), "ian", company="")
    queue.work()
    found = queue.job(look)
    assert (found.state, found.made_count, found.total_count) == ("done", 1, 1)

    mend = queue.ask(Repair(run=found.result, map="resources", reason="renamed by hand"), "ian")
    queue.work()

    assert (queue.job(mend).state, queue.job(mend).made_count) == ("done", 1)
    names = story.in_finance("SELECT count(*) FROM finance.resource WHERE name = 'Bob Kozack'")
    assert names == [{"count": 1}]


@pytest.mark.parametrize("name", ["resources", "nothing"])
def test_a_repair_of_what_was_never_compared_is_refused(queue: Queue, name: str) -> None:
    job_id = queue.ask(Repair(run="20260101", map=name, reason="because"), "ian")

    queue.work()

    assert queue.job(job_id).state == "refused"
    assert [one.code for one in queue.refusals(job_id)] == ["ERR-D77"]


@pytest.mark.parametrize(
    "order",
    [
        ConfirmProformas(on=TODAY, keys=(1, 2)),
        CreateScheduled(on=TODAY),
        PostJournals(keys=(7,)),
        PostProposals(keys=(3,), on=TODAY),
        Reconcile(map="actuals"),
        Repair(run="r", map="actuals", reason="why", row_keys=('["7"]',)),
    ],
    ids=kind_of,
)
def test_an_order_is_kept_as_it_was_given(order: Order) -> None:
    assert read(written(order)) == order
    assert permission_for(order) in {"bill", "account", "integrate"}


# ---- whose rights


def test_a_job_has_no_more_rights_than_who_asked(queue: Queue, drafts: tuple[int, ...]) -> None:
    queue.person("eve", "project_manager", "DEPM")
    asked = [
        queue.ask(EVERY_DRAFT, "ada"),
        queue.ask(EVERY_DRAFT, "eve"),
        queue.ask(EVERY_DRAFT, "nobody"),
        queue.ask(PostJournals(), "pat"),
        queue.ask(Reconcile(), "pat", company=""),
    ]

    queue.work()

    assert {queue.job(one).state for one in asked} == {"refused"}
    assert {one.code for job_id in asked for one in queue.refusals(job_id)} == {"ERR-U05"}
    assert set(confirmed(queue)) == set(drafts)
    assert "confirmed" not in confirmed(queue).values()


@pytest.mark.parametrize("way", ["barred", "role taken"])
def test_a_job_has_the_rights_of_the_moment_it_is_run(
    queue: Queue, drafts: tuple[int, ...], way: str
) -> None:
    job_id = queue.ask(EVERY_DRAFT, "pat")
    with queue.story.books.access.transaction() as transaction:
        if way == "barred":
            bar_person(transaction, login="pat", is_active=False, actor="admin", at=NOW)
        else:
            take_role(
                transaction, login="pat", company="USPM", role="project_manager",
                actor="admin", at=NOW,
            )  # fmt: skip

    queue.work()

    assert queue.job(job_id).state == "refused"
    assert "confirmed" not in confirmed(queue).values()
    assert drafts


def test_a_role_given_later_counts(queue: Queue) -> None:
    queue.person("eve", "auditor", "DEPM")
    job_id = queue.ask(EVERY_DRAFT, "eve")
    with queue.story.books.access.transaction() as transaction:
        give_role(
            transaction, login="eve", company="USPM", role="project_manager",
            actor="admin", at=NOW,
        )  # fmt: skip

    queue.work()

    assert queue.job(job_id).state == "done"


# ---- one worker at a time


def test_a_job_asked_for_in_a_transaction_goes_with_it(queue: Queue) -> None:
    def ask() -> None:
        with queue.story.books.jobs.transaction() as transaction:
            ask_for(transaction, company="USPM", order=EVERY_DRAFT, actor="pat")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask()

    assert queue.take() is None


def test_of_two_workers_each_takes_another_job(queue: Queue) -> None:
    first = queue.ask(EVERY_DRAFT, "pat")
    second = queue.ask(PostJournals(), "ada")

    taken = [queue.take(), queue.take(), queue.take()]

    assert [one and one.job_id for one in taken] == [first, second, None]


def test_jobs_of_a_kind_wait_for_each_other_in_a_company(queue: Queue) -> None:
    first, second = queue.ask(EVERY_DRAFT, "pat"), queue.ask(EVERY_DRAFT, "pat")
    other = queue.ask(EVERY_DRAFT, "pat", company="DEPM")

    taken = [queue.take(), queue.take(), queue.take()]
    job = taken[0]
    assert job
    with queue.story.books.jobs.transaction() as transaction:
        assert end_job(transaction, job, Ended(state="done"))

    assert [one and one.job_id for one in taken] == [first, other, None]
    last = queue.take()
    assert last
    assert last.job_id == second


def test_two_workers_at_once_never_run_two_of_a_kind(queue: Queue) -> None:
    # Given two of a kind, and a worker that is about to take the first
    queue.ask(EVERY_DRAFT, "pat")
    queue.ask(EVERY_DRAFT, "pat")
    worker = Worker(queue.story.system)
    with ThreadPoolExecutor() as pool:
        with queue.story.books.jobs.transaction() as transaction:
            assert take_job(transaction)
            # When another one takes the second before that is committed
            other = pool.submit(worker.work_once)
            wait_until(lambda: sessions_waiting_for_a_lock(queue.story.books) == 1)

        # Then it goes away empty-handed
        assert other.result() is False


def test_many_workers_do_every_job_once(queue: Queue, drafts: tuple[int, ...]) -> None:
    asked = [queue.ask(ConfirmProformas(on=TODAY, keys=(key,)), "pat") for key in drafts]

    def work(_: int) -> None:
        worker = Worker(queue.story.system)
        while any(queue.job(one).ended_at is None for one in asked):
            worker.work_once()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))

    assert [(queue.job(one).state, queue.job(one).made_count) for one in asked] == [("done", 1)] * 3


# ---- whatever dies


def test_a_worker_that_was_killed_leaves_its_job_to_another(
    queue: Queue, drafts: tuple[int, ...]
) -> None:
    books = queue.story.books
    job_id = queue.ask(ConfirmProformas(on=TODAY, keys=drafts), "pat")
    environment = {**os.environ, **urls_of(books.server, books.pair)}
    # Given a worker that has confirmed one proforma and is killed in the middle of the next
    code = f"from twofold.journey import confirm; confirm.BATCH_MAX = 1; {PROGRAM}"
    with held(queue, drafts[1]):
        killed = subprocess.Popen([sys.executable, "-c", code, "worker"], env=environment)
        wait_until(lambda: sessions_waiting_for_a_lock(books) == 1)
        killed.kill()
        killed.wait()
    assert queue.job(job_id).done_count == 1
    assert queue.take() is None

    # When its lease has run out, and another worker comes
    queue.let_time_pass()
    while queue.job(job_id).ended_at is None:
        queue.work()
        queue.let_time_pass()

    # Then the rest is done, and what the first one did is not told as a failure
    job = queue.job(job_id)
    assert (job.state, job.attempt_count, job.made_count) == ("done", 2, 2)
    assert queue.refusals(job_id) == []
    assert set(confirmed(queue).values()) == {"confirmed"}


def test_a_worker_that_lost_its_job_can_change_nothing(queue: Queue) -> None:
    queue.ask(EVERY_DRAFT, "pat")
    late = queue.take()
    queue.let_time_pass()
    present = queue.take()
    assert late
    assert present
    assert (late.job_id, late.attempt, present.attempt) == (present.job_id, 1, 2)

    with queue.story.books.jobs.transaction() as transaction:
        assert tell_progress(transaction, late, done=7, total=9) is None
        assert not end_job(transaction, late, Ended(state="failed"))
        put_back(transaction, late, wait=timedelta(0), is_counted=True)

    job = queue.job(late.job_id)
    assert (job.state, job.done_count, job.attempt_count) == ("running", 0, 2)


def test_a_job_that_kills_its_workers_is_given_up(queue: Queue) -> None:
    job_id = queue.ask(EVERY_DRAFT, "pat")
    for _ in range(ATTEMPTS_MAX):
        assert queue.take()
        queue.let_time_pass()

    queue.work()

    assert (queue.job(job_id).state, queue.job(job_id).problem) == ("failed", "begun too often")


def test_a_worker_that_has_to_go_leaves_the_rest_to_the_next(
    queue: Queue, drafts: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirm, "BATCH_MAX", 1)
    job_id = queue.ask(EVERY_DRAFT, "pat")
    worker = Worker(queue.story.system)
    worker.stop()

    worker.work_once()

    # The step under way was ended, and the attempt does not count.
    job = queue.job(job_id)
    assert (job.state, job.done_count, job.attempt_count) == ("waiting", 1, 0)
    queue.work()
    assert (queue.job(job_id).state, set(confirmed(queue).values())) == ("done", {"confirmed"})
    assert len(drafts) == 3


def test_a_job_waits_for_a_run_of_the_command_line(queue: Queue) -> None:
    job_id = queue.ask(EVERY_DRAFT, "pat")
    with queue.story.books.operations.session() as session:
        assert take_run(Reader(session), company="USPM")
        queue.work()
        assert queue.job(job_id).state == "waiting"

    queue.let_time_pass()
    queue.work()

    assert queue.job(job_id).state == "done"


def test_a_fault_of_the_program_ends_the_job_and_not_the_worker(queue: Queue) -> None:
    job_id = queue.ask(EVERY_DRAFT, "pat")
    next_one = queue.ask(PostJournals(), "ada")
    with queue.story.books.owner_operations.raw() as connection:
        connection.execute("ALTER TABLE operations.proforma RENAME TO elsewhere")
    try:
        queue.work()
    finally:
        with queue.story.books.owner_operations.raw() as connection:
            connection.execute("ALTER TABLE operations.elsewhere RENAME TO proforma")

    assert (queue.job(job_id).state, queue.job(next_one).state) == ("failed", "done")


def test_a_book_that_does_not_answer_is_asked_again(queue: Queue) -> None:
    job_id = queue.ask(PostJournals(), "ada")
    books = queue.story.books
    books.finance.close()
    with books.server.embedded.admin() as connection:
        connection.execute(
            f'ALTER DATABASE "{books.pair.finance}" WITH ALLOW_CONNECTIONS false'.encode()
        )
        queue.work()
        waiting = queue.job(job_id)
        connection.execute(
            f'ALTER DATABASE "{books.pair.finance}" WITH ALLOW_CONNECTIONS true'.encode()
        )

    assert (waiting.state, waiting.attempt_count) == ("waiting", 1)
    queue.let_time_pass()
    queue.work()
    assert (queue.job(job_id).state, queue.job(job_id).attempt_count) == ("done", 2)


# ---- cancel, and look


def test_a_job_that_waits_is_cancelled_at_once(queue: Queue, drafts: tuple[int, ...]) -> None:
    job_id = queue.ask(EVERY_DRAFT, "pat")

    with queue.story.books.jobs.transaction() as transaction:
        assert cancel_job(transaction, job_id=job_id, actor="pat") == "cancelled"
    queue.work()

    assert (queue.job(job_id).state, queue.job(job_id).cancelled_by) == ("cancelled", "pat")
    assert set(confirmed(queue)) == set(drafts)
    assert "confirmed" not in confirmed(queue).values()


def test_a_job_that_runs_is_cancelled_after_its_step(
    queue: Queue, drafts: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirm, "BATCH_MAX", 1)
    job_id = queue.ask(ConfirmProformas(on=TODAY, keys=drafts), "pat")
    with ThreadPoolExecutor() as pool:
        with held(queue, drafts[1]):
            running = pool.submit(queue.work)
            wait_until(lambda: sessions_waiting_for_a_lock(queue.story.books) == 1)
            seen = queue.job(job_id)
            with queue.story.books.jobs.transaction() as transaction:
                assert cancel_job(transaction, job_id=job_id, actor="boss") == "running"
        running.result()

    # Everyone saw how far it was; the step under way was ended, the last one not begun.
    assert (seen.state, seen.done_count, seen.total_count, seen.percent) == ("running", 1, 3, 33)
    job = queue.job(job_id)
    assert (job.state, job.done_count, job.cancelled_by) == ("cancelled", 2, "boss")
    states = confirmed(queue)
    assert [states[key] for key in drafts] == ["confirmed", "confirmed", "draft"]


def test_a_job_that_died_after_it_was_cancelled_is_not_begun_again(
    queue: Queue, drafts: tuple[int, ...]
) -> None:
    job_id = queue.ask(EVERY_DRAFT, "pat")
    assert queue.take()
    with queue.story.books.jobs.transaction() as transaction:
        cancel_job(transaction, job_id=job_id, actor="pat")
    queue.let_time_pass()

    queue.work()

    assert queue.job(job_id).state == "cancelled"
    assert set(confirmed(queue)) == set(drafts)


def test_what_has_ended_or_never_was_is_not_cancelled(queue: Queue) -> None:
    job_id = queue.ask(EVERY_DRAFT, "pat")
    queue.work()

    def cancel(number: int) -> tuple[str, ...]:
        with (
            pytest.raises(Refused) as refused,
            queue.story.books.jobs.transaction() as transaction,
        ):
            cancel_job(transaction, job_id=number, actor="pat")
        return refused.value.codes

    assert (cancel(job_id), cancel(999)) == (("ERR-W02",), ("ERR-W01",))


def test_a_person_is_told_of_what_ended_until_they_look(queue: Queue) -> None:
    books = queue.story.books
    job_id = queue.ask(EVERY_DRAFT, "pat")
    queue.ask(PostJournals(), "ada")

    def unseen() -> tuple[int, int]:
        with books.jobs.reader() as reader:
            pat, ada = (look_at_jobs(reader, actor=one) for one in ("pat", "ada"))
        return pat.ended_count, ada.ended_count

    def awaited(actor: str) -> tuple[list[int], list[int]]:
        """Give the jobs under way, and of Pat's job what its page is told when it has ended."""
        with books.jobs.reader() as reader:
            ended = list_ended(reader, actor=actor, job_ids=[job_id])
            return look_at_jobs(reader, actor=actor).under_way, [one.job_id for one in ended]

    assert unseen() == (0, 0)
    assert (awaited("pat"), awaited("ada")[1]) == (([job_id], []), [])
    queue.work()
    assert (awaited("pat"), awaited("ada")[1]) == (([], [job_id]), [])
    assert unseen() == (1, 1)
    with books.jobs.transaction() as transaction:
        note_seen(transaction, job_id=job_id, actor="ada")
    assert unseen() == (1, 1)
    with books.jobs.transaction() as transaction:
        note_seen(transaction, job_id=job_id, actor="pat")
    assert unseen() == (0, 1)


def test_jobs_are_listed_newest_first_of_one_or_of_all(queue: Queue) -> None:
    first = queue.ask(EVERY_DRAFT, "pat")
    second = queue.ask(PostJournals(), "ada")
    third = queue.ask(EVERY_DRAFT, "pat")

    def listed(**only: object) -> list[int]:
        asked = {"actor": None, "state": None, "before_id": None, "limit": 9, **only}
        with queue.story.books.jobs.reader() as reader:
            return [one.job_id for one in list_jobs(reader, **asked)]  # pyright: ignore[reportArgumentType]

    assert listed() == [third, second, first]
    assert listed(actor="pat") == [third, first]
    assert listed(companies=["USPM"]) == [third, second, first]
    assert listed(companies=["DEPM"]) == []
    assert listed(before_id=third, limit=1) == [second]
    queue.work()
    assert listed(state="waiting") == []


def test_the_command_line_lists_shows_cancels_and_works(queue: Queue) -> None:
    books = queue.story.books
    twofold = Program(urls_of(books.server, books.pair))
    first = queue.ask(EVERY_DRAFT, "pat")
    second = queue.ask(PostJournals(), "pat")
    third = queue.ask(EVERY_DRAFT, "pat", company="DEPM")

    cancelled = twofold.ok("job", "cancel", str(third), "--as", "boss")
    twofold.ok("worker", "--once")

    assert cancelled.err == f"Job {third} is cancelled.\n"
    listed = twofold.ok("job", "list", "--person", "pat", "--json").json
    assert [(one["job_id"], one["state"]) for one in listed] == [
        (third, "cancelled"), (second, "refused"), (first, "done"),
    ]  # fmt: skip
    shown = twofold.ok("job", "show", str(second))
    assert "ERR-U05" in shown.err
    assert twofold("job", "show", "999").code == 1
    assert "ERR-W01" in twofold("job", "show", "999").err
