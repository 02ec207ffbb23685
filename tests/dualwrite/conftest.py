"""Fixtures of the tests of dual-write: a planted company, and books that a module shares."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.dualwrite.planted import plant
from tests.support.books import Books
from tests.support.server import TestServer


@pytest.fixture
def world(books: Books) -> Books:
    """Give books that share one company with a customer, a contract and a project."""
    plant(books)
    return books


@pytest.fixture(scope="module")
def standing_books(server: TestServer) -> Generator[Books]:
    """Give two books that no test of the module changes."""
    with server.fresh_pair() as pair:
        books = Books(server, pair)
        yield books
        books.close()
