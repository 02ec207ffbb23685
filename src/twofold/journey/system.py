"""Both books, opened: as each role that works in them, with the active maps between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from twofold.database.connection import Book, BookName
from twofold.dualwrite.sets.deliver import Route
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.activate import ActiveMap, activate_maps, active_maps, read_maps

# Gives the connection string of a book for a role.
Dsn = Callable[[BookName, str], str]


@dataclass(frozen=True, slots=True)
class System:
    """The two books as the roles that keep them, as dual-write and as auditor."""

    operations: Book
    finance: Book
    dualwrite_operations: Book
    dualwrite_finance: Book
    auditor_operations: Book
    auditor_finance: Book
    maps: tuple[ActiveMap, ...]
    now: Callable[[], datetime]

    @property
    def forward(self) -> Route:
        """From operations to finance."""
        return Route(self.dualwrite_operations, self.dualwrite_finance, self.maps, self.now)

    @property
    def back(self) -> Route:
        """From finance to operations."""
        return Route(self.dualwrite_finance, self.dualwrite_operations, self.maps, self.now)

    @property
    def sealer(self) -> Sealer:
        """Seals the sets of operations."""
        return Sealer("operations", self.maps)

    def close(self) -> None:
        """Close every connection."""
        for book in (
            self.operations, self.finance, self.dualwrite_operations, self.dualwrite_finance,
            self.auditor_operations, self.auditor_finance,
        ):  # fmt: skip
            book.close()


def open_system(dsn: Dsn, *, now: Callable[[], datetime]) -> System:
    """Open both books with the maps recorded as active.

    Before  both databases are migrated and maps were activated (``activate_shipped_maps``).
    """
    dualwrite_operations = _book(dsn, "operations", "twofold_dualwrite")
    with dualwrite_operations.reader() as reader:
        maps = active_maps(reader)
    return System(
        operations=_book(dsn, "operations", "twofold_operations", Sealer("operations", maps)),
        finance=_book(dsn, "finance", "twofold_finance", Sealer("finance", maps)),
        dualwrite_operations=dualwrite_operations,
        dualwrite_finance=_book(dsn, "finance", "twofold_dualwrite"),
        auditor_operations=_book(dsn, "operations", "twofold_auditor"),
        auditor_finance=_book(dsn, "finance", "twofold_auditor"),
        maps=maps,
        now=now,
    )


def activate_shipped_maps(dsn: Dsn, *, actor: str, at: datetime) -> tuple[str, ...]:
    """Activate the maps that ship with the product; give those that were not active before."""
    operations = _book(dsn, "operations", "twofold_dualwrite")
    finance = _book(dsn, "finance", "twofold_dualwrite")
    try:
        return activate_maps(
            read_maps("twofold.maps"), operations=operations, finance=finance, actor=actor, at=at
        )
    finally:
        operations.close()
        finance.close()


def _book(dsn: Dsn, name: BookName, role: str, sealer: Sealer | None = None) -> Book:
    return Book(name, dsn(name, role), role, before_commit=sealer)
