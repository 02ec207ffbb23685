"""The words table maps are written in: frozen records, read from TOML, without I/O.

A map says which rows of a source table become which rows of a target table, in which sets
they travel, and where each target column comes from: one of a source column (``from``), a
``constant``, an SQL ``expression`` over the source row ``s``, the set itself (``set``), or what
a named lookup gives (``of``). What the map knows about a value it does with it in this order:
translate (``values``), round or cut (``round``, ``cut``), look it up in the target (``lookup``),
and take what is found there instead (``gives``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final, Literal

import msgspec

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused

BookName = Literal["operations", "finance"]


_TABLE: Final = re.compile(r"[a-z_]\w*\.[a-z_]\w*")
_VERSION: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")

BREAKS_THE_LANGUAGE: Final = "ERR-D40"
UNKNOWN_FOLLOWED: Final = "ERR-D41"
FOLLOWS_IN_A_CIRCLE: Final = "ERR-D42"
LOOKUPS_IN_A_CIRCLE: Final = "ERR-D56"


class MapMistake(Refused):
    """A map file cannot be read as a map: every mistake, each with the file and its place."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where rows come from.

    ``set_column`` holds the id of the set a row belongs to; without it, every row of the
    company travels with each set. ``key_column`` holds the key that the set's block bounds:
    the access path to facts. ``filter`` decides which rows leave; the rest are counted.
    ``left_scope`` says what a state row is that the filter lets go no more after it was sent:
    it stays in the target either way, and is reported, or kept as a matter of course.
    ``period`` names the target column whose month a row belongs to when books are compared.
    """

    table: str
    set_column: str = ""
    key_column: str = ""
    filter: str = ""
    left_scope: Literal["report", "keep"] = "report"
    period: str = ""


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


class Lookup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named lookup: a value of the source (``from``), or what another lookup gives (``of``).

    ``lookup`` names ``schema.table.column`` of the target book, where the value must exist in
    the company; ``gives`` is the column of that table whose value is taken.
    """

    lookup: str
    gives: str
    source: str = msgspec.field(default="", name="from")
    of: str = ""
    missing: str = "ERR-D05"


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one target column comes from, and what must be true of it.

    ``values`` translates codes; a code it does not list is refused, and so is one listed under
    ``never``, which says that the source could hold it and does not send it. ``round`` is the
    number of decimals to keep, half away from zero; ``cut`` the number of characters. ``lookup``
    names ``schema.table.column`` of the target book, where the value must exist in the company;
    ``missing`` is the error code shown when it does not. With ``gives`` the column takes what
    that column of the looked-up table holds. ``required`` vouches that rows which travel have a
    value, though the source column may be null. ``owner`` is the book whose value counts.
    """

    source: str = msgspec.field(default="", name="from")
    constant: str = ""
    expression: str = ""
    from_set: Literal["", "set_id", "version"] = msgspec.field(default="", name="set")
    of: str = ""
    values: dict[str, str] = {}
    never: tuple[str, ...] = ()
    round: int | None = None
    cut: int | None = None
    lookup: str = ""
    gives: str = ""
    missing: str = "ERR-D05"
    required: bool = False
    owner: Literal["", "operations", "finance"] = ""


class TableMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table map.

    ``rows`` tells facts, which are only ever added and are read where they stand, from state,
    which is captured when the set is made and overwrites older state. ``overridden`` names the
    columns and lookups that an environment added or mapped anew; no file says it itself.
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
    lookups: dict[str, Lookup] = {}
    follows: tuple[str, ...] = ()
    totals: Totals | None = None
    overridden: tuple[str, ...] = ()

    def owner_of(self, column: str) -> str:
        """Give the book whose value of a target column counts: the source, unless said."""
        return self.columns[column].owner or self.source_book

    def part(self, name: str) -> Column | Lookup:
        """Give a column, or a named lookup."""
        return self.columns.get(name) or self.lookups[name]

    def looks_at_itself(self, name: str) -> bool:
        """Tell whether a column or lookup looks into the table that the map fills."""
        return self.part(name).lookup.rpartition(".")[0] == self.target.table


def read_map(content: dict[str, Any], *, file: str) -> TableMap:
    """Turn the content of a map file into a map, or say what is wrong with it.

    Raises  MapMistake, naming the file, the places in it and the reasons: ERR-D40 it breaks the
            language, ERR-D56 its lookups go in a circle.
    """
    try:
        table_map = msgspec.convert(content, TableMap)
    except msgspec.ValidationError as error:
        raise MapMistake(mistake(file, str(error))) from error
    found = [mistake(file, one) for one in _mistakes(table_map)]
    found += [
        refuse(LOOKUPS_IN_A_CIRCLE, file, field="lookups", value=circle, reason=circle)
        for circle in _circle({name: (one.of,) for name, one in table_map.lookups.items()})
    ]
    if found:
        raise MapMistake(*found)
    return table_map


def mistake(file: str, reason: str) -> Refusal:
    """Make the refusal of a map file that breaks the language."""
    return refuse(BREAKS_THE_LANGUAGE, file, reason=reason)


def in_order(follows: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Put maps after those they follow, otherwise in the order given.

    Raises  MapMistake: ERR-D41 a followed map does not exist, ERR-D42 they go in a circle.
    """
    unknown = [
        refuse(UNKNOWN_FOLLOWED, f"map/{one}", field="follows", value=name, reason=f"no map {name}")
        for one, names in follows.items()
        for name in names
        if name not in follows
    ]
    if unknown:
        raise MapMistake(*unknown)
    for circle in _circle(follows):
        first = circle.partition(" ")[0]
        reason = f"maps in a circle: {circle}"
        raise MapMistake(
            refuse(
                FOLLOWS_IN_A_CIRCLE, f"map/{first}", field="follows", value=circle, reason=reason
            )
        )
    return tuple(TopologicalSorter(follows).static_order())


