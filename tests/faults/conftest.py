"""Fixtures of the fault tests: books with sets on their way, in both directions."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.dualwrite.planted import plant
from tests.faults.servers import TwoServers, books_of
from tests.faults.sets import send_all
from tests.support.books import Books


@pytest.fixture
def world(books: Books) -> Books:
    """Give books that share one company with a customer, a contract and a project."""
    plant(books)
    return books


@pytest.fixture
def on_their_way(world: Books) -> Books:
    """Give books with three approvals, a confirmation and set-up sent, and a posting sent back."""
    send_all(world)
    return world


@pytest.fixture(scope="session")
def own_servers() -> Generator[TwoServers]:
    """Give two servers that only the tests of this worker use, and may kill."""
    home = Path(tempfile.mkdtemp(prefix="tf2-", dir="/tmp"))
    home.chmod(0o711)
    servers = TwoServers(home)
    try:
        servers.start()
        yield servers
    finally:
        servers.erase()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def apart(own_servers: TwoServers) -> Generator[Books]:
    """Give books on servers of their own that share one company with all it needs."""
    with books_of(own_servers) as books:
        plant(books)
        yield books
