"""Killing what works without sets: initial write, reconciliation, repair; and what they find."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.dualwrite.planted import deliver, digest, forward, send, send_costs
from tests.dualwrite.test_initial_write import STAGED, change, value, writing
from tests.dualwrite.test_reconcile import one_map
from tests.dualwrite.test_reconcile_repair import repaired
from tests.faults.engine import engine, wait_for_its_sessions_to_end
from tests.faults.matrix import KIND_OF, STRIKES, crash
from tests.faults.servers import TwoServers
from tests.support.books import Books
from twofold.dualwrite.standing.initial_write import initial_write
from twofold.dualwrite.standing.reconcile import reconcile_due

PROGRAM = (sys.executable, "-m", "tests.faults.standing_driver")


@contextmanager
def killed_at(books: Books, place: str, number: int = 1, run: str = "") -> Generator[None]:
    """Start the process, let the block look when it has come to the place, then kill it."""
    with engine(books, stop_at={place: number}, program=(*PROGRAM, run)) as doomed:
        assert doomed.says() == f"at {place}"
        yield
        doomed.kill()
    wait_for_its_sessions_to_end(books)


@pytest.fixture
def lost(world: Books) -> Books:
    """Fifty costs that were delivered, and that finance has lost."""
    lose_costs(world)
    return world


def lose_costs(books: Books) -> None:
    """Deliver fifty costs, and let finance lose them."""
    send_costs(books, 1, first=1, count=50)
    assert deliver(books).applied == 1
    change(books.owner_finance, "DELETE FROM finance.staged_actual")


@pytest.mark.fault("F018", "CP23/engine")
@pytest.mark.parametrize("chunk", [1, 4])
def test_a_killed_initial_write_leaves_whole_chunks_and_goes_on(lost: Books, chunk: int) -> None:
    with killed_at(lost, "CP23", chunk):
        pass
    assert value(lost.owner_finance, STAGED) == 10 * (chunk - 1)

    done = initial_write(writing(lost))

    assert (done.added_count, done.same_count, done.row_count) == (50, 0, 50)
    assert value(lost.owner_finance, STAGED) == 50


@pytest.mark.fault("F018")
def test_sets_are_delivered_between_the_death_of_an_initial_write_and_its_end(
    lost: Books,
) -> None:
    with killed_at(lost, "CP23", 3):
        send_costs(lost, 2, first=101, count=7)
    assert deliver(lost).applied == 1

    initial_write(writing(lost))

    assert value(lost.owner_finance, STAGED) == 57
    assert one_map(lost).is_equal


@pytest.mark.fault("F021", "CP26/engine")
def test_a_killed_reconciliation_changes_nothing_and_goes_on_with_what_is_due(
    lost: Books,
) -> None:
    """It dies at the fifth map: four results stand, and the schedule looks at the rest only."""
    before = digest(lost.owner_finance)["finance.staged_actual"]
    with killed_at(lost, "CP26", 5):
        pass
    kept = "SELECT count(*) FROM dualwrite.reconciliation"
    assert value(lost.owner_finance, kept) == 4
    assert digest(lost.owner_finance)["finance.staged_actual"] == before

    results = list(reconcile_due(forward(lost), actor="engine"))

    assert [one.differing_rows for one in results if one.map == "actuals"] == [50]
    again = """
        SELECT max(looks) FROM (
            SELECT count(*) AS looks FROM dualwrite.reconciliation GROUP BY company, map
        ) AS looked
    """
    assert value(lost.owner_finance, again) == 1


@pytest.mark.fault("F022", "CP27/engine")
def test_a_killed_repair_leaves_all_or_nothing_and_can_be_repeated(lost: Books) -> None:
    found = one_map(lost)
    with killed_at(lost, "CP27", run=found.run):
        pass
    assert value(lost.owner_finance, STAGED) == 0
    assert value(lost.owner_finance, "SELECT count(*) FROM dualwrite.repair") == 0

    first = repaired(lost, found)
    second = repaired(lost, found)

    assert {one.action for one in first.values()} == {"inserted"}
    assert {one.action for one in second.values()} == {"not needed"}
    assert value(lost.owner_finance, STAGED) == 50
    assert value(lost.owner_finance, "SELECT count(*) FROM dualwrite.repair") == 50
    assert one_map(lost).is_equal


@pytest.mark.fault("F018", "F021", "F022", "F026", "F027")
@pytest.mark.parametrize(
    ("place", "strike"),
    [
        pytest.param(place, strike, marks=crash("forward", place, KIND_OF[strike]))
        for place in ("CP23", "CP26", "CP27")
        for strike in STRIKES
    ],
)
def test_what_is_struck_without_a_set_heals(
    own_servers: TwoServers, apart: Books, place: str, strike: str
) -> None:
    """The process lives on, and meets what happened when it goes on; then it is asked again."""
    lose_costs(apart)
    found = one_map(apart)
    doors = {book: own_servers.dsn_through_door(book) for book in ("operations", "finance")}
    with engine(apart, stop_at={place: 1}, through=doors, program=(*PROGRAM, found.run)) as struck:
        assert struck.says() == f"at {place}"
        STRIKES[strike](own_servers, "operations", "finance")
        own_servers.have_both()
        struck.go_on()
        struck.ends()
    wait_for_its_sessions_to_end(apart)

    if place == "CP23":
        assert initial_write(writing(apart)).done_rows == 50
    elif place == "CP26":
        assert one_map(apart).differing_rows == 50
    else:
        assert {one.code for one in repaired(apart, found).values()} == {""}

    assert value(apart.owner_finance, STAGED) == (0 if place == "CP26" else 50)
    assert one_map(apart).is_equal == (place != "CP26")


@pytest.mark.fault("F150")
def test_sets_that_are_on_their_way_for_too_long_are_counted(world: Books) -> None:
    send(world, 1, kind="setup", stream="setup")
    send_costs(world, 2, first=1, count=5)
    change(
        world.owner_operations,
        "UPDATE dualwrite.pending SET since = since - interval '25 hours' WHERE set_id = 2",
    )

    result = one_map(world)

    assert (result.is_equal, result.standing.in_flight_rows) == (True, 5)
    assert result.standing.watermark.overdue == 1
