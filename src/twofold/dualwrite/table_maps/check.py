"""A map against the live schemas of both books: everything wrong with it, before anything runs.

What the catalogues show is checked column by column; then every statement of the compiled map
is run on no set at all, as the dual-write role, so that what PostgreSQL itself would object to
(types, privileges, a key that is not unique) is found now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.table_maps.compile import compile_map
from twofold.dualwrite.table_maps.compiled import ColumnType, CompiledMap
from twofold.dualwrite.table_maps.language import TableMap
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refusal, Refused


@dataclass(frozen=True, slots=True)
class _Column:
    column: str
    type: str
    travels_as: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class _Key:
    columns: list[str]


SQL: Final = SqlFile(__name__)
COLUMNS: Final = SQL.query("columns", gives=_Column)
KEYS: Final = SQL.query("keys", gives=_Key)

# What an expression or a filter may be made of.
_WORD: Final = re.compile(r"'[^'%\\]*'|--|/\*|[A-Za-z_][\w.]*|\d+(?:\.\d+)?|::|<>|<=|>=|\|\||\S")
_SIGNS: Final = frozenset("(),=<>+-*/") | {"<>", "<=", ">=", "||", "::"}
_ALLOWED: Final = frozenset({
    "and", "or", "not", "is", "null", "in", "case", "when", "then", "else", "end", "true", "false",
    "between", "coalesce", "nullif", "round", "abs", "upper", "lower", "trim", "length", "left",
    "right", "substr", "concat", "greatest", "least", "date", "text", "bigint", "integer",
    "numeric", "boolean",
})  # fmt: skip


def check_map(table_map: TableMap, *, source: Book, target: Book) -> CompiledMap:
    """Check a map against the books as they are and give it compiled.

    Raises  Refused with every finding: ERR-D10 the source lacks a table or column, ERR-D11 the
            target does, ERR-D12 an expression is not allowed, ERR-D13 a lookup leads nowhere,
            ERR-D14 the target key is not unique, ERR-D15 a required column is not mapped,
            ERR-D16 the books themselves object to the compiled statements.
    """
    with source.reader() as here, target.reader() as there:
        sources = _columns(here, table_map.source.table)
        targets = _columns(there, table_map.target.table)
        lookups = {
            name: _columns(there, column.lookup.rpartition(".")[0])
            for name, column in table_map.columns.items()
            if column.lookup
        }
        keys = [set(key.columns) for key in there.all(KEYS, table=table_map.target.table)]
    findings = [
        *_expressions(table_map),
        *_sources(table_map, sources),
        *_targets(table_map, targets, keys),
        *_lookups(table_map, lookups),
    ]
    if findings:
        raise Refused(*findings)
    types = tuple(
        ColumnType(
            name,
            targets[name].type,
            targets[name].travels_as,
            lookup_is_shared=name in lookups and "company" not in lookups[name],
        )
        for name in table_map.columns
    )
    compiled = compile_map(table_map, types)
    _try(compiled, source, target)
    return compiled


def _columns(reader: Reader, table: str) -> dict[str, _Column]:
    return {one.column: one for one in reader.all(COLUMNS, table=table)}


def _finding(code: str, table_map: TableMap, field: str, value: str, reason: str) -> Refusal:
    return refuse(code, f"map/{table_map.id}", field=field, value=value, reason=reason)


def _expressions(table_map: TableMap) -> Iterator[Refusal]:
    pieces = {"source.filter": table_map.source.filter}
    pieces |= {f"columns.{name}": one.expression for name, one in table_map.columns.items()}
    for field, text in pieces.items():
        for word in _WORD.findall(text):
            literal = word[0].isdigit() or (word.startswith("'") and len(word) > 1)
            named = literal or word.startswith("s.")
            if not (named or word in _SIGNS or word.lower() in _ALLOWED):
                yield _finding("ERR-D12", table_map, field, word, f"{word} is not allowed here")
        if not _closes_what_it_opens(text):
            yield _finding("ERR-D12", table_map, field, text, "its parentheses do not match")


def _closes_what_it_opens(text: str) -> bool:
    """Tell whether a piece stays a piece: it may not close the parentheses around it."""
    depth = 0
    for word in _WORD.findall(text):
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth < 0:
            return False
    return depth == 0


def _sources(table_map: TableMap, columns: dict[str, _Column]) -> Iterator[Refusal]:
    source = table_map.source
    if not columns:
        yield _finding("ERR-D10", table_map, "source.table", source.table, "no such table")
        return
    asked = {f"columns.{name}": one.source for name, one in table_map.columns.items()}
    asked |= {"source.set_column": source.set_column, "source.key_column": source.key_column}
    for field, column in asked.items():
        if column and column not in columns:
            reason = f"{source.table} has no column {column}"
            yield _finding("ERR-D10", table_map, field, column, reason)


def _targets(
    table_map: TableMap, columns: dict[str, _Column], keys: list[set[str]]
) -> Iterator[Refusal]:
    target = table_map.target
    if not columns:
        yield _finding("ERR-D11", table_map, "target.table", target.table, "no such table")
        return
    for name in table_map.columns:
        if name not in columns:
            reason = f"{target.table} has no column {name}"
            yield _finding("ERR-D11", table_map, f"columns.{name}", name, reason)
    for name, column in columns.items():
        if column.is_required and name not in table_map.columns:
            reason = f"{target.table} needs {name}"
            yield _finding("ERR-D15", table_map, "columns", name, reason)
    if set(target.key) not in keys:
        reason = f"{target.table} has no unique key of exactly these columns"
        yield _finding("ERR-D14", table_map, "target.key", ", ".join(target.key), reason)


def _lookups(table_map: TableMap, lookups: dict[str, dict[str, _Column]]) -> Iterator[Refusal]:
    for name, columns in lookups.items():
        lookup = table_map.columns[name].lookup
        if lookup.rpartition(".")[2] not in columns:
            yield _finding("ERR-D13", table_map, f"columns.{name}", lookup, "no such column")


def _try(compiled: CompiledMap, source: Book, target: Book) -> None:
    """Run the statements on no set; what fails now would fail on every set."""
    try:
        with source.reader() as here:
            _try_reading(compiled, here)
        with target.transaction() as there:
            _try_applying(compiled, there)
    except Fault as fault:
        if fault.transient:
            raise
        reason = str(fault).splitlines()[0]
        raise Refused(_finding("ERR-D16", compiled.map, "", "", reason)) from fault


def _try_reading(compiled: CompiledMap, here: Reader) -> None:
    here.all(compiled.measure, company="", set_ids=[])
    if compiled.standing is not None:
        here.all(compiled.standing, company="", set_ids=[])
    if compiled.excluded is not None:
        here.all(compiled.excluded, company="", set_ids=[])
    if compiled.distinct is not None:
        here.all(compiled.distinct, company="", set_ids=[])
    if compiled.unknown is not None:
        here.all(compiled.unknown, company="", set_ids=[])


def _try_applying(compiled: CompiledMap, there: Transaction) -> None:
    there.run(compiled.stage)
    there.all(compiled.received)
    if compiled.missing is not None:
        there.all(compiled.missing)
    there.run(compiled.apply)
