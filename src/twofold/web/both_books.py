"""Pages that look into both books, one of which may be away: the rest is shown all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from twofold.database.connection import Book
from twofold.database.transaction import Reader
from twofold.kernel.errors import Fault
from twofold.web.asked import Asked

T = TypeVar("T")


@dataclass(slots=True)
class Found:
    """Rows of both books, and the books that did not answer."""

    away: list[str] = field(default_factory=list[str])

    def of(self, books: Iterable[Book], read: Callable[[Reader], T]) -> list[tuple[str, T]]:
        """Read something of each book that answers, with the book's name."""
        found: list[tuple[str, T]] = []
        for book in books:
            try:
                with book.reader() as reader:
                    found.append((book.name, read(reader)))
            except Fault as fault:
                if not fault.transient:
                    raise
                if book.name not in self.away:
                    self.away.append(book.name)
        return found


def reading_books(asked: Asked) -> tuple[Book, Book]:
    """Give both books for looking."""
    return asked.system.auditor_operations, asked.system.auditor_finance
