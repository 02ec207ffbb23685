"""Killing a user's process: its transaction happened whole, set included, or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.architecture.sources import ROOT
from tests.dualwrite.planted import deliver
from tests.faults.checker import broken_promises
from tests.faults.engine import Engine, engine
from tests.faults.matrix import recover
from tests.faults.servers import TwoServers
from tests.support.books import Books

NOTHING = """
    {book}:dualwrite.outbox
    set_id

    {book}:dualwrite.pending
    set_id

    {table}
    actual_id
"""
TABLES = {"operations": "operations.actual", "finance": "finance.project_transaction"}


@contextmanager
def business(books: Books, book: str, *, dsn: str | None = None) -> Generator[Engine]:
    """Start a user's process that writes a set and stops before and after its commit."""
    database = books.pair.operations if book == "operations" else books.pair.finance
    told = {
        "book": book,
        "dsn": dsn or books.server.embedded.dsn_to(database, f"twofold_{book}"),
        "first": 1,
        "last": 3,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.business", json.dumps(told)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        started = Engine(process)
        try:
            yield started
        finally:
            started.kill()


BEFORE = {"operations": "CP01", "finance": "CP16"}
PLACES = [
    pytest.param("operations", "CP01", marks=pytest.mark.fault("F001", "CP01/engine")),
    pytest.param("finance", "CP16", marks=pytest.mark.fault("F016", "CP16/engine")),
]


def at_each(kind: str) -> pytest.MarkDecorator:
    """Strike the users of both books in this way, before their commit."""
    return pytest.mark.parametrize(
        "book",
        [pytest.param(one, marks=pytest.mark.fault(f"{BEFORE[one]}/{kind}")) for one in TABLES],
    )


@pytest.mark.parametrize(("book", "place"), PLACES)
def test_a_user_who_dies_before_the_commit_leaves_nothing(
    world: Books, book: str, place: str
) -> None:
    with business(world, book) as user:
        assert user.says() == f"at {place}"
        user.kill()

    world.then(NOTHING.format(book=book, table=TABLES[book]))
    assert deliver(world).applied == 0
    assert not broken_promises(world, quiet=True)


@pytest.mark.fault("F001", "F016", "F026")
@at_each("server")
def test_a_server_that_dies_before_the_commit_leaves_nothing(
    own_servers: TwoServers, apart: Books, book: str
) -> None:
    with business(apart, book) as user:
        user.says()
        own_servers.of[book].kill()
        own_servers.have_both()
        user.go_on()
        user.ends()

    apart.then(NOTHING.format(book=book, table=TABLES[book]))
    recover(apart)


@pytest.mark.fault("F001", "F016")
@at_each("connection")
def test_a_line_that_is_cut_before_the_commit_leaves_nothing(
    own_servers: TwoServers, apart: Books, book: str
) -> None:
    dsn = own_servers.dsn_through_door(book, f"twofold_{book}")
    with business(apart, book, dsn=dsn) as user:
        assert user.says() == f"at {BEFORE[book]}"
        own_servers.door[book].cut()
        user.go_on()
        assert user.ends() != 0, "the user is told"

    apart.then(NOTHING.format(book=book, table=TABLES[book]))
    recover(apart)


@pytest.mark.fault("F002")
@pytest.mark.parametrize(
    "book", [pytest.param("operations", marks=pytest.mark.fault("CP02/engine")), "finance"]
)
def test_what_a_user_committed_before_dying_is_found_without_being_told(
    world: Books, book: str
) -> None:
    """The standing engine starts later than the notification; it looks for itself."""
    with business(world, book) as user:
        user.says()
        user.go_on()
        assert user.says() == "at CP02"
        user.kill()

    direction = ("operations", "finance") if book == "operations" else ("finance", "operations")
    with engine(world, direction=direction, stop_at={}) as late:
        assert late.says() == "done 1 0 0"
    assert not broken_promises(world, quiet=True)


@pytest.mark.fault("F002", "F026")
@pytest.mark.parametrize(
    ("book", "struck"),
    [
        pytest.param("operations", "server", marks=pytest.mark.fault("CP02/server")),
        pytest.param("operations", "connection", marks=pytest.mark.fault("CP02/connection")),
        ("finance", "server"),
    ],
)
def test_what_a_user_committed_survives_the_server(
    own_servers: TwoServers, apart: Books, book: str, struck: str
) -> None:
    with business(apart, book, dsn=own_servers.dsn_through_door(book, f"twofold_{book}")) as user:
        user.says()
        user.go_on()
        assert user.says() == "at CP02"
        if struck == "server":
            own_servers.of[book].kill()
        else:
            own_servers.door[book].cut()
    own_servers.have_both()

    recover(apart)
    apart.then(f"""
        {book}:dualwrite.pending
        set_id
    """)
    received = "finance" if book == "operations" else "operations"
    apart.then(f"""
        {received}:dualwrite.inbox
        set_id  stream
        1       of/business
    """)
