"""Both books, opened: as each role that works in them, with the active maps between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from twofold.database.connection import Book, BookName
from twofold.dualwrite.sets.deliver import Route
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.activate import (
    ActiveMap,
    activate_maps,
    active_maps,
    finish_activation,
)
from twofold.dualwrite.table_maps.declare import Declaration, read_maps
from twofold.kernel.errors import Fault

# Gives the connection string of a book for a role.
Dsn = Callable[[BookName, str], str]

BOOKS: Final[tuple[BookName, BookName]] = ("operations", "finance")


@dataclass(frozen=True, slots=True)
class System:
    """The two books, each as the roles that work in it; who may sign in; and the jobs."""

    operations: Book
    finance: Book
    dualwrite_operations: Book
    dualwrite_finance: Book
    auditor_operations: Book
    auditor_finance: Book
    access: Book
    jobs: Book
    maps: tuple[ActiveMap, ...]
    now: Callable[[], datetime]
    # The maps as this program declares them: what activating makes the active ones.
    declared: Callable[[], tuple[Declaration, ...]] = (
        lambda: declared_maps()  # noqa: PLW0108 - defined further down
    )

    @property
    def forward(self) -> Route:
        """From operations to finance."""
        return Route(self.dualwrite_operations, self.dualwrite_finance, self.maps)

    @property
    def back(self) -> Route:
        """From finance to operations."""
        return Route(self.dualwrite_finance, self.dualwrite_operations, self.maps)

    @property
    def sealer(self) -> Sealer:
        """Seals the sets of operations."""
        return Sealer("operations", self.maps)

    def refreshed(self) -> System:
        """Give the same books with the maps that are active now: others may have been activated."""
        with self.auditor_operations.reader() as reader:
            current = self.sealer.current_maps(reader, company="")
        maps = tuple(one for one in current if one.state not in {"draft", "retired"})
        hashes = [one.content_hash for one in maps]
        return (
            self if hashes == [one.content_hash for one in self.maps] else replace(self, maps=maps)
        )

    def close(self) -> None:
        """Close every connection."""
        for book in (
            self.operations, self.finance, self.dualwrite_operations, self.dualwrite_finance,
            self.auditor_operations, self.auditor_finance, self.access, self.jobs,
        ):  # fmt: skip
            book.close()


def open_system(
    dsn: Dsn, *, now: Callable[[], datetime], maps_of: BookName = "operations"
) -> System:
    """Open both books with the maps recorded as active in one of them, which answers.

    Before  both databases are migrated and maps were activated (``activate_shipped_maps``).
    After   an activation that was cut short between the books is finished, if both answer.
    """
    dualwrite_operations = _book(dsn, "operations", "twofold_dualwrite")
    dualwrite_finance = _book(dsn, "finance", "twofold_dualwrite")
    try:
        finish_activation(operations=dualwrite_operations, finance=dualwrite_finance)
    except Fault as fault:
        # One book works on while the other is away; whoever opens both next finishes it.
        if not fault.transient:
            raise
    books = {"operations": dualwrite_operations, "finance": dualwrite_finance}
    with books[maps_of].reader() as reader:
        maps = active_maps(reader)
    return System(
        operations=_book(dsn, "operations", "twofold_operations", Sealer("operations", maps)),
        finance=_book(dsn, "finance", "twofold_finance", Sealer("finance", maps)),
        dualwrite_operations=dualwrite_operations,
        dualwrite_finance=dualwrite_finance,
        auditor_operations=_book(dsn, "operations", "twofold_auditor"),
        auditor_finance=_book(dsn, "finance", "twofold_auditor"),
        access=_book(dsn, "operations", "twofold_access"),
        jobs=_book(dsn, "operations", "twofold_jobs"),
        maps=maps,
        now=now,
    )


def open_routes(
    dsn: Dsn,
    maps: tuple[ActiveMap, ...],
    *,
    application: str,
    proof: Callable[[], None] | None = None,
) -> tuple[Route, Route]:
    """Give both directions, with sessions of their own that go by the name ``application``.

    ``proof`` is called for each new session, and raises when the books are no pair any more: a
    book that was restored or replaced meanwhile is only ever met by a new session.

    The two routes share them: close the books of one, and those of the other are closed.
    """
    operations, finance = (
        Book(
            name,
            lambda name=name: dsn(name, "twofold_dualwrite"),
            "twofold_dualwrite",
            connections_max=4,
            application=application,
            on_connect=proof,
        )
        for name in BOOKS
    )
    return Route(operations, finance, maps), Route(finance, operations, maps)


def declared_maps(overrides: Path | None = None) -> tuple[Declaration, ...]:
    """Read the maps that ship with the product, with what an environment's directory adds."""
    return read_maps("twofold.maps", overrides=overrides)


def activate_shipped_maps(
    dsn: Dsn,
    *,
    actor: str,
    at: datetime,
    overrides: Path | None = None,
    only: tuple[str, ...] | None = None,
) -> tuple[str, ...]:
    """Activate the declared maps (or only those named); give those whose version changed."""
    operations = _book(dsn, "operations", "twofold_dualwrite")
    finance = _book(dsn, "finance", "twofold_dualwrite")
    try:
        return activate_maps(
            declared_maps(overrides),
            operations=operations,
            finance=finance,
            actor=actor,
            at=at,
            only=only,
        )
    finally:
        operations.close()
        finance.close()


def _book(dsn: Dsn, name: BookName, role: str, sealer: Sealer | None = None) -> Book:
    # Asked for each connection: a password may have changed, or the server moved.
    return Book(name, lambda: dsn(name, role), role, before_commit=sealer)
