"""The network: refused, reset, silent, slow, thin, flapping; nothing is lost and it heals.

Where the fault matrix says an hour, the test lasts as long as the engine needs to notice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.concurrency.waiting import wait_until
from tests.dualwrite.planted import (
    AFTER_LEASE,
    deliver,
    let_leases_run_out,
    send_costs,
)
from tests.faults.engine import Engine, engine
from tests.faults.matrix import deliver_all, recover
from tests.faults.observer import Observer
from tests.faults.report import KINDS
from tests.faults.servers import BOOKS, DUALWRITE, TwoServers
from tests.faults.sets import BACK, FORWARD, send_all
from tests.support.books import Books
from twofold.database.connection import Book, session_conninfo
from twofold.dualwrite.sets.deliver import Route, deliver_sets
from twofold.kernel.errors import Fault

LARGE = 20_000


@contextmanager
def through_doors(servers: TwoServers, books: Books, *, options: str = "") -> Generator[Route]:
    """Give the route from operations to finance through both doors."""
    here, there = (
        Book(name, f"{servers.dsn_through_door(name)}{options}", DUALWRITE) for name in BOOKS
    )
    try:
        yield Route(here, there, books.server.active_maps())
    finally:
        here.close()
        there.close()


def applied(books: Books, book: str = "finance") -> int:
    owner = books.owner_finance if book == "finance" else books.owner_operations
    with owner.raw() as connection:
        (count,) = connection.execute("SELECT count(*) FROM dualwrite.inbox").fetchone() or (0,)
    return int(count)


@contextmanager
def standing(servers: TwoServers, books: Books) -> Generator[Engine]:
    """Give an engine that goes on whatever happens, through both doors."""
    through = {book: servers.dsn_through_door(book) for book in BOOKS}
    with engine(books, stop_at={}, through={**through, "loop": "yes"}) as one:
        yield one


@pytest.mark.fault("F033", "F034")
@pytest.mark.parametrize("away", BOOKS)
def test_a_book_that_refuses_connections_holds_up_nobody_else(
    own_servers: TwoServers, apart: Books, away: str
) -> None:
    """An hour in the matrix; here until the engine has met the refusal a few times."""
    own_servers.door[away].refuse()
    with standing(own_servers, apart) as one:
        for _ in range(3):
            assert one.says().startswith("fault")
        # Users of both books work on: the sets queue.
        send_all(apart)
        assert (applied(apart, "finance"), applied(apart, "operations")) == (0, 0)

        own_servers.door[away].open()

        wait_until(lambda: applied(apart, "finance") == FORWARD)
        wait_until(lambda: applied(apart, "operations") == BACK)
    recover(apart)


@pytest.mark.fault("F036")
@pytest.mark.parametrize("silent", BOOKS)
def test_a_black_hole_is_noticed(own_servers: TwoServers, apart: Books, silent: str) -> None:
    """Every packet is dropped in the middle of a delivery, without a reset.

    A book's own time-outs add up to the half minute of the matrix; here they are shorter.
    """
    send_all(apart)
    assert longest_silence(session_conninfo("", role=DUALWRITE, application="")) <= 30
    hasty = " connect_timeout=2 tcp_user_timeout=3000"
    assert longest_silence(hasty) == 5
    through = {book: f"{own_servers.dsn_through_door(book)}{hasty}" for book in BOOKS}
    with engine(apart, stop_at={"CP10": 1}, through=through) as one:
        assert one.says() == "at CP10"
        own_servers.door[silent].black_hole()
        began = time.monotonic()
        one.go_on()
        one.ends()
        noticed_after = time.monotonic() - began
    own_servers.door[silent].open()

    # No single wait is longer; an engine that ends has several, one after the other.
    assert noticed_after < 90
    wait_until(lambda: no_backend_works_for_dualwrite(own_servers))
    recover(apart)


def longest_silence(conninfo: str) -> float:
    """Give how many seconds pass until a silent server is given up, and another try to connect."""
    given = conninfo_to_dict(conninfo)
    return float(given["connect_timeout"]) + float(given["tcp_user_timeout"]) / 1000


def no_backend_works_for_dualwrite(servers: TwoServers) -> bool:
    """Tell whether both servers have noticed that the client is gone."""
    for book in BOOKS:
        with servers.admin_of(book) as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM pg_catalog.pg_stat_activity"
                " WHERE usename = %s AND xact_start IS NOT NULL",
                (DUALWRITE,),
            ).fetchone() or (0,)
        if count:
            return False
    return True


@pytest.mark.fault("F012", "F037")
@pytest.mark.parametrize(
    "kind", [pytest.param(one, marks=pytest.mark.fault(f"CP12/{one}")) for one in KINDS]
)
def test_a_commit_whose_answer_is_lost_is_asked_for_in_the_inbox(
    own_servers: TwoServers, apart: Books, kind: str
) -> None:
    """CP12: the server has committed, the engine cannot know; then it, or the server, dies."""
    send_costs(apart, 1, first=1, count=20)
    through = {book: own_servers.dsn_through_door(book) for book in BOOKS}
    door = own_servers.door["finance"]
    with engine(apart, stop_at={"CP11": 1}, through=through) as one:
        assert one.says() == "at CP11"
        door.lose_answer_to(b"COMMIT")
        one.go_on()
        assert door.swallowed.wait(30)
        if kind == "engine":
            one.kill()
        elif kind == "server":
            own_servers.of["finance"].kill()
            own_servers.have_both()
        one.ends()
    assert applied(apart) == 1, "the server committed"

    let_leases_run_out(apart.owner_operations)
    again = deliver(apart, now=AFTER_LEASE)

    assert (again.applied, again.already_applied) in {(0, 1), (0, 0)}
    recover(apart)


@pytest.mark.fault("F012")
def test_a_lost_answer_to_the_acknowledgement_changes_nothing(
    own_servers: TwoServers, apart: Books
) -> None:
    send_costs(apart, 1, first=1, count=20)
    through = {book: own_servers.dsn_through_door(book) for book in BOOKS}
    door = own_servers.door["operations"]
    with engine(apart, stop_at={"CP14": 1}, through=through) as one:
        assert one.says() == "at CP14"
        door.lose_answer_to(b"COMMIT")
        one.go_on()
        assert door.swallowed.wait(30)
        one.ends()
    recover(apart)


@pytest.mark.fault("F038")
def test_half_a_second_each_way_is_slow_and_no_error(own_servers: TwoServers, apart: Books) -> None:
    """Half a second scaled to 50 ms: a large set arrives, and nothing takes it for a fault."""
    send_costs(apart, 1, first=1, count=LARGE)
    send_costs(apart, 2, first=LARGE + 1, count=LARGE)
    with through_doors(own_servers, apart) as route:
        assert deliver_sets(route, company="USPM", set_ids=[1]).rows == LARGE
        for door in own_servers.door.values():
            door.delay_seconds = 0.05
        assert deliver_sets(route, company="USPM", set_ids=[2]).rows == LARGE
    recover(apart)


@pytest.mark.fault("F039")
def test_a_thin_line_completes_and_other_sets_are_not_starved(
    own_servers: TwoServers, apart: Books
) -> None:
    """A megabit and 100,000 lines, scaled to 16 Mbit/s and 20,000: seconds instead of minutes."""
    send_costs(apart, 1, first=1, count=LARGE)
    send_costs(apart, 2, first=LARGE + 1, count=1)
    own_servers.door["finance"].bytes_per_second = 2_000_000 / 1
    with (
        through_doors(own_servers, apart) as large,
        through_doors(own_servers, apart) as small,
        ThreadPoolExecutor(max_workers=1) as threads,
    ):
        on_its_way = threads.submit(deliver_sets, large, company="USPM", set_ids=[1])
        assert deliver_sets(small, company="USPM", set_ids=[2]).applied == 1
        assert on_its_way.result().rows == LARGE
    recover(apart)


@pytest.mark.fault("F040")
def test_a_flapping_line_makes_progress_without_a_storm(
    own_servers: TwoServers, apart: Books
) -> None:
    """Ten minutes of two seconds up, two down, scaled to six rounds of half a second."""
    for number in range(1, 41):
        send_costs(apart, number, first=number * 10, count=5)
    door = own_servers.door["finance"]
    before = door.accepted
    flapping = threading.Event()

    def flap() -> None:
        for _ in range(6):
            door.refuse()
            time.sleep(0.5)
            door.open()
            time.sleep(0.5)
        flapping.set()

    with (
        Observer("finance", own_servers.of["finance"].dsn("finance", "twofold_auditor")) as seen,
        standing(own_servers, apart),
    ):
        threading.Thread(target=flap, daemon=True).start()
        assert flapping.wait(60)
        wait_until(lambda: applied(apart) == 40)
    assert not seen.wrong
    assert door.accepted - before < 200, "no storm of connections"
    recover(apart)


@pytest.mark.fault("F041")
def test_a_book_that_moves_to_another_address_is_found_there(
    own_servers: TwoServers, apart: Books
) -> None:
    """The name's address changes: how to reach the server is asked anew for each connection."""
    send_costs(apart, 1, first=1, count=3)
    answers = [own_servers.dsn_through_door("finance")]
    here = Book("operations", own_servers.dsn_through_door("operations"), DUALWRITE)
    there = Book("finance", lambda: answers[-1], DUALWRITE)
    route = Route(here, there, apart.server.active_maps())
    assert deliver_sets(route).applied == 1

    own_servers.door["finance"].refuse()
    answers.append(own_servers.of["finance"].dsn("finance", DUALWRITE))
    send_costs(apart, 2, first=10, count=3)

    assert deliver_after_faults(route) == 1
    here.close()
    there.close()
    recover(apart)


