"""Races between those who seal sets, those who lease them, and those who apply them."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.dualwrite.planted import (
    AFTER_LEASE,
    forward,
    plant_costs,
    send,
    send_approval,
    send_costs,
)
from tests.faults.checker import broken_promises
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.outbox import open_change_set
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.lease import Leased, lease_sets
from twofold.dualwrite.sets.route import Delivery
from twofold.dualwrite.sets.seal import Sealer


@pytest.fixture
def threads() -> Generator[ThreadPoolExecutor]:
    """Give threads for what happens at the same time."""
    with ThreadPoolExecutor(max_workers=4) as executor:
        yield executor


class Left(Exception):
    """An engine stops in the middle, as if its process had ended."""


def seal_and_wait(books: Books, stream: str, sealed: Event, go_on: Event) -> int:
    """Seal a set, tell so, and commit when told to."""
    with books.operations.transaction() as transaction:
        change_set = open_change_set(
            transaction, company="USPM", kind="setup", stream=stream, actor="ann", at=NOW
        )
        Sealer("operations", books.server.active_maps())(transaction)
        sealed.set()
        assert go_on.wait(60)
    return change_set.set_id


def test_whoever_listens_is_told_of_a_set_when_it_is_committed(books: Books) -> None:
    with books.dualwrite_operations.session() as listening:
        listening.execute("LISTEN dualwrite")
        send(books, 1, kind="setup", stream="setup")

        told = next(listening.notifies(timeout=60))

    assert (told.channel, told.payload) == ("dualwrite", "USPM")


def test_two_sets_of_one_stream_are_numbered_in_the_order_they_commit(
    world: Books, threads: ThreadPoolExecutor
) -> None:
    """The second takes its id first and its version last."""
    sealed, go_on = Event(), Event()
    with world.operations.transaction() as transaction:
        early = open_change_set(
            transaction, company="USPM", kind="setup", stream="setup", actor="bob", at=NOW
        )
        first = threads.submit(seal_and_wait, world, "setup", sealed, go_on)
        assert sealed.wait(60)

        def seal_the_second() -> None:
            Sealer("operations", world.server.active_maps())(transaction)

        second = threads.submit(seal_the_second)
        wait_until(lambda: sessions_waiting_for_a_lock(world) == 1)
        assert not second.done(), "it waits for the other's commit"
        go_on.set()
        first.result()
        second.result()

    world.then(f"""
        operations:dualwrite.outbox
        set_id             version  actor
        {first.result()}   1        ann
        {early.set_id}     2        bob
    """)
    assert early.set_id < first.result()


def test_sets_of_different_streams_do_not_wait_for_each_other(
    world: Books, threads: ThreadPoolExecutor
) -> None:
    sealed, go_on = Event(), Event()
    first = threads.submit(seal_and_wait, world, "one", sealed, go_on)
    assert sealed.wait(60)

    send(world, 2, kind="setup", stream="other")

    world.then("""
        operations:dualwrite.pending
        set_id  stream
        2       other
    """)
    go_on.set()
    first.result()


def test_streams_are_locked_in_the_order_of_their_names(
    world: Books, threads: ThreadPoolExecutor
) -> None:
    """Who waits for an early stream does not hold a late one: nobody can wait in a circle."""
    sealed, go_on = Event(), Event()
    holder = threads.submit(seal_and_wait, world, "a", sealed, go_on)
    assert sealed.wait(60)

    def seal_both() -> None:
        with world.operations.transaction() as transaction:
            for stream in ("b", "a"):
                open_change_set(
                    transaction, company="USPM", kind="setup", stream=stream, actor="bob", at=NOW
                )

    both = threads.submit(seal_both)
    wait_until(lambda: sessions_waiting_for_a_lock(world) == 1)
    with world.operations.transaction() as transaction:
        open_change_set(transaction, company="USPM", kind="setup", stream="b", actor="eve", at=NOW)
    go_on.set()
    holder.result()
    both.result()

    world.then("""
        operations:dualwrite.outbox
        stream  version  actor
        a       1        ann
        a       2        bob
        b       1        eve
        b       2        bob
    """)


def test_a_second_engine_takes_other_sets_and_does_not_wait(
    world: Books, threads: ThreadPoolExecutor
) -> None:
    for set_id in (1, 2, 3):
        send_costs(world, set_id, first=set_id, count=1)
    with world.owner_operations.raw() as connection:
        connection.execute("SELECT FROM dualwrite.pending WHERE set_id < 3 FOR UPDATE")
        second = threads.submit(lease_sets, forward(world), company="USPM").result()

    assert {one.set_id for one in second} == {3}
    assert {one.set_id for one in lease_sets(forward(world), company="USPM")} == {1, 2}
    assert lease_sets(forward(world), company="USPM") == []


def test_no_set_is_leased_by_two_engines(world: Books, threads: ThreadPoolExecutor) -> None:
    """Four engines take set after set as fast as they can."""
    plant_and_send_one_by_one(world, count=160)

    def lease_all() -> list[Leased]:
        own = Books(world.server, world.pair)
        taken: list[Leased] = []
        while more := lease_one(own):
            taken += more
        own.close()
        return taken

    taken = [
        one for engine in [threads.submit(lease_all) for _ in range(4)] for one in engine.result()
    ]

    assert sorted(one.set_id for one in taken) == list(range(1, 161))
    assert {one.token for one in taken} == {1}


def lease_one(books: Books) -> list[Leased]:
    return lease_sets(forward(books), company="USPM", sets_max=1)


def plant_and_send_one_by_one(books: Books, *, count: int) -> None:
    """Send sets of one cost each, every set in a stream of its own."""
    plant_costs(books, set_id=0, first=1, count=count)
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET change_set_id = actual_id")
    with books.operations.transaction() as transaction:
        for key in range(1, count + 1):
            stream = f"approval/{key}"
            open_change_set(
                transaction, company="USPM", kind="approval", stream=stream, actor="ann", at=NOW
            ).covers(key, key)


def deliver_side_by_side(
    books: Books, threads: ThreadPoolExecutor, *, engines: int
) -> list[Delivery]:
    """Let engines, each with connections of its own, begin to deliver at the same moment."""
    barrier = Barrier(engines)

    def engine() -> Delivery:
        own = Books(books.server, books.pair)
        barrier.wait()
        delivery = deliver_sets(forward(own))
        own.close()
        return delivery

    return [one.result() for one in [threads.submit(engine) for _ in range(engines)]]


def test_engines_side_by_side_apply_each_set_once(
    world: Books, threads: ThreadPoolExecutor
) -> None:
    plant_and_send_one_by_one(world, count=240)

    deliveries = deliver_side_by_side(world, threads, engines=3)

    assert sum(one.applied for one in deliveries) == 240
    assert [one.already_applied for one in deliveries] == [0, 0, 0]
    assert not broken_promises(world)


def test_sets_of_one_stream_are_applied_in_order_by_engines_side_by_side(
    world: Books, threads: ThreadPoolExecutor
) -> None:
    for set_id in range(1, 13):
        with world.owner_operations.raw() as connection:
            connection.execute("DELETE FROM operations.resource")
        world.given(f"""
            operations.resource
            company  resource_id  name       change_set_id
            USPM     6            Ana {set_id}  {set_id}
        """)
        send(world, set_id, kind="setup", stream="setup")

    deliveries = deliver_side_by_side(world, threads, engines=3)

    applied = sum(one.applied for one in deliveries) + deliver_sets(forward(world)).applied
    assert applied == 12
    world.then("""
        finance.resource
        resource_id  name    source_version
        6            Ana 12  12
    """)
    assert not broken_promises(world)


def test_of_two_engines_with_the_same_set_one_applies_it_and_both_acknowledge(
    world: Books, threads: ThreadPoolExecutor
) -> None:
    """The first holds the set in its open transaction when the second, after the lease, comes."""
    send_approval(world)
    holding, go_on = Event(), Event()

    def hold(name: str) -> None:
        if name == "CP11":
            holding.set()
            assert go_on.wait(60)

    first = threads.submit(deliver_sets, forward(world, failpoint=hold))
    assert holding.wait(60)
    second = threads.submit(deliver_sets, forward(world, now=AFTER_LEASE))
    wait_until(lambda: sessions_waiting_for_a_lock(world) == 1)
    go_on.set()

    assert (first.result().applied, first.result().already_applied) == (1, 0)
    assert (second.result().applied, second.result().already_applied) == (0, 1)
    assert not broken_promises(world)


def test_who_waited_for_another_engine_still_compares_what_it_brings(
    world: Books, threads: ThreadPoolExecutor
) -> None:
    send_approval(world)
    holding, go_on = Event(), Event()

    def hold(name: str) -> None:
        if name == "CP11":
            holding.set()
            assert go_on.wait(60)

    first = threads.submit(deliver_sets, forward(world, failpoint=hold))
    assert holding.wait(60)
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.manifest SET totals = '[]'")
    second = threads.submit(deliver_sets, forward(world, now=AFTER_LEASE))
    wait_until(lambda: sessions_waiting_for_a_lock(world) == 1)
    go_on.set()

    assert first.result().applied == 1
    assert [one.code for one in second.result().problems] == ["ERR-D08"]


def test_a_batch_that_meets_another_engine_at_one_set_still_applies_its_others(
    world: Books, threads: ThreadPoolExecutor
) -> None:
    send_costs(world, 1, first=10, count=1)
    send_costs(world, 2, first=20, count=1)
    send_costs(world, 3, first=30, count=1)
    holding, go_on = Event(), Event()

    def hold(name: str) -> None:
        if name == "CP11":
            holding.set()
            assert go_on.wait(60)

    first = threads.submit(deliver_sets, forward(world, failpoint=hold), set_ids=[2])
    assert holding.wait(60)
    second = threads.submit(deliver_sets, forward(world, now=AFTER_LEASE))
    wait_until(lambda: sessions_waiting_for_a_lock(world) == 1)
    go_on.set()

    assert first.result().applied == 1
    assert (second.result().applied, second.result().already_applied) == (2, 1)
    world.then("""
        finance.staged_actual
        actual_id  source_set_id
        10         1
        20         2
        30         3
    """)
    assert not broken_promises(world)


def test_an_engine_that_wakes_after_its_lease_changes_nothing(world: Books) -> None:
    send_approval(world)
    meanwhile: list[Delivery] = []

    def sleep_through_the_lease(name: str) -> None:
        if name == "CP04" and not meanwhile:
            meanwhile.append(deliver_sets(forward(world, now=AFTER_LEASE)))

    late = deliver_sets(forward(world, failpoint=sleep_through_the_lease))

    assert [one.applied for one in meanwhile] == [1]
    assert (late.applied, late.already_applied) == (0, 1)
    assert not broken_promises(world)


def test_who_lost_the_lease_has_no_say_in_what_becomes_of_the_set(world: Books) -> None:
    """The first finds the project missing, but only after another engine took the set over."""
    with world.owner_finance.raw() as connection:
        connection.execute("DELETE FROM finance.project")
    send_approval(world)
    taken_over: list[str] = []

    def leave(name: str) -> None:
        raise Left(name)

    def lose_the_lease(name: str) -> None:
        if name == "CP04" and not taken_over:
            taken_over.append(name)
            with pytest.raises(Left):
                deliver_sets(forward(world, now=AFTER_LEASE, failpoint=leave))

    (problem,) = deliver_sets(forward(world, failpoint=lose_the_lease)).problems

    assert problem.code == "ERR-D05"
    world.then("""
        operations:dualwrite.pending
        set_id  state    lease_token  attempts  code
        1       waiting  2            2         -
    """)
