"""Make table maps the active ones: checked against both books and recorded in both.

The operations book decides which version is active. Versions are recorded in both books first;
then the operations book switches, and the finance book takes over what it decided. A crash in
between leaves the old version active in finance only until anyone opens the books again:
``finish_activation`` is both the last step of activating and the repair.

Before  both databases are migrated.
After   each map's version, with its definition, the column types it was compiled against and the
        fingerprint of its tables, is recorded in both books, and the map is running; a map that
        is no longer declared is retired.
Next    every program reads the active maps from the book (``active_maps``), not from files, so
        that all of them seal and deliver with the same ones.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.table_maps.check import Examined, examine
from twofold.dualwrite.table_maps.compile import compile_map
from twofold.dualwrite.table_maps.compiled import ColumnType, CompiledMap
from twofold.dualwrite.table_maps.declare import Declaration, read_maps
from twofold.dualwrite.table_maps.fingerprint import fingerprint
from twofold.dualwrite.table_maps.judge_tables import judge_together
from twofold.dualwrite.table_maps.language import read_map
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

__all__ = ["ActiveMap", "Declaration", "activate_maps", "active_maps", "map_version", "read_maps"]

NO_SUCH_VERSION: Final = "ERR-D66"


@dataclass(frozen=True, slots=True)
class ActiveMap:
    """A compiled map as the book records it. ``state`` is one of the map states."""

    compiled: CompiledMap
    content_hash: str
    state: str


@dataclass(frozen=True, slots=True)
class _Recorded:
    map: str
    content_hash: str
    state: str
    definition: str
    columns: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A map as a book has it, retired or not, with the text of its active version."""

    map: str
    content_hash: str
    position: int
    state: str
    rolled_back_from: str | None
    changed_at: datetime
    changed_by: str
    map_version: str
    definition: str
    rolled_back_definition: str | None


@dataclass(frozen=True, slots=True)
class Activation:
    """One entry of the history of a map: ``activation`` is activated, rolled back or retired."""

    map: str
    activation_number: int
    activation: str
    content_hash: str
    map_version: str
    activated_at: datetime
    activated_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Version:
    """A version that is ready to become active: its text, and what examining it gave."""

    text: str
    compiled: CompiledMap
    columns: str
    content_hash: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class _Count:
    row_count: int


@dataclass(frozen=True, slots=True)
class _Taken:
    map: str


SQL: Final = SqlFile(__name__)
RECORD: Final = SQL.command("record")
SWITCH: Final = SQL.command("switch")
RETIRE: Final = SQL.command("retire")
REMEMBER: Final = SQL.command("remember")
LOCK: Final = SQL.query("lock", gives=_Count)
STANDING: Final = SQL.query("standing", gives=Standing)
TAKE_OVER: Final = SQL.query("take_over", gives=_Taken)
HISTORY: Final = SQL.query("history", gives=Activation)
TAKE_OVER_HISTORY: Final = SQL.command("take_over_history")
ACTIVE: Final = SQL.query("active", gives=_Recorded)
VERSION: Final = SQL.query("version", gives=_Recorded)


def _no_failpoint(name: str) -> None:
    """Go on."""


