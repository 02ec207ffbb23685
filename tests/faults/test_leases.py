"""Leases: who may take which sets, for how long, and who has a say in what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.concurrency.waiting import wait_until
from tests.dualwrite.planted import (
    WORLD,
    deliver,
    forward,
    let_leases_run_out,
    plant_costs,
    send,
    send_costs,
)
from tests.faults.test_concurrency_faults import failing, send_many
from tests.faults.test_killed_engine import state_of_maps
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.dualwrite.sets.acknowledge import acknowledge_sets
from twofold.dualwrite.sets.apply import AppliedLink
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.lease import (
    BATCH_ROWS_MAX,
    BATCH_SETS_MAX,
    GIVE_BACK,
    RENEW,
    lease_sets,
)
from twofold.dualwrite.sets.wake import free_from_maps, wake_awaiting


@pytest.mark.fault("F073", "F077")
def test_a_set_that_pauses_is_left_alone_while_others_of_its_company_go_on(world: Books) -> None:
    send_costs(world, 1, first=10, count=1)
    deliver_sets(forward(world, failpoint=failing("55P03", times=3)))
    send_costs(world, 2, first=20, count=1)

    assert deliver(world).applied == 1

    world.then("""
        operations:dualwrite.pending
        set_id  state    attempts
        1       waiting  1
    """)


@pytest.mark.fault("F039", "F076")
def test_a_worker_for_small_sets_leaves_large_ones_to_others(world: Books) -> None:
    send_costs(world, 1, first=100, count=6)
    send_costs(world, 2, first=200, count=5)

    small = lease_sets(forward(world), company="USPM", rows_max=5)

    assert [one.set_id for one in small] == [2]
    assert [one.set_id for one in lease_sets(forward(world), company="USPM")] == [1]


@pytest.mark.fault("F047")
def test_sets_asked_for_by_name_are_not_taken_from_another_engine_nor_when_they_stopped(
    world: Books,
) -> None:
    send_costs(world, 1, first=10, count=1)
    send_costs(world, 2, first=20, count=1)
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.pending SET state = 'stopped' WHERE set_id = 2")
    assert len(lease_sets(forward(world), company="USPM", set_ids=[1])) == 1

    assert lease_sets(forward(world), company="USPM", set_ids=[1, 2]) == []


@pytest.mark.fault("F051")
def test_facts_of_a_stream_are_leased_together_and_state_one_version_at_a_time(
    world: Books,
) -> None:
    """Two versions of one row cannot be written by one statement."""
    for set_id in (1, 2):
        world.given(f"""
            operations:operations.resource
            company  resource_id  name     change_set_id
            USPM     {set_id}     Ana {set_id}    {set_id}
        """)
        send(world, set_id, kind="setup", stream="setup")
    send_many(world, first=3, count=2, stream=lambda _: "facts")

    leased = lease_sets(forward(world), company="USPM")

    assert [one.set_id for one in leased] == [1, 3, 4]


@pytest.mark.fault("F039", "F120")
def test_a_batch_takes_no_further_set_once_it_has_rows_enough(world: Books) -> None:
    send_many(world, first=1, count=3, stream=lambda key: f"approval/{key}")
    with world.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE dualwrite.pending SET row_count = %s WHERE set_id < 3", (BATCH_ROWS_MAX,)
        )

    batches = [lease_sets(forward(world), company="USPM") for _ in range(3)]

    assert [[one.set_id for one in batch] for batch in batches] == [[1], [2], [3]]


def test_what_is_held_is_looked_at_once(world: Books) -> None:
    """The head is in another engine's hands; those behind it are marked and out of the way."""
    send_many(world, first=1, count=BATCH_SETS_MAX + 10, stream=lambda _: "hot")
    (head,) = lease_sets(forward(world), company="USPM", sets_max=1)
    assert head.version == 1

    assert lease_sets(forward(world), company="USPM") == []

    with world.owner_operations.raw() as connection:
        (held,) = connection.execute(
            "SELECT count(*) FROM dualwrite.pending WHERE held_by = 'stream'"
        ).fetchone() or (0,)
    assert held == BATCH_SETS_MAX + 9
    let_leases_run_out(world.owner_operations)
    assert deliver(world).applied == BATCH_SETS_MAX + 10


@pytest.mark.fault("F078")
def test_a_map_that_rests_for_one_company_holds_the_sets_of_that_company(world: Books) -> None:
    """Delivering again frees what may go; the map still rests, so the set is held once more."""
    send_costs(world, 1, first=10, count=1)
    rests_for_the_company(world, "paused")

    assert [deliver(world).applied for _ in range(2)] == [0, 0]
    with world.owner_operations.raw() as connection:
        held = connection.execute("SELECT held_by, attempts FROM dualwrite.pending").fetchall()
    assert held == [("map", 0)]
    assert free_from_maps(forward(world)) == 0

    rests_for_the_company(world, None)
    assert deliver(world).applied == 1


def rests_for_the_company(books: Books, state: str | None) -> None:
    """Hold the map of actuals for the company, or let it go."""
    with books.owner_operations.raw() as connection:
        connection.execute("DELETE FROM dualwrite.map_company")
        if state:
            connection.execute(
                "INSERT INTO dualwrite.map_company (company, map, state, changed_at, changed_by)"
                " VALUES ('USPM', 'actuals', %s, now(), 'amy')",
                (state,),
            )