def _circle(followed: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    try:
        TopologicalSorter(followed).prepare()
    except CycleError as error:
        yield " → ".join(error.args[1])


def _mistakes(table_map: TableMap) -> list[str]:
    found = [one for name in table_map.columns for one in _column_mistakes(table_map, name)]
    found += [one for name in table_map.lookups for one in _lookup_mistakes(table_map, name)]
    found += _unknown_columns(table_map)
    for place in ("source", "target"):
        table = table_map.source.table if place == "source" else table_map.target.table
        if not _TABLE.fullmatch(table):
            found.append(f"{place}.table: {table} is not schema.table")
    if not _VERSION.fullmatch(table_map.version):
        found.append(f"version: {table_map.version} is not three numbers, as in 1.4.0")
    if table_map.source_book == table_map.target_book:
        found.append("source_book and target_book are the same")
    if table_map.rows == "facts" and not table_map.source.set_column:
        found.append("source.set_column: facts are found by the set they are tagged with")
    versioned = any(one.from_set == "version" for one in table_map.columns.values())
    if table_map.rows == "state" and not versioned:
        found.append('columns: state needs one with set = "version", to know newer from older')
    return found


def _unknown_columns(table_map: TableMap) -> Iterator[str]:
    named = [("target.key", one) for one in (*table_map.target.key, *table_map.target.free)]
    if table_map.source.period:
        named.append(("source.period", table_map.source.period))
    if table_map.totals is not None:
        named += [("totals", one) for one in (*table_map.totals.by, *table_map.totals.sum)]
    for place, name in named:
        column = table_map.columns.get(name)
        if column is None:
            yield f"{place}: {name} is not among the columns"
        elif column.of or column.gives:
            yield f"{place}: {name} is known in the target only, after a lookup gave it"


def _column_mistakes(table_map: TableMap, name: str) -> Iterator[str]:
    column = table_map.columns[name]
    origins = (column.source, column.constant, column.expression, column.from_set, column.of)
    if sum(map(bool, origins)) != 1:
        yield f"columns.{name}: needs exactly one of from, constant, expression, set, of"
    if (column.values or column.never) and not column.source:
        yield f"columns.{name}: values translate what comes from a column"
    # It would be read as the beginning of a parameter.
    if any(
        "%" in text
        for text in (column.constant, *column.never, *column.values, *column.values.values())
    ):
        yield f"columns.{name}: a per cent sign in a constant or in values"
    shaped = column.round is not None or column.cut is not None
    if shaped and (column.of or column.values or not (column.source or column.expression)):
        yield f"columns.{name}: round and cut shape what comes from a column or an expression"
    if (column.round or 0) < 0 or (column.cut or 1) < 1:
        yield f"columns.{name}: round is at least 0, cut at least 1"
    yield from _looked_up_mistakes(f"columns.{name}", column.lookup, column.gives)
    if column.of and column.of not in table_map.lookups:
        yield f"columns.{name}.of: there is no lookup {column.of}"


def _lookup_mistakes(table_map: TableMap, name: str) -> Iterator[str]:
    lookup = table_map.lookups[name]
    if bool(lookup.source) == bool(lookup.of):
        yield f"lookups.{name}: needs exactly one of from, of"
    if name in table_map.columns:
        yield f"lookups.{name}: a column has this name"
    if lookup.of and lookup.of not in table_map.lookups:
        yield f"lookups.{name}.of: there is no lookup {lookup.of}"
    yield from _looked_up_mistakes(f"lookups.{name}", lookup.lookup, lookup.gives)


def _looked_up_mistakes(place: str, lookup: str, gives: str) -> Iterator[str]:
    table, _, looked_up = lookup.rpartition(".")
    if lookup and not (_TABLE.fullmatch(table) and looked_up.isidentifier()):
        yield f"{place}.lookup: {lookup} is not schema.table.column"
    if gives and not lookup:
        yield f"{place}.gives: there is no lookup that could give it"
