"""Engines, people and locks in each other's way: every set arrives, in order, once."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.dualwrite.planted import (
    deliver,
    forward,
    let_leases_run_out,
    plant_costs,
    send_approval,
    send_costs,
)
from tests.faults.checker import broken_promises
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.database.outbox import open_change_set
from twofold.dualwrite.sets.deliver import Route, deliver_sets
from twofold.dualwrite.sets.lease import BATCH_SETS_MAX
from twofold.kernel.errors import Fault


def send_many(
    books: Books, *, first: int, count: int, stream: Callable[[int], str], company: str = "USPM"
) -> None:
    """Plant costs and send each as a set of its own; the sets have the ids of the costs."""
    plant_costs(books, set_id=0, first=first, count=count, company=company)
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET change_set_id = actual_id")
    for key in range(first, first + count):
        with books.operations.transaction() as transaction:
            change_set = open_change_set(
                transaction, company=company, kind="approval", stream=stream(key), actor="ann", at=NOW
            )  # fmt: skip
            change_set.covers(key, key)
            assert change_set.set_id == key


def as_engine(books: Books, name: str) -> tuple[Route, Callable[[], None]]:
    """Give a route with sessions that go by the name of an engine, and how to close it."""
    dsn = books.server.embedded.dsn_to
    role = "twofold_dualwrite"
    application = f"twofold/dualwrite/{name}"
    source = Book("operations", dsn(books.pair.operations, role), role, application=application)
    target = Book("finance", dsn(books.pair.finance, role), role, application=application)

    def close() -> None:
        source.close()
        target.close()

    return Route(source, target, books.server.active_maps()), close


@pytest.mark.fault("F032", "F004")
def test_an_engine_that_takes_over_ends_the_session_of_the_frozen_one(world: Books) -> None:
    """The first holds the inbox row in its open transaction when its lease has run out."""
    send_approval(world)
    frozen, thawed = Event(), Event()

    def freeze(name: str) -> None:
        if name == "CP11":
            frozen.set()
            assert thawed.wait(60)

    first, close_first = as_engine(world, "first/00")
    second, close_second = as_engine(world, "second/00")
    with ThreadPoolExecutor(1) as threads:
        doomed = threads.submit(deliver_sets, replace(first, failpoint=freeze))
        assert frozen.wait(60)
        let_leases_run_out(world.owner_operations)

        assert deliver_sets(second).applied == 1

        thawed.set()
        with pytest.raises(Fault) as fault:
            doomed.result()
    assert fault.value.transient
    world.then("""
        operations:dualwrite.pending
        set_id

        operations:dualwrite.acknowledged
        set_id  chain_number
        1       1
    """)
    assert not broken_promises(world)
    close_first()
    close_second()


@pytest.mark.fault("F071")
def test_a_deadlock_costs_a_try_and_nothing_else(world: Books) -> None:
    send_approval(world)
    at_it, go_on = Event(), Event()
    seen: list[str] = []

    def meet(name: str) -> None:
        if name == "CP07" and not seen:
            seen.append(name)
            at_it.set()
            assert go_on.wait(60)

    with ThreadPoolExecutor(2) as threads:
        delivery = threads.submit(deliver_sets, forward(world, failpoint=meet))
        assert at_it.wait(60)

        def cross() -> str:
            try:
                with world.owner_finance.raw() as connection:
                    connection.execute("LOCK TABLE finance.staged_connection")
                    connection.execute("LOCK TABLE finance.staged_actual")
                    go_on.set()
                    connection.execute("LOCK TABLE dualwrite.inbox")
            except Fault as fault:
                return fault.state
            return ""

        threads.submit(cross).result()
        done = delivery.result()

    assert (done.applied, done.problems) == (1, [])
    assert not broken_promises(world)


def failing(state: str, *, times: int, at: str = "CP10") -> Callable[[str], None]:
    """Fail as the server would, with an SQLSTATE, the first times a place is passed."""
    left = [times]

    def fail(name: str) -> None:
        if name == at and left[0]:
            left[0] -= 1
            raise Fault("the server says no", transient=True, state=state)

    return fail


@pytest.mark.fault("F072")
def test_a_serialisation_failure_is_tried_again_at_once(world: Books) -> None:
    send_approval(world)

    delivery = deliver_sets(forward(world, failpoint=failing("40001", times=2)))

    assert (delivery.applied, delivery.problems) == (1, [])
    assert not broken_promises(world)


@pytest.mark.fault("F071", "F073", "F128")
@pytest.mark.parametrize("state", ["40P01", "55P03", "57014"])
def test_a_set_that_meets_a_lock_again_and_again_pauses_and_is_not_lost(
    world: Books, state: str
) -> None:
    send_costs(world, 1, first=10, count=1)

    (problem,) = deliver_sets(forward(world, failpoint=failing(state, times=3))).problems

    assert (problem.code, problem.state) == ("ERR-D22", "waiting")
    world.then("""
        operations:dualwrite.pending
        set_id  state    code     attempts  leased_until
        1       waiting  ERR-D22  1         -

        operations:dualwrite.event
        set_id  event        code     actor
        1       set waiting  ERR-D22  dual-write
    """)
    assert deliver(world).applied == 0, "it pauses"
    let_leases_run_out(world.owner_operations)
    assert deliver(world).applied == 1


@pytest.mark.fault("F115", "F117")
def test_a_full_disk_puts_everything_back_and_heals(world: Books) -> None:
    send_costs(world, 1, first=10, count=1)
    send_costs(world, 2, first=20, count=1)

    with pytest.raises(Fault):
        deliver_sets(forward(world, failpoint=failing("53100", times=1)))

    world.then("""
        operations:dualwrite.pending
        set_id  state    code
        1       waiting  ERR-D22
        2       waiting  ERR-D22

        finance:dualwrite.inbox
        set_id
    """)
    let_leases_run_out(world.owner_operations)
    assert deliver(world).applied == 2


@pytest.mark.fault("F074")
def test_a_hot_stream_flows_in_order_through_many_engines(world: Books) -> None:
    count = 300
    send_many(world, first=1, count=count, stream=lambda _: "invoice/hot")

    def engine() -> int:
        own = Books(world.server, world.pair)
        applied = deliver_sets(forward(own)).applied
        own.close()
        return applied

    with ThreadPoolExecutor(4) as threads:
        applied = sum(one.result() for one in [threads.submit(engine) for _ in range(4)])

    applied += deliver(world).applied
    assert applied == count
    with world.owner_finance.raw() as connection:
        versions = connection.execute(
            "SELECT inbox.version FROM dualwrite.chain JOIN dualwrite.inbox USING (company, source, set_id)"
            " ORDER BY chain_number"
        ).fetchall()
    assert [version for (version,) in versions] == list(range(1, count + 1))
    assert not broken_promises(world)


@pytest.mark.fault("F076")
def test_a_company_with_one_set_does_not_wait_for_one_with_many(world: Books) -> None:
    many = 2 * BATCH_SETS_MAX + 50
    world.given("""
        operations.company
        company  name     accounting_currency  source_version
        ZZPM     Contoso  EUR                  1
    """)
    with world.operations.transaction() as transaction:
        for key in range(many):
            open_change_set(
                transaction, company="USPM", kind="nothing", stream=f"a/{key}", actor="ann", at=NOW
            )
    with world.operations.transaction() as transaction:
        open_change_set(
            transaction, company="ZZPM", kind="nothing", stream="z", actor="ann", at=NOW
        )

    assert deliver(world).applied == many + 1

    with world.owner_finance.raw() as connection:
        (earlier,) = connection.execute(
            "SELECT count(*) FROM dualwrite.inbox WHERE company = 'USPM'"
            " AND applied_at < (SELECT applied_at FROM dualwrite.inbox WHERE company = 'ZZPM')"
        ).fetchone() or (0,)
    assert earlier == BATCH_SETS_MAX


@pytest.mark.fault("F077")
def test_a_poison_set_stops_its_stream_and_nothing_else(world: Books) -> None:
    """Set 40 breaks a constraint of the target; 41 comes after it, the others have nothing to do."""
    send_many(
        world,
        first=1,
        count=120,
        stream=lambda key: "bad" if key in {40, 41} else f"approval/{key}",
    )
    with world.owner_finance.raw() as connection:
        connection.execute(
            "ALTER TABLE finance.staged_actual ADD CONSTRAINT no_forty CHECK (actual_id <> 40)"
        )

    delivery = deliver(world)

    assert delivery.applied == 118
    assert [(one.set_id, one.code) for one in delivery.problems] == [(40, "ERR-D18")]
    assert deliver(world).applied == 0
    world.then("""
        operations:dualwrite.pending
        set_id  state    attempts  held_by
        40      stopped  1         -
        41      waiting  0         stream
    """)
    assert not broken_promises(world)


@pytest.mark.fault("F078")
def test_a_map_paused_while_a_set_is_half_way_lets_it_finish(world: Books) -> None:
    send_costs(world, 1, first=10, count=1)
    send_costs(world, 2, first=20, count=1)

    def pause(name: str) -> None:
        if name == "CP09":
            with world.owner_operations.raw() as connection:
                connection.execute("UPDATE dualwrite.map SET state = 'paused'")

    assert deliver_sets(forward(world, failpoint=pause), set_ids=[1]).applied == 1
    assert deliver(world).applied == 0
    world.then("""
        operations:dualwrite.pending
        set_id  state    attempts
        2       waiting  0
    """)


def test_sealing_does_not_wait_for_a_delivery_under_way(world: Books) -> None:
    send_approval(world)
    half_way, go_on = Event(), Event()

    def hold(name: str) -> None:
        if name == "CP11":
            half_way.set()
            assert go_on.wait(60)

    with ThreadPoolExecutor(1) as threads:
        delivery = threads.submit(deliver_sets, forward(world, failpoint=hold))
        assert half_way.wait(60)
        send_costs(world, 2, first=20, count=1)
        assert sessions_waiting_for_a_lock(world) == 0
        go_on.set()
        assert delivery.result().applied == 2
    wait_until(lambda: not broken_promises(world))
