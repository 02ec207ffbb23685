"""The pieces generated SQL is made of, and the one door through which it becomes a statement.

Only the compilers may import this module (an import contract says so). Identifiers and
literals are quoted by the driver; parameters stay placeholders.
"""

from __future__ import annotations

from typing import LiteralString, TypeVar, cast

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from twofold.database.statement import Command, Query, parameters_of

__all__ = [
    "SQL",
    "Composable",
    "Composed",
    "Identifier",
    "Literal",
    "command",
    "query",
    "text",
    "trusted",
]

R = TypeVar("R")


def text(composed: Composable) -> str:
    """Render composed SQL as text, for people to read and for golden files."""
    return composed.as_string(None)


def query(name: str, composed: Composable, *, gives: type[R]) -> Query[R]:
    """Make composed SQL a typed query."""
    rendered = _literal(composed)
    return Query(name, rendered, parameters_of(rendered), gives)


def command(name: str, composed: Composable) -> Command:
    """Make composed SQL a statement without rows."""
    rendered = _literal(composed)
    return Command(name, rendered, parameters_of(rendered))


def trusted(piece: str) -> LiteralString:
    """Vouch for a piece of SQL that came from elsewhere than source code.

    Before  it was checked word by word (map expressions), or the server named it (types).
    """
    return cast("LiteralString", piece)


def _literal(composed: Composable) -> LiteralString:
    # Made of quoted identifiers, quoted literals and reviewed pieces only: as safe as a literal.
    return cast("LiteralString", text(composed))