def activate_maps(  # noqa: PLR0913 - who, when and why are told of every activation
    declarations: tuple[Declaration, ...],
    *,
    operations: Book,
    finance: Book,
    actor: str,
    at: datetime,
    only: Sequence[str] | None = None,
    reason: str = "",
    failpoint: Callable[[str], None] = _no_failpoint,
) -> tuple[str, ...]:
    """Check, compile and record the maps; give the ids of those whose active version changed.

    ``only`` names the maps to activate; without it, all are, but for one that a person rolled
    back from this very text: it becomes active again when it is named, or when its text changes.
    ``reason`` is kept in the history.

    Before  ``operations`` and ``finance`` are the books as the dual-write role.
    Raises  Refused with every finding of ``check_map`` over all the maps, ERR-D59 two maps carry
            one column both ways, ERR-D66 a map is named that does not exist; then nothing was
            activated. Fault when a book is lost: what was begun is finished by
            ``finish_activation``.
    """
    with operations.reader() as reader:
        standing = {one.map: one for one in reader.all(STANDING)}
    chosen = _chosen(declarations, standing, only)
    examined = [examine_declared(one, operations=operations, finance=finance) for one in chosen]
    findings = [
        *(finding for one in examined for finding in one.findings),
        *judge_together(tuple(one.map for one in declarations)),
    ]
    if findings:
        raise Refused(*findings)
    versions = [version_of(one.text, its) for one, its in zip(chosen, examined, strict=True)]
    record_versions(finance, versions, actor=actor, at=at)
    place = {one.map.id: number for number, one in enumerate(declarations)}
    with operations.transaction() as transaction:
        transaction.one(LOCK)
        before = {one.map: one for one in transaction.all(STANDING)}
        for version in versions:
            record(transaction, version, actor=actor, at=at)
            switch(transaction, version, place[version.compiled.map.id], actor=actor, at=at)
        changed = [one for one in versions if _is_change(before.get(one.compiled.map.id), one)]
        for version in changed:
            remember(transaction, "activated", version, actor=actor, at=at, reason=reason)
        retired = [] if only is not None else _retire(transaction, before, place, actor, at)
    failpoint("CP28")
    finish_activation(operations=operations, finance=finance)
    return (*(one.compiled.map.id for one in changed), *retired)


def _chosen(
    declarations: tuple[Declaration, ...],
    standing: dict[str, Standing],
    only: Sequence[str] | None,
) -> list[Declaration]:
    if only is None:
        return [one for one in declarations if not is_kept_back(one, standing.get(one.map.id))]
    known = {one.map.id for one in declarations}
    unknown = [
        refuse(NO_SUCH_VERSION, f"map/{name}", reason=f"there is no map {name}")
        for name in only
        if name not in known
    ]
    if unknown:
        raise Refused(*unknown)
    return [one for one in declarations if one.map.id in only]


def is_kept_back(declaration: Declaration, standing: Standing | None) -> bool:
    """Tell whether a person rolled back from the very text that is declared."""
    if standing is None or standing.state == "retired":
        return False
    return standing.rolled_back_definition == declaration.text


def stands(reader: Reader, declarations: tuple[Declaration, ...]) -> bool:
    """Tell whether a book has the declared maps, these texts in this order, and no others."""
    standing = [one for one in reader.all(STANDING) if one.state != "retired"]
    return [one.map for one in standing] == [one.map.id for one in declarations] and all(
        recorded.definition == declared.text or is_kept_back(declared, recorded)
        for recorded, declared in zip(standing, declarations, strict=True)
    )


def examine_declared(declaration: Declaration, *, operations: Book, finance: Book) -> Examined:
    """Examine a declared map against both books."""
    books = {"operations": operations, "finance": finance}
    return examine(
        declaration.map,
        source=books[declaration.map.source_book],
        target=books[declaration.map.target_book],
    )


def version_of(text: str, examined: Examined) -> Version:
    """Make a version of what was examined and found right."""
    assert examined.compiled is not None, examined.map.id
    columns = json.dumps([asdict(column) for column in examined.compiled.columns])
    return Version(
        text,
        examined.compiled,
        columns,
        hashlib.sha256(f"{text}\0{columns}".encode()).hexdigest(),
        fingerprint(examined.map, examined.source, examined.target),
    )


def record_versions(book: Book, versions: Sequence[Version], *, actor: str, at: datetime) -> None:
    """Record versions in a book, none of them active by that."""
    with book.transaction() as transaction:
        for version in versions:
            record(transaction, version, actor=actor, at=at)


def record(transaction: Transaction, version: Version, *, actor: str, at: datetime) -> None:
    """Record a version, unless it is recorded already; note anew what its tables look like."""
    transaction.run(
        RECORD,
        map=version.compiled.map.id,
        map_version=version.compiled.map.version,
        content_hash=version.content_hash,
        definition=version.text,
        columns=version.columns,
        fingerprint=version.fingerprint,
        actor=actor,
        at=at,
    )


def switch(
    transaction: Transaction,
    version: Version,
    position: int,
    *,
    actor: str,
    at: datetime,
    rolled_back_from: str | None = None,
) -> None:
    """Make a version the active one of the book that decides.

    Before  the maps of the book are locked, and the version is recorded in both books.
    """
    transaction.run(
        SWITCH,
        map=version.compiled.map.id,
        content_hash=version.content_hash,
        position=position,
        actor=actor,
        at=at,
        rolled_back_from=rolled_back_from,
    )


