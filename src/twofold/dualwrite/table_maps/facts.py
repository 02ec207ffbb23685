"""What the catalogues of both books say about the tables of a map."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.table_maps.language import TableMap


@dataclass(frozen=True, slots=True)
class ColumnFact:
    """One column of a table or view, and what the role of the session may do with it."""

    table_name: str
    column_name: str
    type: str
    travels_as: str
    is_of_view: bool
    is_nullable: bool
    is_required: bool
    is_computed: bool
    is_deterministic: bool
    codes: list[str]
    checks: list[str]
    may_select: bool
    may_insert: bool
    may_update: bool

    def known_codes(self) -> list[str]:
        """Give the codes the column can hold; none when it can hold anything."""
        listed = [codes for codes in map(_listed, self.checks) if codes]
        return self.codes or (listed[0] if listed else [])


@dataclass(frozen=True, slots=True)
class Key:
    """Columns that a unique index covers."""

    table_name: str
    is_valid: bool
    columns: list[str]


@dataclass(frozen=True, slots=True)
class Conversion:
    """Whether what a column sends converts to the type it travels in, and that type has a hash."""

    name: str
    converts: bool
    is_hashed: bool


@dataclass(frozen=True, slots=True)
class Server:
    """What must be alike on both sides, or known."""

    encoding: str
    time_zone: str
    major: int


SQL: Final = SqlFile(__name__)
COLUMNS: Final = SQL.query("columns", gives=ColumnFact)
KEYS: Final = SQL.query("keys", gives=Key)
CONVERSIONS: Final = SQL.query("conversions", gives=Conversion)
SERVER: Final = SQL.query("server", gives=Server)

# `CHECK ((state = ANY (ARRAY['a'::text, 'b'::text])))`, in the server's words.
_ANY: Final = re.compile(
    r"CHECK \(\(\(?\w+\)?(?:::text)? = ANY \(\(?ARRAY\[(.*)\]\)?.*\)\)\)", re.DOTALL
)
_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'::")


def _listed(check: str) -> list[str]:
    found = _ANY.fullmatch(check)
    literals: list[str] = _LITERAL.findall(found[1]) if found else []
    return [one.replace("''", "'") for one in literals]


@dataclass(frozen=True, slots=True)
class Side:
    """One book: the columns by table, its unique keys, its server."""

    columns: dict[str, dict[str, ColumnFact]]
    keys: list[Key]
    server: Server

    def of(self, table: str) -> dict[str, ColumnFact]:
        """Give the columns of a table; none when there is no such table."""
        return self.columns.get(table, {})

    def is_unique(self, table: str, columns: set[str], *, exactly: bool = False) -> bool | None:
        """Tell whether rows are unique in these columns; None when only an invalid index says so.

        ``exactly`` asks for an index over these columns and no fewer.
        """
        fitting = [
            one.is_valid
            for one in self.keys
            if one.table_name == table
            and (set(one.columns) == columns if exactly else set(one.columns) <= columns)
        ]
        if any(fitting):
            return True
        return None if fitting else False


def read_side(reader: Reader, tables: list[str]) -> Side:
    """Read what a book knows about tables. What does not exist is left out."""
    columns: dict[str, dict[str, ColumnFact]] = {}
    for one in reader.all(COLUMNS, tables=tables):
        columns.setdefault(one.table_name, {})[one.column_name] = one
    return Side(columns, reader.all(KEYS, tables=tables), reader.one(SERVER))


def tables_of(table_map: TableMap) -> tuple[list[str], list[str]]:
    """Name the tables a map needs: in its source, and in its target with those it looks into."""
    parts = (*table_map.columns.values(), *table_map.lookups.values())
    looked_into = [one.lookup.rpartition(".")[0] for one in parts if one.lookup]
    target = list(dict.fromkeys([table_map.target.table, *looked_into]))
    return [table_map.source.table], target


_NAMED: Final = re.compile(r"'[^']*'|\bs\.([A-Za-z_]\w*)")


def source_columns(table_map: TableMap) -> list[str]:
    """Name every column of the source that the map reads, those in expressions too."""
    parts = (*table_map.columns.values(), *table_map.lookups.values())
    texts = [table_map.source.filter, *(one.expression for one in table_map.columns.values())]
    in_texts = [name for text in texts for name in _NAMED.findall(text) if name]
    named = [
        "company", table_map.source.set_column, table_map.source.key_column,
        *(one.source for one in parts), *in_texts,
    ]  # fmt: skip
    return list(dict.fromkeys(filter(None, named)))


def looked_up_columns(table_map: TableMap) -> dict[str, list[str]]:
    """Name, by table of the target, the columns that lookups read there."""
    found: dict[str, list[str]] = {}
    for part in (*table_map.columns.values(), *table_map.lookups.values()):
        if part.lookup:
            table, _, column = part.lookup.rpartition(".")
            found.setdefault(table, []).extend(filter(None, (column, part.gives)))
    return found
