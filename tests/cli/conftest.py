"""The program run in this process, on the books of a test."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.cli.program import Program, urls_of
from tests.support.books import Books
from tests.support.server import TestServer


@pytest.fixture
def twofold(books: Books) -> Program:
    """Give the program on two fresh books."""
    return Program(urls_of(books.server, books.pair))


@pytest.fixture(scope="module")
def shared(server: TestServer) -> Generator[Program]:
    """Give the program on two books that the tests of a module share."""
    with server.fresh_pair() as pair:
        yield Program(urls_of(server, pair))
