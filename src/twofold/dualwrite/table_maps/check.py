"""A map against the live schemas of both books: everything wrong with it, before anything runs.

What the catalogues show is judged piece by piece; what expressions give is asked of the source,
which types a view of them; then every statement of the compiled map is run on no set at all, as
the dual-write role, so that what PostgreSQL itself would object to is found now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.table_maps import facts
from twofold.dualwrite.table_maps.compile import compile_map
from twofold.dualwrite.table_maps.compiled import ColumnType, CompiledMap
from twofold.dualwrite.table_maps.facts import ColumnFact, Conversion, Side
from twofold.dualwrite.table_maps.judge_columns import Found, finding, judge_columns
from twofold.dualwrite.table_maps.judge_tables import (
    judge_key,
    judge_lookups,
    judge_owner,
    judge_presence,
    judge_privileges,
    judge_servers,
    judge_totals,
    judge_words,
)
from twofold.dualwrite.table_maps.language import TableMap
from twofold.dualwrite.table_maps.probe import VIEW, probe
from twofold.kernel.errors import Fault, Refusal, Refused

SQL: Final = SqlFile(__name__)
DROP_PROBE: Final = SQL.command("drop_probe")

FILTER: Final = "filter"


@dataclass(frozen=True, slots=True)
class Examined:
    """What an examination gave: the findings, or the compiled map when there are none."""

    map: TableMap
    findings: tuple[Refusal, ...]
    compiled: CompiledMap | None
    source: Side
    target: Side


def check_map(table_map: TableMap, *, source: Book, target: Book) -> CompiledMap:
    """Check a map against the books as they are and give it compiled.

    Before  ``source`` and ``target`` are the books as the dual-write role.
    Raises  Refused with every finding: ERR-D10 the source lacks a table or column, ERR-D11 the
            target does, ERR-D12 an expression is not allowed, ERR-D13 a lookup leads nowhere,
            ERR-D14 the target key is not unique, ERR-D15 a required column is not mapped,
            ERR-D16 the books themselves object to the compiled statements, ERR-D43 a key column
            comes twice, ERR-D44 to ERR-D47 types do not convert or would lose something, ERR-D48
            nothing goes where something is required, ERR-D49 and ERR-D50 codes do not fit,
            ERR-D51 to ERR-D54 the key, ERR-D55 a looked-up column is not unique, ERR-D57 and
            ERR-D58 expressions and filters fail, ERR-D59 ownership, ERR-D60 privileges, ERR-D61
            totals, ERR-D62 and ERR-D63 the servers differ, ERR-D65 a self reference is required,
            ERR-D68 and ERR-D69 columns that cannot travel or be written.
    """
    examined = examine(table_map, source=source, target=target)
    if examined.compiled is None:
        raise Refused(*examined.findings)
    return examined.compiled


def examine(table_map: TableMap, *, source: Book, target: Book) -> Examined:
    """Find everything wrong with a map; nothing is changed in either book.

    Before  ``source`` and ``target`` are the books as the dual-write role.
    """
    source_tables, target_tables = facts.tables_of(table_map)
    with source.reader() as here, target.reader() as there:
        sides = facts.read_side(here, source_tables), facts.read_side(there, target_tables)
    words = list(judge_words(table_map))
    sent, failing = _sent(table_map, sides[0], source, {one.field for one in words})
    found = Found(table_map, sides[0], sides[1], sent, {})
    with target.reader() as there:
        found = Found(table_map, sides[0], sides[1], sent, _conversions(found, there))
    findings = [
        *judge_presence(found),
        *words,
        *failing,
        *judge_lookups(found),
        *judge_key(found),
        *judge_columns(found),
        *judge_owner(found),
        *judge_totals(found),
        *judge_servers(found),
        *judge_privileges(found),
    ]
    compiled = None
    if not findings:
        compiled = compile_map(table_map, _types(found))
        findings += _objections(compiled, source, target)
    return Examined(table_map, tuple(findings), None if findings else compiled, sides[0], sides[1])


def _types(found: Found) -> tuple[ColumnType, ...]:
    return tuple(_type(found, name) for name in (*found.map.columns, *found.map.lookups))


def _type(found: Found, name: str) -> ColumnType:
    part, wanted, gives = found.map.part(name), found.wanted(name), found.given(name)
    assert wanted is not None, name
    column = found.target.of(found.map.target.table).get(name, wanted)
    table, _, looked_up = part.lookup.rpartition(".")
    columns = found.target.of(table)
    return ColumnType(
        name,
        column.type,
        wanted.travels_as,
        lookup_is_shared=bool(part.lookup) and "company" not in columns,
        lookup_is_enumerated=bool(part.lookup) and bool(columns[looked_up].codes),
        gives_type=gives.type if gives else "",
    )


def _sent(
    table_map: TableMap, source: Side, book: Book, unfit: set[str]
) -> tuple[dict[str, ColumnFact], list[Refusal]]:
    """Ask the source what it would send, by column; and tell what it cannot read."""
    known = source.of(table_map.source.table)
    if not known:
        return {}, []
    names = [
        name
        for name in (*table_map.columns, *table_map.lookups)
        if not table_map.part(name).of
        and (not table_map.part(name).source or table_map.part(name).source in known)
        and f"columns.{name}" not in unfit
    ]
    if table_map.source.filter and "source.filter" not in unfit:
        names.append(FILTER)
    try:
        sent = _probed(book, table_map, names)
    except Fault as fault:
        if fault.transient:
            raise
        return _one_by_one(book, table_map, names)
    return sent, list(_questions(table_map, sent))


def _probed(book: Book, table_map: TableMap, names: list[str]) -> dict[str, ColumnFact]:
    with book.transaction() as transaction:
        transaction.run(probe(table_map, names))
        view = facts.read_side(transaction, [f"pg_temp.{VIEW}"])
        transaction.run(DROP_PROBE)
    return view.of(f"pg_temp.{VIEW}")


def _one_by_one(
    book: Book, table_map: TableMap, names: list[str]
) -> tuple[dict[str, ColumnFact], list[Refusal]]:
    """Find which expressions fail, each with the server's words."""
    sent: dict[str, ColumnFact] = {}
    failing: list[Refusal] = []
    for name in names:
        try:
            sent |= _probed(book, table_map, [name])
        except Fault as fault:
            if fault.transient:
                raise
            field = "source.filter" if name == FILTER else f"columns.{name}"
            text = (
                table_map.source.filter
                if name == FILTER
                else table_map.columns[name].expression or table_map.columns[name].source
            )
            reason = str(fault).splitlines()[0]
            failing.append(finding("ERR-D57", table_map, field, text, reason))
    return sent, [*failing, *_questions(table_map, sent)]


