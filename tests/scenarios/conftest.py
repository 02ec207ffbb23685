"""Stories, whose books are in order when they end."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

import pytest

from tests.scenarios.support import Story
from tests.support.books import Books
from twofold.finance.setup.records import FinanceSetup
from twofold.operations.setup.records import OperationsSetup


class Tell(Protocol):
    """Begins the story of a test."""

    def __call__(
        self, *, operations: OperationsSetup | None = None, finance: FinanceSetup | None = None
    ) -> Story:
        """Set both books up, as the cast has it unless told otherwise."""
        ...


@pytest.fixture
def tell(books: Books) -> Generator[Tell]:
    """Give the beginning of a story; at its end every invariant and agreement must hold."""
    told: list[Story] = []

    def begin(
        *, operations: OperationsSetup | None = None, finance: FinanceSetup | None = None
    ) -> Story:
        told.append(Story(books, operations=operations, finance=finance))
        return told[-1]

    yield begin
    for story in told:
        story.holds()


@pytest.fixture
def story(tell: Tell) -> Story:
    """Give a story with the cast's setup."""
    return tell()
