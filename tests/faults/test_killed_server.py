"""Killing a server or the line under a delivery: it heals, and ends as any delivery would."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.concurrency.waiting import wait_until
from tests.dualwrite.planted import COMPANY, let_leases_run_out, plant, send_costs
from tests.faults.checker import broken_promises
from tests.faults.engine import engine
from tests.faults.matrix import (
    DELIVERY,
    DIRECTIONS,
    KIND_OF,
    PASSES,
    STRIKES,
    Digest,
    crash,
    deliver_all,
    held_by,
    places_in_the_code,
    recover,
)
from tests.faults.observer import Observer
from tests.faults.servers import BOOKS, TwoServers, books_of
from tests.faults.sets import send_all
from tests.faults.test_killed_engine import state_of_maps
from tests.support.books import Books

# Crash points outside a delivery, and the module that strikes there.
ELSEWHERE = {
    "CP23": "test_killed_work",
    "CP25": "test_killed_work",
    "CP26": "test_killed_work",
    "CP27": "test_standing",
    "CP28": "test_killed_work",
}


def doors(servers: TwoServers) -> dict[str, str]:
    return {book: servers.dsn_through_door(book) for book in BOOKS}


@pytest.fixture(scope="module")
def undisturbed(own_servers: TwoServers) -> tuple[Digest, Digest]:
    """Give what a run that nothing disturbed leaves in both books."""
    with books_of(own_servers) as books:
        plant(books)
        send_all(books)
        deliver_all(books)
        assert not broken_promises(books, quiet=True)
        return held_by(books)


def test_every_crash_point_of_the_code_is_in_the_matrix() -> None:
    assert places_in_the_code() <= {*DELIVERY, *ELSEWHERE}
    assert places_in_the_code() >= set(DELIVERY)


@pytest.mark.fault(
    "F003", "F004", "F005", "F007", "F009", "F010", "F011", "F013", "F014", "F017", "F026", "F027"
)
@pytest.mark.parametrize(
    ("direction", "place", "strike"),
    [
        pytest.param(direction, place, strike, marks=crash(direction, place, KIND_OF[strike]))
        for direction, place in PASSES
        for strike in STRIKES
    ],
)
def test_what_is_struck_at_a_place_heals(
    own_servers: TwoServers,
    apart: Books,
    undisturbed: tuple[Digest, Digest],
    direction: str,
    place: str,
    strike: str,
) -> None:
    """The engine lives on and meets what happened when it goes on."""
    source, target = DIRECTIONS[direction]
    send_all(apart)
    with (
        Observer(
            target, own_servers.of[target].dsn(target, "twofold_auditor"), pause_seconds=0.02
        ) as observer,
        engine(
            apart, direction=(source, target), stop_at={place: 1}, through=doors(own_servers)
        ) as struck,
    ):
        assert struck.says() == f"at {place}"
        STRIKES[strike](own_servers, source, target)
        own_servers.have_both()
        struck.go_on()
        struck.ends()
        assert recover(apart) == undisturbed
    assert not observer.wrong


@pytest.mark.fault("F003", "F026")
@pytest.mark.parametrize(
    "strike",
    [
        pytest.param(one, marks=crash("forward", "CP03", KIND_OF[one]))
        for one in ("the source's server", "both connections")
    ],
)
def test_what_is_struck_while_it_reads_the_outbox_heals(
    own_servers: TwoServers, apart: Books, undisturbed: tuple[Digest, Digest], strike: str
) -> None:
    """The lease waits for a lock when it happens."""
    send_all(apart)
    with engine(apart, stop_at={"start": 1}, through=doors(own_servers)) as struck:
        assert struck.says() == "at start"
        holding = own_servers.admin_of("operations")
        holding.execute("BEGIN; LOCK TABLE dualwrite.pending IN SHARE MODE")
        struck.go_on()
        wait_until(lambda: waits_for_a_lock(own_servers))
        STRIKES[strike](own_servers, "operations", "finance")
        holding.close()
        own_servers.have_both()
        struck.ends()
    assert recover(apart) == undisturbed


def waits_for_a_lock(servers: TwoServers) -> bool:
    with servers.admin_of("operations") as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE wait_event_type = 'Lock'"
        ).fetchone() or (0,)
    return bool(count)


@pytest.mark.fault("F019", "F027")
@pytest.mark.parametrize(
    "strike",
    [
        pytest.param(one, marks=crash("forward", "CP24", KIND_OF[one]))
        for one in ("the target's server", "both connections")
    ],
)
def test_catching_up_after_a_pause_heals(
    own_servers: TwoServers, apart: Books, undisturbed: tuple[Digest, Digest], strike: str
) -> None:
    """Maps rested while sets were made; the first of them is applied when it happens."""
    state_of_maps(apart, "paused")
    send_all(apart)
    deliver_all(apart)
    state_of_maps(apart, "running")
    with engine(apart, stop_at={"CP13": 1}, through=doors(own_servers)) as struck:
        assert struck.says() == "at CP13"
        STRIKES[strike](own_servers, "operations", "finance")
        own_servers.have_both()
        struck.go_on()
        struck.ends()
    assert recover(apart) == undisturbed


@pytest.mark.fault("F028")
@pytest.mark.parametrize("first", BOOKS)
def test_both_servers_and_the_engine_die_at_once(
    own_servers: TwoServers, apart: Books, undisturbed: tuple[Digest, Digest], first: str
) -> None:
    send_all(apart)
    with engine(apart, stop_at={"CP10": 1}) as doomed:
        assert doomed.says() == "at CP10"
        for server in own_servers.of.values():
            server.kill()
        doomed.kill()

    own_servers.of[first].ensure()
    own_servers.have_both()

    assert recover(apart) == undisturbed


@pytest.mark.fault("F029")
def test_power_fails_with_fsync_on(short_path: Path) -> None:
    """Both servers stop without flushing a page; what was committed is in the log on disk."""
    servers = TwoServers(short_path, {"fsync": "on", "full_page_writes": "on"})
    try:
        servers.start()
        power_fails(servers)
    finally:
        servers.erase()


def power_fails(servers: TwoServers) -> None:
    with books_of(servers) as books:
        plant(books)
        send_all(books)
        with engine(books, stop_at={"CP13": 1}) as doomed:
            assert doomed.says() == "at CP13"
            for server in servers.of.values():
                server.stop("immediate")
            doomed.kill()
        servers.have_both()
        recover(books)


@pytest.mark.fault("F032", "F047")
@pytest.mark.parametrize("place", DELIVERY)
def test_an_engine_frozen_beyond_its_lease_does_no_harm(
    apart: Books, undisturbed: tuple[Digest, Digest], place: str
) -> None:
    """Another takes over, and ends the session that holds the inbox row; the first then wakes."""
    send_all(apart)
    with engine(apart, stop_at={place: 1}) as frozen:
        assert frozen.says() == f"at {place}"
        frozen.freeze()
        let_free_leases_run_out(apart)
        with engine(apart, stop_at={}) as successor:
            successor.ends()
        frozen.thaw()
        frozen.go_on()
        frozen.ends()
        assert recover(apart) == undisturbed


def let_free_leases_run_out(books: Books) -> None:
    """Make leases a thing of the past, but those of rows the frozen engine is just deleting."""
    with books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE dualwrite.pending SET leased_until = '2026-01-01' WHERE (company, set_id) IN ("
            " SELECT company, set_id FROM dualwrite.pending WHERE leased_until IS NOT NULL"
            " FOR UPDATE SKIP LOCKED)"
        )


@pytest.mark.fault("F121")
def test_a_backend_that_is_killed_restarts_its_server(
    own_servers: TwoServers, apart: Books, undisturbed: tuple[Digest, Digest]
) -> None:
    """As the out-of-memory killer does: one process of the server gets SIGKILL."""
    send_all(apart)
    with engine(apart, stop_at={"CP10": 1}) as struck:
        assert struck.says() == "at CP10"
        with own_servers.admin_of("finance") as connection:
            (victim,) = connection.execute(
                "SELECT pid FROM pg_catalog.pg_stat_activity WHERE usename = 'twofold_dualwrite'"
                " AND state = 'idle in transaction'"
            ).fetchone() or (0,)
        own_servers.of["finance"].signal_one(victim, signal.SIGKILL)
        wait_until(own_servers.of["finance"].is_up)
        struck.go_on()
        struck.ends()
    wait_until(own_servers.of["finance"].is_up)

    assert recover(apart) == undisturbed


LARGE = 20_000


@pytest.mark.fault("F008", "F035")
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
@pytest.mark.parametrize(
    "strike",
    [pytest.param(one, marks=crash("forward", "CP08", KIND_OF[one])) for one in KIND_OF],
)
def test_the_stream_breaks(
    own_servers: TwoServers, apart: Books, share: float, strike: str
) -> None:
    send_costs(apart, 1, first=1, count=LARGE)
    door = own_servers.door["finance"]
    with engine(apart, stop_at={"CP07": 1, "CP09": 1}, through=doors(own_servers)) as measured:
        assert measured.says() == "at CP07"
        before = door.passed["to_server"]
        measured.go_on()
        assert measured.says() == "at CP09"
        stream = door.passed["to_server"] - before
    let_leases_run_out(apart.owner_operations)

    with engine(apart, stop_at={"CP07": 1}, through=doors(own_servers)) as struck:
        assert struck.says() == "at CP07"
        door.hold_after(int(share * stream))
        struck.go_on()
        assert door.held.wait(30)
        if strike == "the engine":
            struck.kill()
        else:
            STRIKES[strike](own_servers, "operations", "finance")
            own_servers.have_both()
        door.go_on()
        struck.ends()
    recover(apart)
    apart.then(f"""
        finance:dualwrite.inbox
        company    set_id  row_count
        {COMPANY}  1       {LARGE}
    """)
