"""Make table maps the active ones: checked against both books and recorded in both.

Before  both databases are migrated.
After   each map's version, with its definition and the column types it was compiled against,
        is recorded in both books under its content hash, and the map is running.
Next    every program that starts reads the active maps from the book (``active_maps``), not
        from files, so that all of them seal and deliver with the same ones.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from importlib import resources
from typing import Final

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.table_maps.check import check_map
from twofold.dualwrite.table_maps.compile import compile_map
from twofold.dualwrite.table_maps.compiled import ColumnType, CompiledMap
from twofold.dualwrite.table_maps.language import MapMistake, TableMap, read_map


@dataclass(frozen=True, slots=True)
class ActiveMap:
    """A compiled map as the book records it. ``state`` is one of the map states."""

    compiled: CompiledMap
    content_hash: str
    state: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """A map and the text it was read from."""

    map: TableMap
    text: str


@dataclass(frozen=True, slots=True)
class _Recorded:
    map: str
    content_hash: str
    state: str
    definition: str
    columns: str


SQL: Final = SqlFile(__name__)
RECORD: Final = SQL.command("record")
RUN: Final = SQL.command("run")
ACTIVE: Final = SQL.query("active", gives=_Recorded)
VERSION: Final = SQL.query("version", gives=_Recorded)


def read_maps(package: str) -> tuple[Declaration, ...]:
    """Read every map file of a package, each after the maps it follows.

    Raises  MapMistake: a file is not TOML, breaks the language, names a map that does not
            exist, has the id of another, or the maps follow each other in a circle.
    """
    declarations: dict[str, Declaration] = {}
    for entry in sorted(resources.files(package).iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            text = entry.read_text(encoding="utf-8")
            try:
                content = tomllib.loads(text)
            except tomllib.TOMLDecodeError as error:
                raise MapMistake(f"{entry.name}: {error}") from error
            table_map = read_map(content, file=entry.name)
            if table_map.id in declarations:
                raise MapMistake(f"{entry.name}: id: another file has the map {table_map.id}")
            declarations[table_map.id] = Declaration(table_map, text)
    # In the order of the files, never of a set: every program must find the same one.
    followed = {one.map.id: one.map.follows for one in declarations.values()}
    unknown = {name for names in followed.values() for name in names} - followed.keys()
    if unknown:
        raise MapMistake(f"follows: no map {', '.join(sorted(unknown))}")
    try:
        order = tuple(TopologicalSorter(followed).static_order())
    except CycleError as error:
        raise MapMistake(f"follows: maps in a circle: {' → '.join(error.args[1])}") from error
    return tuple(declarations[name] for name in order)


def activate_maps(
    declarations: tuple[Declaration, ...],
    *,
    operations: Book,
    finance: Book,
    actor: str,
    at: datetime,
) -> tuple[str, ...]:
    """Check, compile and record the maps; give the ids of those that were not active before.

    Before  ``operations`` and ``finance`` are the books as the dual-write role.
    Raises  Refused as ``check_map`` does; then no map was activated.
    """
    books = {"operations": operations, "finance": finance}
    checked = [
        (
            one,
            check_map(
                one.map, source=books[one.map.source_book], target=books[one.map.target_book]
            ),
        )
        for one in declarations
    ]
    changed: set[str] = set()
    for book in books.values():
        with book.transaction() as transaction:
            changed |= _record(transaction, checked, actor=actor, at=at)
    return tuple(one.map.id for one, _ in checked if one.map.id in changed)


def _record(
    transaction: Transaction,
    checked: list[tuple[Declaration, CompiledMap]],
    *,
    actor: str,
    at: datetime,
) -> set[str]:
    """Record the maps in one book; give the ids of the versions this book did not have."""
    changed: set[str] = set()
    for position, (declaration, compiled) in enumerate(checked):
        columns = json.dumps([asdict(column) for column in compiled.columns])
        content_hash = _content_hash(declaration.text, columns)
        recorded = transaction.run(
            RECORD,
            map=compiled.map.id,
            map_version=compiled.map.version,
            content_hash=content_hash,
            definition=declaration.text,
            columns=columns,
            actor=actor,
            at=at,
        )
        transaction.run(
            RUN,
            map=compiled.map.id,
            content_hash=content_hash,
            position=position,
            actor=actor,
            at=at,
        )
        if recorded:
            changed.add(compiled.map.id)
    return changed


def active_maps(reader: Reader) -> tuple[ActiveMap, ...]:
    """Give the active maps of a book, each after the maps it follows."""
    return tuple(_compiled(recorded) for recorded in reader.all(ACTIVE))


def map_version(reader: Reader, *, map_id: str, content_hash: str) -> ActiveMap:
    """Give the version of a map that a set was sealed with, active or not."""
    return _compiled(reader.one(VERSION, map=map_id, content_hash=content_hash))


def _compiled(recorded: _Recorded) -> ActiveMap:
    table_map = read_map(tomllib.loads(recorded.definition), file=recorded.map)
    columns = tuple(ColumnType(**column) for column in json.loads(recorded.columns))
    return ActiveMap(compile_map(table_map, columns), recorded.content_hash, recorded.state)


def _content_hash(definition: str, columns: str) -> str:
    return hashlib.sha256(f"{definition}\0{columns}".encode()).hexdigest()
