"""Run every invariant: queries that return the offending rows, and none when all is well.

``invariants/operations/*.sql`` and ``invariants/finance/*.sql`` each look at one book.
``invariants/agree_<name>.operations.sql`` and ``….finance.sql`` are a pair: the same columns
asked of both books, whose rows must be equal as multisets. Rows are compared as text, so both
sides cast their numbers to the same scale.

The comment lines that open a file are the sentence shown to people.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, LiteralString, TypeVar, cast

from twofold.database.statement import Query
from twofold.database.transaction import Reader, connection_of, driver_errors

if TYPE_CHECKING:
    from twofold.database.connection import BookName

R = TypeVar("R")

INVARIANTS: Final = Path(__file__).parent / "invariants"
# Enough rows to find the cause; the count says how bad it is.
ROWS_HELD_MAX: Final = 20

# A row as agreements compare it, and as people read it: name=value, in the query's order.
_PLAIN: Final = "r::text"
_NAMED: Final = """(
    SELECT string_agg(pair.name || '=' || coalesce(pair.value, '-'), ' ' ORDER BY pair.place)
    FROM json_each_text(row_to_json(r)) WITH ORDINALITY AS pair (name, value, place)
)"""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One file: its name, the sentence it opens with, its query."""

    name: str
    sentence: str
    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold: how many rows offend, and the first of them as text."""

    invariant: str
    sentence: str
    row_count: int
    rows: tuple[str, ...]

    @property
    def is_between_the_books(self) -> bool:
        """Whether it is an agreement, read at two moments, one per book."""
        return self.invariant.startswith("agree_")


def read_invariant(path: Path) -> Invariant:
    """Read one file; it must open with a comment that says what holds."""
    text = path.read_text(encoding="utf-8")
    opening: list[str] = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        opening.append(line.removeprefix("--").strip())
    assert opening, f"{path.name}: the first line says in a comment what holds"
    return Invariant(path.stem, " ".join(opening), text.strip().removesuffix(";"))


def invariant_query(book: BookName, name: str, *, gives: type[R]) -> Query[R]:
    """Give an invariant of a book as a statement whose offending rows become records."""
    invariant = read_invariant(INVARIANTS / book / f"{name}.sql")
    # A reviewed file of this package, like any statement (see statement.py).
    text = cast("LiteralString", invariant.text)
    return Query(f"invariant:{name}", text, frozenset(), gives)


def check(*, operations: Reader, finance: Reader, directory: Path = INVARIANTS) -> list[Broken]:
    """Run all invariants of both books and all agreements between them; give what is broken."""
    broken = [
        *check_book(operations, "operations", directory=directory),
        *check_book(finance, "finance", directory=directory),
    ]
    for path in sorted(directory.glob("agree_*.operations.sql")):
        other = path.with_name(path.name.replace(".operations.sql", ".finance.sql"))
        ours, theirs = read_invariant(path), read_invariant(other)
        name = path.name.removesuffix(".operations.sql")
        with (
            _rows(operations, ours, "operations") as left,
            _rows(finance, theirs, "finance") as right,
        ):
            broken += held(Invariant(name, ours.sentence, ""), _differences(left, right))
    return broken


def check_book(reader: Reader, book: BookName, *, directory: Path = INVARIANTS) -> list[Broken]:
    """Run the invariants of one book; give what is broken."""
    broken: list[Broken] = []
    for path in sorted((directory / book).glob("*.sql")):
        invariant = read_invariant(path)
        with _rows(reader, invariant, path.stem, shown=_NAMED) as rows:
            broken += held(invariant, rows)
    return broken


@contextmanager
def _rows(
    reader: Reader, invariant: Invariant, cursor_name: str, *, shown: str = _PLAIN
) -> Generator[Iterator[str]]:
    """Stream the rows of a query as text, sorted by bytes: nothing is held on this side."""
    # Invariants are reviewed files of this package, like any statement (see statement.py).
    text = cast(
        "LiteralString",
        f'SELECT {shown} FROM (\n{invariant.text}\n) AS r ORDER BY r::text COLLATE "C"',  # noqa: S608 - see above
    )
    connection = connection_of(reader)
    with driver_errors(), connection.cursor(f"twofold_{cursor_name}") as cursor:
        # Whole tables meet whole tables here: no plan made for a handful of rows will do.
        connection.execute("SET LOCAL enable_nestloop = off")
        cursor.itersize = 10_000
        cursor.execute(text)
        yield (row[0] for row in cursor)


def _differences(left: Iterator[str], right: Iterator[str]) -> Iterator[str]:
    """Merge two sorted streams and give the rows that only one of them has."""
    ours, theirs = next(left, None), next(right, None)
    while ours is not None or theirs is not None:
        if ours == theirs:
            ours, theirs = next(left, None), next(right, None)
        elif theirs is None or (ours is not None and ours < theirs):
            yield f"operations only: {ours}"
            ours = next(left, None)
        else:
            yield f"finance only: {theirs}"
            theirs = next(right, None)


def held(invariant: Invariant, rows: Iterator[str]) -> list[Broken]:
    """Count the rows that break an invariant and keep the first; nothing when there is none."""
    first: list[str] = []
    count = 0
    for count, row in enumerate(rows, start=1):
        if count <= ROWS_HELD_MAX:
            first.append(row)
    return [Broken(invariant.name, invariant.sentence, count, tuple(first))] if count else []
