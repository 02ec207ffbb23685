"""Judge a map as a whole: its tables, its key, its lookups, privileges, totals and the servers.

Findings, each with its own code: see ``check``.
"""

from __future__ import annotations

from collections.abc import Iterator

from twofold.dualwrite.table_maps.facts import ColumnFact, looked_up_columns, source_columns
from twofold.dualwrite.table_maps.judge_columns import Found, finding
from twofold.dualwrite.table_maps.language import TableMap
from twofold.dualwrite.table_maps.words import not_allowed
from twofold.kernel.errors import Refusal

_NUMBERS = ("smallint", "integer", "bigint", "numeric")


def judge_words(table_map: TableMap) -> Iterator[Refusal]:
    """Judge what expressions and the filter are made of; nothing is asked of a server."""
    pieces = {"source.filter": table_map.source.filter}
    pieces |= {f"columns.{name}": one.expression for name, one in table_map.columns.items()}
    for field, text in pieces.items():
        for word, reason in not_allowed(text):
            yield finding("ERR-D12", table_map, field, word, reason)


def judge_presence(found: Found) -> Iterator[Refusal]:
    """Find what the map names and a book does not have, and what the target requires."""
    source = found.map.source
    columns = found.source.of(source.table)
    if not columns:
        yield finding("ERR-D10", found.map, "source.table", source.table, "no such table")
    asked = {f"columns.{name}": one.source for name, one in found.map.columns.items()}
    asked |= {f"lookups.{name}": one.source for name, one in found.map.lookups.items()}
    asked |= {"source.set_column": source.set_column, "source.key_column": source.key_column}
    for field, column in asked.items():
        if columns and column and column not in columns:
            reason = f"{source.table} has no column {column}"
            yield finding("ERR-D10", found.map, field, column, reason)
    yield from _presence_in_target(found)


def _presence_in_target(found: Found) -> Iterator[Refusal]:
    target = found.map.target
    columns = found.target.of(target.table)
    if not columns:
        yield finding("ERR-D11", found.map, "target.table", target.table, "no such table")
        return
    for name in found.map.columns:
        if name not in columns:
            reason = f"{target.table} has no column {name}"
            yield finding("ERR-D11", found.map, f"columns.{name}", name, reason)
    for name, column in columns.items():
        if column.is_required and not column.is_computed and name not in found.map.columns:
            yield finding("ERR-D15", found.map, "columns", name, f"{target.table} needs {name}")


def judge_lookups(found: Found) -> Iterator[Refusal]:
    """Judge where lookups lead, and whether one answer is all they can get."""
    for name in (*found.map.columns, *found.map.lookups):
        part = found.map.part(name)
        place = f"{'columns' if name in found.map.columns else 'lookups'}.{name}"
        table, _, column = part.lookup.rpartition(".")
        columns = found.target.of(table)
        if not part.lookup:
            continue
        missing = [one for one in (column, part.gives) if one and one not in columns]
        if missing:
            reason = "no such column" if columns else "no such table"
            value = part.lookup if column in missing else f"{table}.{part.gives}"
            yield finding("ERR-D13", found.map, place, value, reason)
            continue
        within = {column} | ({"company"} & columns.keys())
        is_unique = found.target.is_unique(table, within)
        if is_unique is None:
            yield finding("ERR-D51", found.map, place, part.lookup, "its unique index is not valid")
        elif not is_unique:
            reason = f"{table} has no unique index over {', '.join(sorted(within))}"
            yield finding("ERR-D55", found.map, place, part.lookup, reason)
        yield from _same_bytes(found, place, columns[column])


def judge_key(found: Found) -> Iterator[Refusal]:
    """Judge the key on both sides."""
    key, table = found.map.target.key, found.map.target.table
    if not found.target.of(table) or any(one not in found.target.of(table) for one in key):
        return
    if key[0] != "company":
        reason = f"it begins with {key[0]}"
        yield finding("ERR-D54", found.map, "target.key", ", ".join(key), reason)
    is_unique = found.target.is_unique(table, set(key), exactly=True)
    if is_unique is None:
        reason = f"the unique index of {table} over these columns is not valid"
        yield finding("ERR-D51", found.map, "target.key", ", ".join(key), reason)
    elif not is_unique:
        reason = f"{table} has no unique key of exactly these columns"
        yield finding("ERR-D14", found.map, "target.key", ", ".join(key), reason)
    for name in key:
        column = found.target.of(table)[name]
        if column.is_nullable:
            yield finding("ERR-D53", found.map, "target.key", name, f"{table}.{name} may be null")
        yield from _same_bytes(found, "target.key", column)
    yield from _source_key(found)


