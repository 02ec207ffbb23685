"""Confirming many: each draft is complete, or failed with its reasons, and none comes twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import pytest

from tests.cli.program import urls_of
from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.scenarios.support import Story, Work
from tests.support.clock import NOW, TODAY
from twofold.journey.confirm import BulkRun, confirm_in_bulk
from twofold.kernel.errors import Refused
from twofold.operations.proforma.bulk_confirmation import begin, schedule
from twofold.operations.proforma.remove_details import delete_proforma

PROGRAM: Final = "from twofold.cli.app import main; main()"


@pytest.fixture
def drafts(story: Story) -> tuple[int, ...]:
    """Give drafts of three contracts, in the order of their keys."""
    story.approve(Work("ARM", 8), Work("UPGRADE", 2))
    found = story.draft("TM", "FIXED", "MIXED")
    assert len(found) == 3
    return found


def run(story: Story, drafts: Sequence[int]) -> BulkRun:
    return confirm_in_bulk(
        story.system, company=story.company, proforma_ids=drafts, actor="manager", on=TODAY
    )


def states(story: Story) -> dict[int, tuple[str, str | None]]:
    """Give state and bulk status of every proforma."""
    found = story.in_operations(
        "SELECT proforma_id, proforma.state::text AS state, bulk.state::text AS bulk"
        " FROM operations.proforma"
        " LEFT JOIN operations.bulk_confirmation AS bulk USING (company, proforma_id)"
    )
    return {row["proforma_id"]: (row["state"], row["bulk"]) for row in found}


def reasons(story: Story, draft: int) -> list[str]:
    (found,) = story.in_operations(
        "SELECT reasons FROM operations.bulk_confirmation WHERE proforma_id = %s", draft
    )
    return found["reasons"]


def put_on_hold(story: Story, *drafts: int) -> None:
    """Put the contracts of drafts on hold: they cannot be confirmed."""
    with story.books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.contract SET state = 'on_hold' WHERE contract_id IN"
            " (SELECT contract_id FROM operations.proforma WHERE proforma_id = ANY(%s))",
            (list(drafts),),
        )


@contextmanager
def held(story: Story) -> Generator[None]:
    """Hold what is on the drafts, so that whoever confirms them waits in its transaction."""
    with story.books.owner_operations.raw() as connection:
        connection.execute("SELECT FROM operations.backlog_item FOR UPDATE")
        yield


def test_what_fails_keeps_its_reasons_and_the_others_go_on(
    story: Story, drafts: tuple[int, ...]
) -> None:
    first, second, third = drafts
    put_on_hold(story, second)

    done = run(story, drafts)

    assert states(story) == {
        first: ("confirmed", "complete"),
        second: ("draft", "failed"),
        third: ("confirmed", "complete"),
    }
    assert [one.code for one in done.refusals] == ["ERR-B23"]
    (reason,) = reasons(story, second)
    assert reason.startswith("ERR-B23 ")
    assert sum(len(one.proformas) for one in done.confirmations) == 2


def test_what_the_database_forbids_fails_by_itself(story: Story, drafts: tuple[int, ...]) -> None:
    first, second, third = drafts
    with story.books.owner_operations.raw() as connection:
        connection.execute(
            "ALTER TABLE operations.actual ADD CONSTRAINT second_is_not_billed"
            " CHECK (proforma_id <> 2)"
        )

    done = run(story, drafts)

    assert [one.code for one in done.refusals] == ["ERR-B63"]
    assert {states(story)[key] for key in (first, third)} == {("confirmed", "complete")}
    (reason,) = reasons(story, second)
    assert "second_is_not_billed" in reason


def test_what_failed_is_confirmed_by_the_next_run_or_by_itself(
    story: Story, drafts: tuple[int, ...]
) -> None:
    put_on_hold(story, *drafts[1:])
    run(story, drafts)
    with story.books.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.contract SET state = 'active'")

    run(story, drafts[1:2])
    story.confirm(drafts[2:])

    assert set(states(story).values()) == {("confirmed", "complete")}


def test_what_is_confirmed_or_gone_is_not_scheduled(story: Story, drafts: tuple[int, ...]) -> None:
    first, second, third = drafts
    story.confirm((first,))
    with story.books.operations.transaction() as transaction:
        delete_proforma(
            transaction,
            company=story.company,
            proforma_id=second,
            revision=None,
            actor="manager",
            at=NOW,
        )

    done = run(story, drafts)

    assert [one.code for one in done.refusals] == ["ERR-B10", "ERR-B22"]
    assert states(story) == {first: ("confirmed", None), third: ("confirmed", "complete")}


def test_everyone_sees_what_is_in_process_while_it_is_a_draft(
    story: Story, drafts: tuple[int, ...]
) -> None:
    with ThreadPoolExecutor() as pool:
        with held(story):
            running = pool.submit(run, story, drafts)
            wait_until(lambda: sessions_waiting_for_a_lock(story.books) == 1)
            seen = states(story)
            with pytest.raises(Refused) as second:
                run(story, drafts)
        done = running.result()

    assert set(seen.values()) == {("draft", "processing")}
    assert second.value.codes == ("ERR-B62",)
    assert not done.refusals
    assert set(states(story).values()) == {("confirmed", "complete")}


def test_of_two_runs_at_once_no_proforma_comes_twice(story: Story, drafts: tuple[int, ...]) -> None:
    def attempt(_: int) -> list[str]:
        try:
            done = run(story, drafts)
        except Refused as refused:
            return list(refused.codes)
        return [one.code for one in done.refusals]

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, range(4)))

    # Whoever came while another was at it was sent away, or found all of it confirmed.
    assert outcomes.count([]) == 1
    assert {code for codes in outcomes for code in codes} <= {"ERR-B62", "ERR-B10"}
    assert set(states(story).values()) == {("confirmed", "complete")}
    (billed,) = story.in_operations(
        "SELECT count(*), count(DISTINCT proforma_detail_id) AS details"
        " FROM operations.actual WHERE transaction_type = 'billed_sales'"
    )
    assert billed["count"] == billed["details"]


@pytest.mark.parametrize("state", ["scheduled", "processing"])
def test_what_a_run_has_taken_waits_for_it(
    story: Story, drafts: tuple[int, ...], state: str
) -> None:
    with story.books.operations.transaction() as transaction:
        schedule(transaction, company="USPM", proforma_ids=drafts, actor="manager", at=NOW)
        if state == "processing":
            begin(transaction, company="USPM", proforma_ids=drafts)
    before = story.digest()

    with pytest.raises(Refused) as refused:
        story.confirm(drafts[:1])

    assert refused.value.codes == ("ERR-B61",)
    assert story.digest() == before
    # Broken off: the next run takes what it left.
    assert not run(story, drafts).refusals


def test_a_draft_that_was_scheduled_can_be_deleted(story: Story, drafts: tuple[int, ...]) -> None:
    with story.books.operations.transaction() as transaction:
        schedule(transaction, company="USPM", proforma_ids=drafts, actor="manager", at=NOW)
        delete_proforma(
            transaction,
            company="USPM",
            proforma_id=drafts[0],
            revision=None,
            actor="manager",
            at=NOW,
        )

    assert set(states(story)) == set(drafts[1:])


@pytest.mark.usefixtures("drafts")
def test_a_run_that_was_killed_is_resumed(story: Story) -> None:
    environment = {**os.environ, **urls_of(story.books.server, story.books.pair)}
    command = [sys.executable, "-c", PROGRAM, "proforma", "confirm"]
    with held(story):
        killed = subprocess.Popen([*command, "--all"], env=environment)
        wait_until(lambda: sessions_waiting_for_a_lock(story.books) == 1)
        killed.kill()
        killed.wait()
    assert set(states(story).values()) == {("draft", "processing")}
    # Its server process ends when it finds nobody to answer.
    wait_until(lambda: sessions_of_runs(story) == 0)

    resumed = subprocess.run([*command, "--resume"], env=environment, check=False)

    assert resumed.returncode == 0
    assert set(states(story).values()) == {("confirmed", "complete")}


def sessions_of_runs(story: Story) -> int:
    """Count the sessions that hold the lock of a run."""
    with story.books.server.embedded.admin() as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_catalog.pg_locks AS lock"
            " JOIN pg_catalog.pg_database AS book ON book.oid = lock.database"
            " WHERE lock.locktype = 'advisory' AND book.datname = %s",
            (story.books.pair.operations,),
        ).fetchone() or (0,)
    return int(count)
