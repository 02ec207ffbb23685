"""Typed statements from the .sql file beside a module.

``SQL = SqlFile(__name__)`` reads ``confirm.sql`` beside ``confirm.py``. A section starts at
``-- name: xyz`` and holds one statement with psycopg's own ``%(name)s`` placeholders. The
module ties each section to the record its rows become; a section that does not exist fails
when the module is imported, and a test compares every section with the migrated schema.

Comment lines are dropped, so a per cent sign in a comment is never taken for a placeholder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from importlib import resources
from typing import Final, Generic, LiteralString, TypeVar, cast

R = TypeVar("R")

_SECTION: Final = re.compile(r"^-- name: *(\w+) *$", re.MULTILINE)
_COMMENT: Final = re.compile(r"^\s*--.*\n?", re.MULTILINE)
_PARAMETER: Final = re.compile(r"(?<!%)%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Command:
    """A statement that gives no rows."""

    name: str
    text: LiteralString
    parameters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Query(Generic[R]):
    """A statement whose rows become records, columns matched to fields by name."""

    name: str
    text: LiteralString
    parameters: frozenset[str]
    gives: type[R]


@dataclass(slots=True)
class SqlFile:
    """The sections of one .sql file. ``declared`` keeps what the module made of them."""

    module: str
    sections: dict[str, str] = field(init=False)
    declared: dict[str, Command | Query[object]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        package, _, stem = self.module.rpartition(".")
        text = resources.files(package).joinpath(f"{stem}.sql").read_text(encoding="utf-8")
        self.sections = read_sections(text)

    def query(self, name: str, *, gives: type[R]) -> Query[R]:
        """Tie the section ``name`` to the record its rows become."""
        text = self._text(name)
        query = Query(f"{self.module}:{name}", text, parameters_of(text), gives)
        self.declared[name] = cast("Query[object]", query)  # the registry forgets the record
        return query

    def command(self, name: str) -> Command:
        """Take the section ``name`` as a statement without rows."""
        text = self._text(name)
        command = Command(f"{self.module}:{name}", text, parameters_of(text))
        self.declared[name] = command
        return command

    def _text(self, name: str) -> LiteralString:
        assert name in self.sections, f"{self.module}: no section «{name}» in its .sql file"
        # The text is a file of this package, under review like any source: as literal as a
        # string in the module. This cast is the only one; nothing else may make SQL from text.
        return cast("LiteralString", self.sections[name])


def read_sections(text: str) -> dict[str, str]:
    """Split a file at its ``-- name:`` lines into statements without comment lines."""
    before, *parts = _SECTION.split(text)
    assert not _COMMENT.sub("", before).strip(), "SQL before the first «-- name:» line"
    sections: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        assert name not in sections, f"two sections are named «{name}»"
        statement = _COMMENT.sub("", body).strip().removesuffix(";").rstrip()
        assert statement, f"section «{name}» is empty"
        sections[name] = statement
    return sections


def parameters_of(text: str) -> frozenset[str]:
    """Name the ``%(name)s`` placeholders of a statement."""
    return frozenset(_PARAMETER.findall(text))
