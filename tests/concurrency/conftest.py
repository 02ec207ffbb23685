"""Fixtures of the races: the planted company of the tests of dual-write."""

from __future__ import annotations

import pytest

from tests.dualwrite.planted import plant
from tests.support.books import Books


@pytest.fixture
def world(books: Books) -> Books:
    """Give books that share one company with a customer, a contract and a project."""
    plant(books)
    return books