def _questions(table_map: TableMap, sent: dict[str, ColumnFact]) -> Iterator[Refusal]:
    kept = sent.get(FILTER)
    if kept is not None and kept.type != "boolean":
        text = table_map.source.filter
        yield finding("ERR-D58", table_map, "source.filter", text, f"it gives {kept.type}")


def _conversions(found: Found, there: Reader) -> dict[str, Conversion]:
    asked = [
        (name, one.travels_as, wanted.travels_as)
        for name, one in found.sent.items()
        if name != FILTER and (wanted := found.wanted(name)) is not None
    ]
    rows = there.all(
        facts.CONVERSIONS,
        names=[name for name, _, _ in asked],
        from_types=[sent for _, sent, _ in asked],
        to_types=[wanted for _, _, wanted in asked],
    )
    return {one.name: one for one in rows}


def _objections(compiled: CompiledMap, source: Book, target: Book) -> Iterator[Refusal]:
    """Run the statements on no set; what fails now would fail on every set."""
    try:
        with source.reader() as here:
            _try_reading(compiled, here)
        with target.transaction() as there:
            _try_applying(compiled, there)
    except Fault as fault:
        if fault.transient:
            raise
        yield finding("ERR-D16", compiled.map, "", "", str(fault).splitlines()[0])


def _try_reading(compiled: CompiledMap, here: Reader) -> None:
    none: dict[str, object] = {"company": "", "set_ids": []}
    here.all(compiled.measure, **none)
    if compiled.standing is not None:
        here.all(compiled.standing, **none)
    if compiled.excluded is not None:
        here.all(compiled.excluded, **none)
    if compiled.distinct is not None:
        here.all(compiled.distinct, **none)
    if compiled.unknown is not None:
        here.all(compiled.unknown, **none)


def _try_applying(compiled: CompiledMap, there: Transaction) -> None:
    there.run(compiled.stage)
    there.all(compiled.received)
    if compiled.missing is not None:
        there.all(compiled.missing)
    there.run(compiled.apply)
    if compiled.patch is not None:
        there.run(compiled.patch)
