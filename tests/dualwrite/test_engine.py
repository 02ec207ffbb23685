"""The standing process: takes sets across by itself, lives with a book that is away, ends well."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from psycopg import sql

from tests.concurrency.waiting import wait_until
from tests.dualwrite.planted import APPROVAL, send, send_approval, send_confirmation, send_costs
from tests.faults.checker import broken_promises
from tests.faults.sets import POSTING
from tests.support.books import Books
from twofold.database.connection import Book, BookName
from twofold.dualwrite.run.engine import Engine, Plan, drain
from twofold.dualwrite.run.heartbeat import Heartbeat, engines
from twofold.dualwrite.sets.route import Route

NAMES: tuple[BookName, BookName] = ("operations", "finance")


def open_routes(books: Books, application: str) -> tuple[Route, Route]:
    databases = (books.pair.operations, books.pair.finance)
    operations, finance = (
        Book(
            name,
            books.server.embedded.dsn_to(database, "twofold_dualwrite"),
            "twofold_dualwrite",
            application=application,
            connections_max=4,
        )
        for name, database in zip(NAMES, databases, strict=True)
    )
    maps = books.server.active_maps()
    return Route(operations, finance, maps), Route(finance, operations, maps)


@contextmanager
def running(books: Books, *, name: str = "one") -> Generator[Engine]:
    """Run an engine of two workers each way beside the test."""
    plan = Plan(
        engine=Heartbeat(name, "here", 1),
        workers=2,
        open_routes=lambda application: open_routes(books, application),
        watch=lambda: None,
        jitter=lambda: 0.0,
    )
    engine = Engine(plan)
    thread = threading.Thread(target=engine.run)
    thread.start()
    try:
        yield engine
    finally:
        engine.stop()
        thread.join()


def acknowledged(books: Books) -> int:
    return sum(_count(one) for one in (books.auditor_operations, books.auditor_finance))


def _count(book: Book) -> int:
    with book.raw() as connection:
        (count,) = connection.execute("SELECT count(*) FROM dualwrite.acknowledged").fetchone() or (
            0,
        )
    return int(count)


def test_sets_are_taken_across_both_ways_as_they_are_sealed(world: Books) -> None:
    with running(world):
        send_approval(world)
        wait_until(lambda: acknowledged(world) == 1)
        send_confirmation(world)
        send_costs(world, 3, first=31, count=20)
        world.given(POSTING)
        send(
            world, 1, kind="journal_posting", stream="journal/1", keys=(1, 2), book=world.finance
        )  # fmt: skip
        wait_until(lambda: acknowledged(world) == 4)

    assert not broken_promises(world)


@pytest.mark.fault("F002")
def test_a_set_nobody_spoke_of_is_found(world: Books) -> None:
    """Its row was there before the engine listened, and no notice was sent for it since."""
    send_approval(world)

    with running(world):
        wait_until(lambda: acknowledged(world) == 1)


@pytest.mark.fault("F033", "F040")
def test_a_book_that_was_away_gets_what_was_sealed_meanwhile(world: Books) -> None:
    with running(world):
        send_costs(world, 1, first=10, count=1)
        wait_until(lambda: acknowledged(world) == 1)
        let_finance_in(world, "false")
        end_sessions(world)
        for set_id in (2, 3, 4):
            send_costs(world, set_id, first=set_id * 10, count=1)
        let_finance_in(world, "true")
        wait_until(lambda: acknowledged(world) == 4)

    assert not broken_promises(world)


def test_an_engine_says_that_it_lives_and_that_it_leaves(world: Books) -> None:
    with running(world, name="seven"):
        wait_until(lambda: named(world) == ["seven"])

    assert named(world) == []


def named(books: Books) -> list[str]:
    with books.auditor_finance.reader() as reader:
        return [one.engine for one in engines(reader)]


def test_two_engines_share_the_work(world: Books) -> None:
    world.given(APPROVAL)
    with running(world, name="one"), running(world, name="two"):
        send(world, 1, kind="approval", stream="approval/1", keys=(1, 2))
        for set_id in range(2, 30):
            send_costs(world, set_id, first=100 * set_id, count=3)
        wait_until(lambda: acknowledged(world) == 29)

    assert not broken_promises(world)


def test_draining_takes_what_waits_both_ways(on_both_ways: Books) -> None:
    routes = open_routes(on_both_ways, "once")

    done = drain(routes)

    assert (done.applied, done.problems) == (2, [])
    for book in (routes[0].source, routes[0].target):
        book.close()


@pytest.fixture
def on_both_ways(world: Books) -> Books:
    """Give books with one set on its way in each direction."""
    send_approval(world)
    world.given(POSTING)
    send(world, 1, kind="journal_posting", stream="journal/1", keys=(1, 2), book=world.finance)
    return world


def let_finance_in(books: Books, allowed: str) -> None:
    with books.server.embedded.admin() as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(
                sql.Identifier(books.pair.finance), sql.Identifier(allowed)
            )
        )


def end_sessions(books: Books) -> None:
    with books.server.embedded.admin() as connection:
        connection.execute(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
            " WHERE datname = %s AND application_name LIKE 'twofold/dualwrite/%%'",
            (books.pair.finance,),
        )
