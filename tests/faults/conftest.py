"""Fixtures of the fault tests: books with sets on their way, in both directions."""

from __future__ import annotations

import pytest

from tests.dualwrite.planted import plant
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
