"""Sets that come twice, in the wrong order, or all over again: each has its effect once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from tests.dualwrite.planted import (
    deliver,
    digest,
    forward,
    let_leases_run_out,
    plant,
    send,
    send_approval,
    send_confirmation,
    send_costs,
)
from tests.faults.checker import broken_promises
from tests.faults.sets import BACK, FORWARD
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.database.outbox import open_change_set
from twofold.dualwrite.sets.deliver import Route, deliver_sets
from twofold.dualwrite.sets.seal import Sealer

SEND_AGAIN = """
    INSERT INTO dualwrite.pending (company, set_id, stream, version)
    SELECT company, set_id, stream, version FROM dualwrite.outbox
    ON CONFLICT DO NOTHING
"""
OWNED = ("finance.staged_actual", "finance.staged_connection", "finance.proposal")


def do(book: Book, statement: str) -> None:
    with book.raw() as connection:
        connection.execute(statement.encode())


@pytest.mark.fault("F048")
def test_a_set_delivered_a_hundred_times_is_applied_once(world: Books) -> None:
    send_approval(world)
    assert deliver(world).applied == 1
    before = digest(world.owner_finance)

    for _ in range(99):
        do(world.owner_operations, SEND_AGAIN)
        again = deliver(world)
        assert (again.applied, again.already_applied, again.problems) == (0, 1, [])

    assert digest(world.owner_finance) == before
    assert not broken_promises(world)


@pytest.mark.fault("F048", "F047")
def test_a_set_delivered_by_eight_at_once_is_applied_once(world: Books) -> None:
    """Each believes that it alone has the lease, and all begin at the same moment."""
    send_approval(world)
    engines = 8
    barrier = Barrier(engines)
    turn = [Event() for _ in range(engines + 1)]
    turn[0].set()

    def engine(number: int) -> tuple[int, int]:
        own = Books(world.server, world.pair)
        begun: list[str] = []

        def lose_the_lease(name: str) -> None:
            if name == "CP04" and not begun:
                begun.append(name)
                let_leases_run_out(own.owner_operations)
                turn[number + 1].set()
                barrier.wait(60)

        assert turn[number].wait(60)
        delivery = deliver_sets(forward(own, failpoint=lose_the_lease))
        own.close()
        return delivery.applied, delivery.already_applied

    with ThreadPoolExecutor(engines) as threads:
        done = list(threads.map(engine, range(engines)))

    assert sum(applied for applied, _ in done) == 1
    assert not broken_promises(world)


@pytest.mark.fault("F051", "F052")
def test_a_version_waits_for_the_one_before_it_and_other_keys_go_on(world: Books) -> None:
    for set_id in (1, 2):
        send(world, set_id, kind="setup", stream="setup")
    send(world, 3, kind="setup", stream="other")
    do(world.owner_operations, "DELETE FROM dualwrite.pending WHERE set_id = 1")

    delivery = deliver(world)

    assert [(one.set_id, one.code, one.state) for one in delivery.problems] == [
        (2, "ERR-D20", "waiting")
    ]
    world.then("""
        finance:dualwrite.inbox
        set_id  stream  version
        3       other   1
    """)
    do(world.owner_operations, SEND_AGAIN)
    let_leases_run_out(world.owner_operations)
    assert deliver(world).applied == 2
    assert not broken_promises(world)


@pytest.mark.fault("F138", "F052")
def test_a_version_that_was_given_up_is_not_waited_for(world: Books) -> None:
    for set_id in (1, 2):
        send(world, set_id, kind="setup", stream="setup")
    do(world.owner_operations, "DELETE FROM dualwrite.pending WHERE set_id = 1")
    world.given("""
        operations:dualwrite.dismissed
        company  set_id  reason  dismissed_by  dismissed_at
        USPM     1       wrong   ann           2026-11-02T09:30:00Z
    """)

    assert deliver(world).applied == 1


@pytest.mark.fault("F054")
def test_a_transaction_that_commits_late_is_neither_skipped_nor_waited_for(world: Books) -> None:
    """Its set has the lower id, and its outbox row was written first."""
    sealer = Sealer("operations", world.server.active_maps())
    with world.operations.transaction() as late:
        open_change_set(late, company="USPM", kind="setup", stream="late", actor="ann", at=NOW)
        sealer(late)
        send(world, 2, kind="setup", stream="early")
        assert deliver(world).applied == 1

    assert deliver(world).applied == 1
    assert not broken_promises(world)


@pytest.mark.fault("F057")
def test_replaying_everything_changes_nothing(on_their_way: Books) -> None:
    books = on_their_way
    books.deliver()
    before = digest(books.owner_finance), digest(books.owner_operations)
    for owner in (books.owner_operations, books.owner_finance):
        do(owner, SEND_AGAIN)

    forth, back = books.deliver()

    assert (forth.applied, forth.already_applied) == (0, FORWARD)
    assert (back.applied, back.already_applied) == (0, BACK)
    assert (digest(books.owner_finance), digest(books.owner_operations)) == before


@pytest.mark.fault("F058")
def test_replaying_from_zero_makes_the_same_finance_book(world: Books) -> None:
    send_approval(world)
    send_confirmation(world)
    send_costs(world, 3, first=31, count=20)
    deliver(world)
    do(world.owner_operations, SEND_AGAIN)
    with world.server.fresh_pair() as pair:
        other = Books(world.server, pair)
        plant(other)
        route = Route(
            world.dualwrite_operations, other.dualwrite_finance, world.server.active_maps()
        )

        again = deliver_sets(route)

        assert (again.applied, again.problems) == (3, [])
        here, there = digest(world.owner_finance), digest(other.owner_finance)
        other.close()
    assert [here[table] for table in OWNED] == [there[table] for table in OWNED]
    assert here["dualwrite.inbox"] == there["dualwrite.inbox"]


@pytest.mark.fault("F062")
def test_what_comes_back_is_not_sent_on(on_their_way: Books) -> None:
    on_their_way.deliver()
    sent = digest(on_their_way.owner_operations)["dualwrite.outbox"]

    for _ in range(20):
        on_their_way.deliver()

    assert digest(on_their_way.owner_operations)["dualwrite.outbox"] == sent
    on_their_way.then("""
        operations:dualwrite.pending
        set_id

        finance:dualwrite.pending
        set_id
    """)
