"""The words table maps are written in: frozen records, read from TOML, without I/O.

A map says which rows of a source table become which rows of a target table, in which sets
they travel, and where each target column comes from: one of a source column (``from``), a
``constant``, an SQL ``expression`` over the source row ``s``, or the set itself (``set``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec

BookName = Literal["operations", "finance"]


_TABLE: Final = re.compile(r"[a-z_]\w*\.[a-z_]\w*")


class MapMistake(Exception):
    """A map file says something the language does not have. Holds file and reason."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where rows come from.

    ``set_column`` holds the id of the set a row belongs to; without it, every row of the
    company travels with each set. ``key_column`` holds the key that the set's block bounds:
    the access path to facts. ``filter`` decides which rows leave; the rest are counted.
    """

    table: str
    set_column: str = ""
    key_column: str = ""
    filter: str = ""


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where rows go. ``key`` identifies a row; ``free`` must not be taken by another key."""

    table: str
    key: tuple[str, ...]
    free: tuple[str, ...] = ()
    taken_code: str = "ERR-D04"


class Totals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the manifest adds up: target columns to ``sum``, per combination of ``by``."""

    by: tuple[str, ...]
    sum: tuple[str, ...]


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one target column comes from, and what must be true of it.

    ``values`` translates codes; a code it does not list is refused. ``lookup`` names
    ``schema.table.column`` of the target book, where the value must exist in the company;
    ``missing`` is the error code shown when it does not.
    """

    source: str = msgspec.field(default="", name="from")
    constant: str = ""
    expression: str = ""
    from_set: Literal["", "set_id", "version"] = msgspec.field(default="", name="set")
    values: dict[str, str] = {}
    lookup: str = ""
    missing: str = "ERR-D05"


class TableMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table map.

    ``rows`` tells facts, which are only ever added and are read where they stand, from state,
    which is captured when the set is made and overwrites older state.
    """

    id: str
    name: str
    version: str
    about: str
    source_book: BookName
    target_book: BookName
    rows: Literal["facts", "state"]
    travels_in: tuple[str, ...]
    source: Source
    target: Target
    columns: dict[str, Column]
    follows: tuple[str, ...] = ()
    totals: Totals | None = None


def read_map(content: dict[str, Any], *, file: str) -> TableMap:
    """Turn the content of a map file into a map, or say what is wrong with it.

    Raises  MapMistake, naming the file, the place in it and the reason.
    """
    try:
        table_map = msgspec.convert(content, TableMap)
    except msgspec.ValidationError as error:
        raise MapMistake(f"{file}: {error}") from error
    for mistake in _mistakes(table_map):
        raise MapMistake(f"{file}: {mistake}")
    return table_map


def _mistakes(table_map: TableMap) -> list[str]:
    found = [mistake for name in table_map.columns for mistake in _column_mistakes(table_map, name)]
    found += [
        f"target.key: {key} is not among the columns"
        for key in (*table_map.target.key, *table_map.target.free)
        if key not in table_map.columns
    ]
    for place in ("source", "target"):
        table = table_map.source.table if place == "source" else table_map.target.table
        if not _TABLE.fullmatch(table):
            found.append(f"{place}.table: {table} is not schema.table")
    if table_map.source_book == table_map.target_book:
        found.append("source_book and target_book are the same")
    if table_map.rows == "facts" and not table_map.source.set_column:
        found.append("source.set_column: facts are found by the set they are tagged with")
    return found


def _column_mistakes(table_map: TableMap, name: str) -> Iterator[str]:
    column = table_map.columns[name]
    origins = (column.source, column.constant, column.expression, column.from_set)
    if sum(map(bool, origins)) != 1:
        yield f"columns.{name}: needs exactly one of from, constant, expression, set"
    if column.values and not column.source:
        yield f"columns.{name}: values translate what comes from a column"
    # It would be read as the beginning of a parameter.
    if any("%" in text for text in (column.constant, *column.values, *column.values.values())):
        yield f"columns.{name}: a per cent sign in a constant or in values"
    table, _, looked_up = column.lookup.rpartition(".")
    if column.lookup and not (_TABLE.fullmatch(table) and looked_up.isidentifier()):
        yield f"columns.{name}.lookup: {column.lookup} is not schema.table.column"