@pytest.mark.fault("F032")
@pytest.mark.parametrize(
    ("token", "seconds_left", "is_ours"),
    [(0, 1, True), (1, 1, False), (0, -1, False)],
    ids=["it is ours", "it is another's", "it ran out"],
)
def test_a_lease_is_renewed_by_whoever_has_it_before_it_runs_out(
    world: Books, token: int, seconds_left: int, *, is_ours: bool
) -> None:
    send_costs(world, 1, first=10, count=1)
    (leased,) = lease_sets(forward(world), company="USPM")
    with world.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE dualwrite.pending"
            " SET leased_until = clock_timestamp() + %s * interval '1 second'",
            (seconds_left,),
        )
    named = {"company": "USPM", "set_ids": [1], "tokens": [leased.token + token]}

    with world.dualwrite_operations.transaction() as transaction:
        assert transaction.run(RENEW, **named, lease_seconds=15) == is_ours


@pytest.mark.fault("F123")
def test_a_delivery_that_takes_long_keeps_its_lease(world: Books) -> None:
    """It waits in the middle until the lease was renewed twice."""
    send_costs(world, 1, first=10, count=1)

    def take_long(name: str) -> None:
        if name == "CP10":
            for _ in range(2):
                before = leased_until(world)
                wait_until(lambda before=before: leased_until(world) > before)

    route = replace(forward(world, failpoint=take_long), lease_seconds=0.6)

    assert deliver_sets(route).applied == 1


def leased_until(books: Books) -> datetime:
    with books.owner_operations.raw() as connection:
        (found,) = connection.execute("SELECT leased_until FROM dualwrite.pending").fetchone() or (
            None,
        )
    assert found is not None
    return found


def test_a_lease_is_given_back_by_whoever_has_it_and_costs_no_attempt(world: Books) -> None:
    send_costs(world, 1, first=10, count=1)
    (leased,) = lease_sets(forward(world), company="USPM")

    with world.dualwrite_operations.transaction() as transaction:
        for token, given_back in ((leased.token + 1, 0), (leased.token, 1)):
            named = {"company": "USPM", "set_ids": [1], "tokens": [token]}
            assert transaction.run(GIVE_BACK, **named) == given_back

    world.then("""
        operations:dualwrite.pending
        set_id  attempts  leased_until  leased_by
        1       0         -             -
    """)


def test_a_set_is_acknowledged_by_whoever_has_its_lease(world: Books) -> None:
    send_costs(world, 1, first=10, count=1)
    (leased,) = lease_sets(forward(world), company="USPM")
    link = AppliedLink(1, NOW, 1, "")

    with world.dualwrite_operations.transaction() as transaction:
        acknowledge_sets(transaction, [replace(leased, token=leased.token - 1)], [link])

    world.then("""
        operations:dualwrite.pending
        set_id
        1

        operations:dualwrite.acknowledged
        set_id
    """)


def test_no_mark_is_made_behind_a_set_that_is_being_finished(world: Books) -> None:
    """Whoever finishes the first has looked for marks already: one made now would stay."""
    send_many(world, first=1, count=2, stream=lambda _: "hot")
    with world.owner_operations.raw() as finishing:
        finishing.execute("DELETE FROM dualwrite.pending WHERE set_id = 1")
        assert lease_sets(forward(world), company="USPM") == []

    assert [one.set_id for one in lease_sets(forward(world), company="USPM")] == [2]


@pytest.mark.fault("F078")
def test_a_set_that_a_resting_map_holds_is_not_let_go_before_the_map_runs(world: Books) -> None:
    send_costs(world, 1, first=10, count=1)
    state_of_maps(world, "paused")
    assert deliver(world).applied == 0

    assert free_from_maps(forward(world)) == 0

    state_of_maps(world, "running")
    assert free_from_maps(forward(world)) == 1


@pytest.mark.fault("F098")
def test_of_two_companies_that_wait_for_the_same_only_the_one_that_gets_it_wakes(
    world: Books,
) -> None:
    world.given(WORLD.replace("USPM", "DEPM"))
    for set_id, company in ((1, "USPM"), (2, "DEPM")):
        plant_costs(world, set_id=set_id, first=10 * set_id, count=1, company=company)
        with world.owner_operations.raw() as connection:
            connection.execute("UPDATE operations.actual SET project_id = 6")
        send(
            world, set_id, kind="approval", stream="costs", keys=(10 * set_id, 10 * set_id),
            company=company,
        )  # fmt: skip
    assert [one.state for one in deliver(world).problems] == ["parked", "parked"]

    world.given(PROJECT)

    assert wake_awaiting(forward(world)) == 1
    world.then("""
        operations:dualwrite.waits_for
        company  set_id  value
        DEPM     2       6

        operations:dualwrite.pending
        company  set_id  state
        DEPM     2       parked
        USPM     1       waiting
    """)


@pytest.mark.fault("F098")
def test_a_set_that_misses_two_values_does_not_wake_with_the_first(world: Books) -> None:
    plant_costs(world, set_id=1, first=1, count=2)
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET project_id = 5 + actual_id")
    send(world, 1, kind="approval", stream="approval/1", keys=(1, 2))
    deliver(world)

    world.given(PROJECT)

    assert wake_awaiting(forward(world)) == 0
    world.then("""
        operations:dualwrite.pending
        set_id  state   attempts
        1       parked  1

        operations:dualwrite.waits_for
        set_id  value
        1       7
    """)


PROJECT = """
    finance.project
    company  project_id  number  name  state       source_version
    USPM     6           P-6     Dock  in_process  1
"""