def remember(
    transaction: Transaction,
    activation: str,
    version: Version,
    *,
    actor: str,
    at: datetime,
    reason: str,
) -> None:
    """Add to the history of a map."""
    transaction.run(
        REMEMBER,
        activation=activation,
        map=version.compiled.map.id,
        content_hash=version.content_hash,
        actor=actor,
        at=at,
        reason=reason,
    )


def _is_change(before: Standing | None, version: Version) -> bool:
    return (
        before is None or before.state == "retired" or before.content_hash != version.content_hash
    )


def _retire(
    transaction: Transaction,
    before: dict[str, Standing],
    declared: dict[str, int],
    actor: str,
    at: datetime,
) -> list[str]:
    """Retire the maps that are no longer declared; sets they carry are still finished."""
    gone = [one for name, one in before.items() if name not in declared and one.state != "retired"]
    for one in gone:
        transaction.run(RETIRE, map=one.map, actor=actor, at=at)
        transaction.run(
            REMEMBER,
            activation="retired",
            map=one.map,
            content_hash=one.content_hash,
            actor=actor,
            at=at,
            reason="not declared any more",
        )
    return [one.map for one in gone]


def finish_activation(*, operations: Book, finance: Book) -> tuple[str, ...]:
    """Make the finance book's active versions those of the operations book; name what differed.

    Before  both are the books as the dual-write role; an activation may have been cut short.
    After   both books have the same versions active. States other than retired are left alone:
            ``states.carry_over_states`` is about them.
    Raises  Fault, transient, when a book cannot be reached; both then stay as they are.
    """
    with operations.reader() as here, finance.reader() as there:
        decided, taken = here.all(STANDING), there.all(STANDING)
        if _essence(decided) == _essence(taken):
            return ()
    # Under the lock nobody switches meanwhile, so what is taken over is the latest decision.
    with operations.transaction() as here:
        here.one(LOCK)
        decided, history = here.all(STANDING), here.all(HISTORY, map=None)
        with finance.transaction() as there:
            differing = there.all(
                TAKE_OVER,
                maps=[one.map for one in decided],
                content_hashes=[one.content_hash for one in decided],
                positions=[one.position for one in decided],
                states=[one.state for one in decided],
                changed=[one.changed_at for one in decided],
                actors=[one.changed_by for one in decided],
                rolled_back=[one.rolled_back_from for one in decided],
            )
            there.run(
                TAKE_OVER_HISTORY,
                maps=[one.map for one in history],
                numbers=[one.activation_number for one in history],
                activations=[one.activation for one in history],
                content_hashes=[one.content_hash for one in history],
                times=[one.activated_at for one in history],
                actors=[one.activated_by for one in history],
                reasons=[one.reason for one in history],
            )
    return tuple(one.map for one in differing)


def _essence(standing: Sequence[Standing]) -> list[tuple[str, str, int, bool, str | None]]:
    return [
        (one.map, one.content_hash, one.position, one.state == "retired", one.rolled_back_from)
        for one in standing
    ]


def active_maps(reader: Reader) -> tuple[ActiveMap, ...]:
    """Give the active maps of a book, each after the maps it follows."""
    return tuple(_compiled(recorded) for recorded in reader.all(ACTIVE))


def map_version(reader: Reader, *, map_id: str, content_hash: str) -> ActiveMap:
    """Give the version of a map that a set was sealed with, active or not."""
    return _compiled(reader.one(VERSION, map=map_id, content_hash=content_hash))


def history(reader: Reader, *, map_id: str) -> list[Activation]:
    """Give when which version of a map was made active, the oldest first."""
    return reader.all(HISTORY, map=map_id)


def _compiled(recorded: _Recorded) -> ActiveMap:
    table_map = read_map(tomllib.loads(recorded.definition), file=recorded.map)
    columns = tuple(ColumnType(**column) for column in json.loads(recorded.columns))
    return ActiveMap(compile_map(table_map, columns), recorded.content_hash, recorded.state)
