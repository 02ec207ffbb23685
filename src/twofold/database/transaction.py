"""What a process may do with a book: read rows, run statements, never commit.

A process gets a Transaction from the edge that opened it, and the edge closes it. Driver
errors leave this module as words of ours: ConstraintBroken for what a constraint forbids,
Fault for everything else, with ``transient`` set when the same work may succeed later.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg
from psycopg.rows import class_row

from twofold.kernel.errors import Fault

if TYPE_CHECKING:
    from twofold.database.change_set import ChangeSet
    from twofold.database.statement import Command, Query

R = TypeVar("R")

# SQLSTATEs after which the same work may succeed: serialization failure, deadlock, lock timeout,
# idle session ended, statement cancelled, server going down or coming up, and the classes
# 08 (connection) and 53 (resources).
_TRANSIENT: Final = frozenset({
    "40001", "40P01", "55P03", "25P03", "57014", "57P01", "57P02", "57P03", "57P05",
})  # fmt: skip
_TRANSIENT_CLASSES: Final = ("08", "53")


class ConstraintBroken(Exception):
    """A constraint forbids the row. The process that knows ``name`` says what it means.

    ``detail`` holds the server's whole answer; it may quote the row, so it is never shown.
    """

    def __init__(self, name: str, message: str, detail: str) -> None:
        self.name = name
        self.detail = detail
        super().__init__(f"{name}: {message}")


@contextmanager
def driver_errors() -> Generator[None]:
    """Turn errors of the driver into ConstraintBroken or Fault; the server's words are kept."""
    try:
        yield
    except psycopg.IntegrityError as error:
        diag = error.diag
        name = diag.constraint_name or diag.column_name or "constraint"
        message = diag.message_primary or str(error).partition("\n")[0]
        detail = " ".join(filter(None, (message, diag.message_detail)))
        raise ConstraintBroken(name, message, detail) from error
    except psycopg.Error as error:
        raise Fault(
            str(error).strip(), transient=_is_transient(error), state=error.sqlstate or ""
        ) from error


def _is_transient(error: psycopg.Error) -> bool:
    state = error.sqlstate
    if state is None:
        # No answer from the server: the connection was lost or never made.
        return isinstance(error, psycopg.OperationalError)
    return state in _TRANSIENT or state.startswith(_TRANSIENT_CLASSES)


class Reader:
    """Rows of one book as of one moment."""

    __slots__ = ("_connection",)

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def all(self, query: Query[R], **given: object) -> list[R]:
        """Give every row, in the order of the statement."""
        with driver_errors(), self._connection.cursor(row_factory=class_row(query.gives)) as cursor:
            return cursor.execute(query.text, _exactly(query, given)).fetchall()

    def first(self, query: Query[R], **given: object) -> R | None:
        """Give the first row, or None when there is none."""
        with driver_errors(), self._connection.cursor(row_factory=class_row(query.gives)) as cursor:
            return cursor.execute(query.text, _exactly(query, given)).fetchone()

    def one(self, query: Query[R], **given: object) -> R:
        """Give the row of a statement that always gives exactly one."""
        rows = self.all(query, **given)
        assert len(rows) == 1, f"{query.name} gave {len(rows)} rows, not one"
        return rows[0]


class Transaction(Reader):
    """One transaction of one book. ``sets`` are the change sets opened in it so far."""

    __slots__ = ("sets",)

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        super().__init__(connection)
        self.sets: list[ChangeSet] = []

    def run(self, command: Command, **given: object) -> int:
        """Run a statement without rows and tell how many rows it touched."""
        with driver_errors(), self._connection.cursor() as cursor:
            return cursor.execute(command.text, _exactly(command, given)).rowcount


def _exactly(
    statement: Command | Query[Any], given: Mapping[str, object]
) -> Mapping[str, object] | None:
    """Check that exactly the asked-for parameters are given; None when none are asked for.

    Without parameters the driver must not look for placeholders: a literal % stays a literal.
    """
    assert statement.parameters == given.keys(), (
        f"{statement.name} asks for {sorted(statement.parameters)}, given {sorted(given)}"
    )
    return given or None


def connection_of(reader: Reader) -> psycopg.Connection[Any]:
    """Give the driver's connection: for modules of the database package, and no one else."""
    # The one door; a test watches who goes through it.
    return reader._connection  # noqa: SLF001 - see above # pyright: ignore[reportPrivateUsage]
