"""Killing the engine: nothing or the whole set is there, and the next run ends as any would."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.dualwrite.planted import (
    AFTER_LEASE,
    back,
    deliver,
    digest_of_both,
    forward,
    plant,
    send_costs,
)
from tests.faults.checker import broken_promises
from tests.faults.engine import engine, wait_for_its_sessions_to_end
from tests.faults.matrix import crash
from tests.faults.sets import BACK, FORWARD, send_all
from tests.support.books import Books
from tests.support.server import TestServer
from twofold.database.connection import Book
from twofold.dualwrite.sets.deliver import deliver_sets

BothDigests = tuple[dict[str, tuple[int, Decimal]], ...]
DIRECTIONS = {"forward": ("operations", "finance"), "back": ("finance", "operations")}
LARGE = 60_000


@pytest.fixture(scope="module")
def undisturbed(server: TestServer) -> Generator[BothDigests]:
    """Give what a run that nothing disturbed leaves in both books."""
    with server.fresh_pair() as pair:
        books = Books(server, pair)
        plant(books)
        send_all(books)
        assert deliver_sets(forward(books)).applied == FORWARD
        assert deliver_sets(back(books)).applied == BACK
        assert not broken_promises(books)
        yield digest_of_both(books)
        books.close()


def restart(books: Books) -> BothDigests:
    """See that nothing is half there; deliver what is left, after the lease; give the digests."""
    wait_for_its_sessions_to_end(books)
    assert not broken_promises(books)

    onward = deliver_sets(forward(books, now=AFTER_LEASE))
    returned = deliver_sets(back(books, now=AFTER_LEASE))

    assert (onward.problems, returned.problems) == ([], [])
    assert not broken_promises(books)
    assert deliver(books, now=AFTER_LEASE).applied == 0
    return digest_of_both(books)


# The place, and the how-many-eth time it is passed.
PLACES = [
    ("forward", "CP04", 1),
    ("forward", "CP05", 1),
    ("forward", "CP07", 1),
    ("forward", "CP09", 1),
    ("forward", "CP10", 1),
    ("forward", "CP10", 4),
    ("forward", "CP11", 1),
    ("forward", "CP13", 1),
    ("forward", "CP14", 1),
    ("back", "CP04", 1),
    ("back", "CP05", 1),
    ("back", "CP07", 1),
    ("back", "CP09", 1),
    ("back", "CP10", 1),
    ("back", "CP11", 1),
    ("back", "CP13", 1),
    ("back", "CP14", 1),
]


@pytest.mark.fault("F004", "F005", "F007", "F009", "F010", "F011", "F013", "F014", "F017")
@pytest.mark.parametrize(
    ("direction", "place", "time"),
    [pytest.param(*one, marks=crash(one[0], one[1], "engine")) for one in PLACES],
)
def test_an_engine_killed_at_a_place_leaves_nothing_or_the_whole(
    on_their_way: Books, undisturbed: BothDigests, direction: str, place: str, time: int
) -> None:
    with engine(on_their_way, direction=DIRECTIONS[direction], stop_at={place: time}) as doomed:
        assert doomed.says() == f"at {place}"
        doomed.kill()

    assert restart(on_their_way) == undisturbed


@contextmanager
def held(book: Book, statement: str) -> Generator[None]:
    """Hold a lock of a book as long as the block lasts."""
    with book.raw() as connection:
        connection.execute(statement.encode())
        yield


# Which lock the engine meets in the middle of which of its steps.
IN_A_STEP = [
    ("start", "operations", "LOCK TABLE dualwrite.pending IN SHARE MODE"),
    ("CP11", "operations", "SELECT FROM dualwrite.pending WHERE set_id = 3 FOR UPDATE"),
    ("CP04", "finance", "LOCK TABLE dualwrite.inbox IN SHARE MODE"),
    ("CP07", "finance", "LOCK TABLE finance.staged_connection IN SHARE MODE"),
]


@pytest.mark.fault("F003", "F007", "F010", "F014", "CP03/engine")
@pytest.mark.parametrize(
    ("place", "book", "lock"),
    IN_A_STEP,
    ids=["leasing", "acknowledging", "receiving", "applying"],
)
def test_an_engine_killed_in_the_middle_of_a_step_leaves_nothing_or_the_whole(
    on_their_way: Books, undisturbed: BothDigests, place: str, book: str, lock: str
) -> None:
    """The step waits for a lock when the engine dies; the server finishes it for nobody."""
    books = on_their_way
    owner = books.owner_operations if book == "operations" else books.owner_finance
    with engine(books, stop_at={place: 1}) as doomed:
        assert doomed.says() == f"at {place}"
        with held(owner, lock):
            doomed.go_on()
            wait_until(lambda: sessions_waiting_for_a_lock(books) == 1)
            doomed.kill()

    assert restart(books) == undisturbed


def copies_in_progress(books: Books, database: str) -> list[tuple[int, int]]:
    """Give the backends that copy in a database, and how many rows they have passed."""
    with books.server.embedded.admin() as connection:
        return connection.execute(
            "SELECT pid, tuples_processed FROM pg_catalog.pg_stat_progress_copy"
            " WHERE datname = %s AND tuples_processed > 0",
            (database,),
        ).fetchall()


@pytest.mark.fault("F008", "CP08/engine")
def test_an_engine_killed_in_the_middle_of_the_stream_leaves_nothing(world: Books) -> None:
    send_costs(world, 1, first=1, count=LARGE)
    with engine(world, stop_at={"CP07": 1}) as doomed:
        assert doomed.says() == "at CP07"
        doomed.go_on()
        wait_until(lambda: bool(copies_in_progress(world, world.pair.finance)))
        doomed.freeze()
        ((_, passed),) = copies_in_progress(world, world.pair.finance)
        assert 0 < passed < LARGE, "it is in the middle of the stream"
        doomed.kill()

    wait_for_its_sessions_to_end(world)
    world.then("""
        finance:dualwrite.inbox
        set_id

        finance.staged_actual
        actual_id

        operations:dualwrite.pending
        set_id  state    lease_token
        1       waiting  1
    """)
    assert deliver(world).applied == 0, "its lease still runs"
    assert deliver(world, now=AFTER_LEASE).rows == LARGE
    assert not broken_promises(world)


@pytest.mark.fault("F019", "CP24/engine")
@pytest.mark.parametrize("place", ["CP10", "CP13"])
def test_an_engine_killed_while_it_catches_up_goes_on_where_it_was(
    on_their_way: Books, undisturbed: BothDigests, place: str
) -> None:
    """Maps were paused while sets were made; they run again, and the engine dies catching up."""
    books = on_their_way
    state_of_maps(books, "paused")
    assert deliver(books).applied == 0
    state_of_maps(books, "running")

    with engine(books, stop_at={place: 1}) as doomed:
        assert doomed.says() == f"at {place}"
        doomed.kill()

    assert without_maps(restart(books)) == without_maps(undisturbed)


def state_of_maps(books: Books, state: str) -> None:
    """Let every map run, or hold them all."""
    for owner in (books.owner_operations, books.owner_finance):
        with owner.raw() as connection:
            connection.execute("UPDATE dualwrite.map SET state = %s::dualwrite.map_state", (state,))


def without_maps(digests: BothDigests) -> BothDigests:
    """Leave out the maps themselves, and what was tried while they were held."""
    return tuple(
        {name: one for name, one in digest.items() if name not in OF_MAPS} for digest in digests
    )


OF_MAPS = {"dualwrite.map", "dualwrite.event"}