def _source_key(found: Found) -> Iterator[Refusal]:
    table = found.map.source.table
    parts = [found.map.columns[name] for name in found.map.target.key]
    sources = [one.source for one in parts if one.source]
    twice = sorted({one for one in sources if sources.count(one) > 1})
    for one in twice:
        yield finding("ERR-D43", found.map, "target.key", one, f"twice from {table}.{one}")
    columns = [found.source.of(table).get(one) for one in sources]
    known = [one for one in columns if one is not None]
    # A view has no indexes and does not know what may be null: its rows are compared when sealed.
    if len(known) < len(parts) or any(one.is_of_view for one in known):
        return
    for one in known:
        if one.is_nullable:
            reason = f"{table}.{one.column_name} may be null"
            yield finding("ERR-D53", found.map, "target.key", one.column_name, reason)
        yield from _same_bytes(found, "target.key", one)
    is_unique = found.source.is_unique(table, set(sources))
    if is_unique is None:
        reason = f"the unique index of {table} over these columns is not valid"
        yield finding("ERR-D51", found.map, "target.key", ", ".join(sources), reason)
    elif not is_unique:
        reason = f"{table} has no unique index over {', '.join(sources)}"
        yield finding("ERR-D52", found.map, "target.key", ", ".join(sources), reason)


def _same_bytes(found: Found, place: str, column: ColumnFact) -> Iterator[Refusal]:
    if not column.is_deterministic:
        reason = f"{column.table_name}.{column.column_name} holds some different texts for equal"
        yield finding("ERR-D63", found.map, place, column.column_name, reason)


def judge_owner(found: Found) -> Iterator[Refusal]:
    """Find columns that the map writes though their value counts in the other book."""
    for name in found.map.columns:
        owner = found.map.owner_of(name)
        if owner != found.map.source_book:
            reason = f"{owner} owns {name}; this map comes from {found.map.source_book}"
            yield finding("ERR-D59", found.map, f"columns.{name}", name, reason)


def judge_together(maps: tuple[TableMap, ...]) -> Iterator[Refusal]:
    """Find columns that two maps carry both ways: neither book would own them."""
    ways = {
        (one.source.table, column.source, one.target.table, name): one
        for one in maps
        for name, column in one.columns.items()
        if column.source and name not in one.target.key
    }
    for (table, column, target, name), one in ways.items():
        other = ways.get((target, name, table, column))
        if other is not None:
            reason = f"{other.id} carries it back to {table}.{column}"
            yield finding("ERR-D59", one, f"columns.{name}", name, reason)


def judge_totals(found: Found) -> Iterator[Refusal]:
    """Find totals that are no numbers."""
    for name in found.map.totals.sum if found.map.totals else ():
        column = found.target.of(found.map.target.table).get(name)
        if column is not None and column.type.partition("(")[0] not in _NUMBERS:
            reason = f"{name} is {column.type}"
            yield finding("ERR-D61", found.map, "totals.sum", name, reason)


def judge_servers(found: Found) -> Iterator[Refusal]:
    """Find differences of the two databases that would give the same bytes another meaning."""
    here, there = found.source.server, found.target.server
    for what, one, other in (
        ("encoding", here.encoding, there.encoding),
        ("time zone", here.time_zone, there.time_zone),
    ):
        if one != other:
            reason = f"the {what} is {one} in {found.map.source_book}, {other} in the other book"
            yield finding("ERR-D62", found.map, what, f"{one}, {other}", reason)


def judge_privileges(found: Found) -> Iterator[Refusal]:
    """Find what the role of dual-write may not do and the map needs done."""
    table_map, target = found.map, found.target.of(found.map.target.table)
    itself = [name for name in table_map.columns if table_map.looks_at_itself(name)]
    changed = [name for name in table_map.columns if name not in table_map.target.key]
    written = [target[name] for name in table_map.columns if name in target]
    changed_too = [
        target[name]
        for name in (changed if table_map.rows == "state" else itself)
        if name in target
    ]
    source = found.source.of(table_map.source.table)
    read = [source[name] for name in source_columns(table_map) if name in source]
    looked_up = {
        table: [found.target.of(table)[one] for one in names if one in found.target.of(table)]
        for table, names in looked_up_columns(table_map).items()
    }
    lacking = [
        (table_map.source_book, "SELECT", [one for one in read if not one.may_select]),
        (table_map.target_book, "INSERT", [one for one in written if not one.may_insert]),
        (table_map.target_book, "UPDATE", [one for one in changed_too if not one.may_update]),
        *(
            (table_map.target_book, "SELECT", [one for one in columns if not one.may_select])
            for columns in looked_up.values()
        ),
    ]
    for book, privilege, columns in lacking:
        if columns:
            table = columns[0].table_name
            names = ", ".join(dict.fromkeys(one.column_name for one in columns))
            reason = f"it lacks {privilege} on {table} of {book}: {names}"
            yield finding("ERR-D60", table_map, table, privilege, reason)
