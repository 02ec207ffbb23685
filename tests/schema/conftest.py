"""Fixtures of the schema tests: two books that no test changes, as every role sees them."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.dualwrite.planted import deliver, plant, send_approval, send_confirmation
from tests.support.books import Books
from tests.support.server import TestServer


@pytest.fixture(scope="module")
def standing_books(server: TestServer) -> Generator[Books]:
    """Give books in which a proforma was confirmed and delivered; no test commits a change."""
    with server.fresh_pair() as pair:
        books = Books(server, pair)
        plant(books)
        send_approval(books)
        send_confirmation(books)
        assert deliver(books).applied == 2
        yield books
        books.close()