def deliver_after_faults(route: Route) -> int:
    """Deliver; a passing fault is met once for each connection that had been open."""
    for _ in range(10):
        try:
            return deliver_sets(route).applied
        except Fault as fault:
            if not fault.transient:
                raise
    return 0


@pytest.mark.fault("F047")
def test_engines_that_each_believe_to_be_alone_apply_every_set_once(
    own_servers: TwoServers, apart: Books
) -> None:
    """Four engines, and their leases are taken from them again and again while they work."""
    for number in range(1, 61):
        send_costs(apart, number, first=number * 10, count=5)
    with (
        Observer("finance", own_servers.of["finance"].dsn("finance", "twofold_auditor")) as seen,
        standing(own_servers, apart),
        standing(own_servers, apart),
        standing(own_servers, apart),
        standing(own_servers, apart),
    ):
        while applied(apart) < 60:
            end_leases_not_in_use(apart)
    assert not seen.wrong
    deliver_all(apart)
    recover(apart)


def end_leases_not_in_use(books: Books) -> None:
    """Make leases a thing of the past, of the sets that no engine is changing at this moment.

    Engines lock sets in an order of their own: waiting for one with others in hand could close a
    circle.
    """
    with books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE dualwrite.pending SET leased_until = pending.leased_until - interval '1 day',"
            " next_attempt_at = pending.next_attempt_at - interval '1 day'"
            " FROM (SELECT company, set_id FROM dualwrite.pending"
            " WHERE leased_until IS NOT NULL OR next_attempt_at IS NOT NULL"
            " FOR UPDATE SKIP LOCKED) AS free"
            " WHERE pending.company = free.company AND pending.set_id = free.set_id"
        )
