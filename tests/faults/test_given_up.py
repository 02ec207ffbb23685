"""A set that was given up is never applied, however late somebody comes with it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.dualwrite.planted import (
    deliver,
    forward,
    let_leases_run_out,
    plant_costs,
    send,
    send_costs,
)
from tests.faults.checker import broken_promises
from tests.faults.engine import engine
from tests.faults.test_lost_session import let_finance_in
from tests.support.books import Books
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.dismiss import Dismissed, dismiss_sets
from twofold.kernel.errors import Fault

UNKNOWN = 6
MISSED = """
    finance.project
    company  project_id  number  name  state       source_version
    USPM     6           P-6     Dock  in_process  1
"""
NOTHING_OF_IT = """
    finance.staged_actual
    actual_id

    finance:dualwrite.inbox
    set_id

    operations:dualwrite.pending
    set_id

    operations:dualwrite.dismissed
    set_id  reason           dismissed_by
    1       entered by hand  amy
"""


def send_to_unknown_project(books: Books) -> None:
    plant_costs(books, set_id=1, first=1, count=3)
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET project_id = %s", (UNKNOWN,))
    send(books, 1, kind="approval", stream="approval/1", keys=(1, 3))


def give_up(
    books: Books, *, failpoint: Callable[[str], None] = lambda _name: None
) -> list[Dismissed]:
    """Give up set 1 of operations, as a person does."""
    return dismiss_sets(
        forward(books, failpoint=failpoint),
        choice=Choice(set_ids=(1,)),
        reason="entered by hand",
        actor="amy",
    )


@pytest.mark.fault("F032", "F138")
@pytest.mark.parametrize("place", ["CP04", "CP05", "CP07"])
def test_an_engine_that_was_frozen_does_not_apply_what_was_given_up_meanwhile(
    world: Books, place: str
) -> None:
    """It has read the set; another parks it, a person gives it up, what it missed arrives."""
    send_to_unknown_project(world)
    with engine(world, stop_at={place: 1}) as frozen:
        assert frozen.says() == f"at {place}"
        frozen.freeze()
        let_leases_run_out(world.owner_operations)
        (parked,) = deliver(world).problems
        assert parked.state == "parked"
        assert [one.set_count for one in give_up(world)] == [1]
        world.given(MISSED)
        frozen.thaw()
        frozen.go_on()
        frozen.ends()

    world.then(NOTHING_OF_IT)
    assert not broken_promises(world, quiet=True)


def test_a_set_whose_engine_is_ahead_is_applied_and_not_given_up(world: Books) -> None:
    """The frozen engine has everything written: whoever gives up waits for its commit."""
    send_costs(world, 1, first=1, count=3)
    at_it, go_on = Event(), Event()

    def hold(name: str) -> None:
        if name == "CP11":
            at_it.set()
            assert go_on.wait(60)

    with ThreadPoolExecutor(2) as threads:
        delivery = threads.submit(deliver_sets, forward(world, failpoint=hold))
        assert at_it.wait(60)
        forget_the_lease(world)
        given_up = threads.submit(give_up, world)
        wait_until(lambda: sessions_waiting_for_a_lock(world) == 1)
        go_on.set()
        assert delivery.result().applied == 1
        assert given_up.result() == []

    deliver(world)
    assert not broken_promises(world, quiet=True)
    world.then("""
        operations:dualwrite.acknowledged
        set_id
        1

        finance:dualwrite.barred
        set_id
    """)


def forget_the_lease(books: Books) -> None:
    """Leave the set as one that nobody has in hand, and whose last try failed."""
    with books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE dualwrite.pending SET state = 'stopped', code = 'ERR-D18',"
            " leased_until = NULL, lease_token = lease_token + 1"
        )


@pytest.mark.fault("F012", "F138")
def test_a_set_whose_commit_was_never_answered_is_acknowledged_when_it_is_to_be_given_up(
    world: Books,
) -> None:
    send_costs(world, 1, first=1, count=3)

    def lose_the_answer(name: str) -> None:
        if name == "CP13":
            raise Fault("the connection is gone", transient=True, state="08006")

    with pytest.raises(Fault):
        deliver_sets(forward(world, failpoint=lose_the_answer))
    world.then("""
        operations:dualwrite.pending
        set_id  state    code
        1       waiting  ERR-D22

        finance:dualwrite.inbox
        set_id
        1
    """)

    assert give_up(world) == []

    # It is due at once: nobody waits for the pause after the failure.
    assert deliver(world).already_applied == 1
    assert not broken_promises(world, quiet=True)


@pytest.mark.fault("F138")
def test_giving_up_that_dies_between_the_books_is_in_sight_and_ended_by_the_next(
    world: Books,
) -> None:
    send_costs(world, 1, first=1, count=3)

    class Killed(BaseException):
        pass

    def die(name: str) -> None:
        assert name == "between the books"
        raise Killed

    with pytest.raises(Killed):
        give_up(world, failpoint=die)

    (problem,) = deliver(world).problems
    assert (problem.set_id, problem.code, problem.state) == (1, "ERR-D86", "stopped")
    assert "amy" in str(problem)
    assert "entered by hand" in str(problem)
    world.then("""
        finance.staged_actual
        actual_id

        operations:dualwrite.pending
        set_id  state
        1       stopped
    """)
    assert not broken_promises(world)

    assert [one.set_count for one in give_up(world)] == [1]

    world.then(NOTHING_OF_IT)
    assert not broken_promises(world, quiet=True)


@pytest.mark.fault("F138")
def test_without_the_other_book_nothing_is_given_up(world: Books) -> None:
    send_to_unknown_project(world)
    deliver(world)
    world.close()
    let_finance_in(world, "false")

    with pytest.raises(Fault) as fault:
        give_up(world)
    let_finance_in(world, "true")

    assert fault.value.transient
    world.then("""
        operations:dualwrite.pending
        set_id  state
        1       parked

        operations:dualwrite.dismissed
        set_id
    """)
