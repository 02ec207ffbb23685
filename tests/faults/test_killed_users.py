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
def business(books: Books, book: str, *, first: int = 1, last: int = 3) -> Generator[Engine]:
    """Start a user's process that writes a set and stops before and after its commit."""
    database = books.pair.operations if book == "operations" else books.pair.finance
    told = {
        "book": book,
        "dsn": books.server.embedded.dsn_to(database, f"twofold_{book}"),
        "first": first,
        "last": last,
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


PLACES = [
    pytest.param("operations", "CP01", marks=pytest.mark.fault("F001")),
    pytest.param("finance", "CP16", marks=pytest.mark.fault("F016")),
]


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


@pytest.mark.fault("F001", "F026")
@pytest.mark.parametrize("book", TABLES)
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


@pytest.mark.fault("F002")
@pytest.mark.parametrize("book", TABLES)
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
@pytest.mark.parametrize("book", TABLES)
def test_what_a_user_committed_survives_the_server(
    own_servers: TwoServers, apart: Books, book: str
) -> None:
    with business(apart, book) as user:
        user.says()
        user.go_on()
        assert user.says() == "at CP02"
        own_servers.of[book].kill()
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
