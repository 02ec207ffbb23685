"""Map → SQL, deterministic: the same map and the same schemas give the same text.

Every statement works on a batch of sets of one company, given as ``set_ids``:

    shipped    source  the rows as they travel: set id, then the target's columns in stage types
    standing   source  as ``measure``, over the table instead of what was captured (state maps)
    capture    source  the same rows, kept as they are now (state maps)
    measure    source  per set: rows, content hash and totals of ``shipped``
    excluded   source  per set: rows the filter leaves out
    distinct   source  the values the target must know, and the keys it must have free
    unknown    source  codes that a value map does not list
    stage      target  the temporary table ``shipped`` is copied into
    received   target  as ``measure``, over the stage
    missing    target  stage values that a lookup does not find
    apply      target  stage → target: added (facts), or written over older state

Stage types are the target's, except that a type only one book has (an enumeration) travels as text.
"""

from __future__ import annotations

import hashlib
from typing import Final, TypeVar

from twofold.database import compose
from twofold.database.compose import SQL, Composable, Composed, Identifier, Literal, trusted
from twofold.database.statement import Command, Query
from twofold.dualwrite.table_maps.compiled import (
    ColumnType,
    CompiledMap,
    Excluded,
    Measured,
    Missing,
    Value,
)
from twofold.dualwrite.table_maps.language import Column, TableMap

R = TypeVar("R")

_COMMA: Final = SQL(",\n    ")
_AND: Final = SQL("\n    AND ")
_UNION: Final = SQL("\nUNION ALL\n")


def compile_map(table_map: TableMap, columns: tuple[ColumnType, ...]) -> CompiledMap:
    """Compile one map against the types of its target's columns.

    Before  ``columns`` are the columns of the map, in the map's order.
    """
    assert [column.column for column in columns] == list(table_map.columns), table_map.id
    compiler = _Compiler(table_map, columns)
    shipped = compiler.shipped()

    def query(name: str, composed: Composable | None, gives: type[R]) -> Query[R] | None:
        return composed and compose.query(f"{table_map.id}:{name}", composed, gives=gives)

    def command(name: str, composed: Composable) -> Command:
        return compose.command(f"{table_map.id}:{name}", composed)

    return CompiledMap(
        map=table_map,
        columns=columns,
        stage_name=compiler.stage_name,
        shipped=shipped,
        standing=query("standing", compiler.standing(), Measured),
        capture=command("capture", compiler.capture()) if table_map.rows == "state" else None,
        measure=compose.query(f"{table_map.id}:measure", compiler.measure(shipped), gives=Measured),
        excluded=query("excluded", compiler.excluded(), Excluded),
        distinct=query("distinct", compiler.distinct(shipped), Value),
        unknown=query("unknown", compiler.unknown(), Value),
        stage=command("stage", compiler.stage()),
        received=compose.query(
            f"{table_map.id}:received",
            compiler.measure(SQL("SELECT * FROM {}").format(compiler.stage_table)),
            gives=Measured,
        ),
        missing=query("missing", compiler.missing(), Missing),
        apply=command("apply", compiler.apply()),
    )


def lookup_query(compiled: CompiledMap, column: str) -> Query[Value]:
    """Compile the question which of ``values`` the lookup of ``column`` does not find."""
    kind = next(one for one in compiled.columns if one.column == column)
    table, looked_up = _lookup(compiled.map.columns[column])
    found = SQL("t.{}{} = given.value::{}").format(
        Identifier(looked_up), SQL("::text" if kind.stage_type != kind.type else ""),
        SQL(trusted(kind.stage_type)),
    )  # fmt: skip
    if kind.lookup_is_shared:
        # company is asked for all the same, so that every lookup is called alike
        found = SQL("%(company)s::text IS NOT NULL AND {}").format(found)
    else:
        found = SQL("t.company = %(company)s::text AND {}").format(found)
    return compose.query(
        f"{compiled.map.id}:lookup_{column}",
        SQL(
            "SELECT {column}::text AS column, given.value, ''::text AS key\n"
            "FROM unnest(%(values)s::text[]) AS given (value)\n"
            "WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {found})\n"
            "ORDER BY given.value"
        ).format(column=Literal(column), table=_table(table), found=found),
        gives=Value,
    )


def taken_query(compiled: CompiledMap, column: str) -> Query[Value]:
    """Compile the question which of ``values`` belong to another key than the one beside them."""
    target = compiled.map.target
    key = next(name for name in target.key if name != "company")
    return compose.query(
        f"{compiled.map.id}:taken_{column}",
        SQL(
            "SELECT {name}::text AS column, given.value, given.key\n"
            "FROM unnest(%(values)s::text[], %(keys)s::text[]) AS given (value, key)\n"
            "JOIN {table} AS t\n"
            "    ON t.company = %(company)s::text AND t.{column} = given.value\n"
            "        AND t.{key}::text <> given.key\n"
            "ORDER BY given.value"
        ).format(
            name=Literal(column),
            table=_table(target.table),
            column=Identifier(column),
            key=Identifier(key),
        ),
        gives=Value,
    )


class _Compiler:
    """The pieces of one map's statements."""

    def __init__(self, table_map: TableMap, columns: tuple[ColumnType, ...]) -> None:
        self.map = table_map
        self.columns = columns
        self.types = {column.column: column for column in columns}
        # Stages outlive their transaction: one of other columns must have another name.
        shape = ", ".join(f"{one.column} {one.stage_type}" for one in columns)
        digest = hashlib.sha256(shape.encode()).hexdigest()[:8]
        self.stage_name = f"stage_{table_map.id}_{digest}"
        self.stage_table = Identifier("pg_temp", self.stage_name)
        self.looked_up = [name for name, column in table_map.columns.items() if column.lookup]

    def shipped(self) -> Composed:
        if self.map.rows == "facts":
            return self._from_table()
        content = [
            SQL("(captured.content ->> {})::{} AS {}").format(
                Literal(column.column), SQL(trusted(column.stage_type)), Identifier(column.column)
            )
            for column in self.columns
        ]
        return SQL(
            "SELECT\n    captured.set_id,\n    {}\nFROM dualwrite.captured AS captured\n"
            "WHERE captured.company = %(company)s::text\n"
            "    AND captured.set_id = ANY(%(set_ids)s::bigint[])\n"
            "    AND captured.map = {}\n"
            "ORDER BY captured.set_id, captured.row_number"
        ).format(_COMMA.join(content), Literal(self.map.id))

    def standing(self) -> Composed | None:
        return self.measure(self._from_table()) if self.map.rows == "state" else None

    def capture(self) -> Composed:
        order = SQL(", ").join(SQL("shipped.{}").format(Identifier(k)) for k in self.map.target.key)
        return SQL(
            "INSERT INTO dualwrite.captured (company, set_id, map, row_number, content)\n"
            "SELECT\n    %(company)s::text,\n    shipped.set_id,\n    {map},\n"
            "    row_number() OVER (PARTITION BY shipped.set_id ORDER BY {order}),\n"
            "    to_jsonb(shipped) - 'set_id'\nFROM (\n{rows}\n) AS shipped"
        ).format(map=Literal(self.map.id), order=order, rows=self._from_table())

    def measure(self, rows: Composable) -> Composed:
        totals = self.map.totals
        by = [Identifier(name) for name in totals.by] if totals else []
        sums = [Identifier(name) for name in totals.sum] if totals else []
        kept = SQL("").join(SQL("shipped.{}::text AS {},\n        ").format(i, i) for i in by)
        added = SQL("").join(SQL("sum(shipped.{}) AS {},\n        ").format(i, i) for i in sums)
        shown = SQL("").join(
            SQL(", {}, part.{}").format(Literal(name), Identifier(name))
            for name in ((*totals.by, *totals.sum) if totals else ())
        )
        order = SQL(", ").join([SQL("part.{}").format(i) for i in by] or [SQL("part.set_id")])
        return SQL(
            "SELECT\n    part.set_id,\n"
            "    sum(part.row_count)::bigint AS row_count,\n"
            "    sum(part.content_hash)::text AS content_hash,\n"
            "    jsonb_agg(jsonb_build_object('rows', part.row_count{shown})"
            " ORDER BY {order})::text AS totals\n"
            "FROM (\n    SELECT\n        shipped.set_id,\n        {kept}{added}"
            "count(*) AS row_count,\n"
            # As hash partitioning hashes text: the same on every version and machine.
            "        sum(hashtextextended(shipped::text, 0)::numeric) AS content_hash\n"
            "    FROM (\n{rows}\n    ) AS shipped\n    GROUP BY {group}\n) AS part\n"
            "GROUP BY part.set_id"
        ).format(
            shown=shown,
            order=order,
            kept=kept,
            added=added,
            rows=rows,
            group=SQL(", ").join(SQL("shipped.{}").format(i) for i in (Identifier("set_id"), *by)),
        )

    def excluded(self) -> Composed | None:
        if not self.map.source.filter:
            return None
        return SQL(
            "SELECT\n    change_set.set_id,\n    count(*) AS row_count\n{found}\n"
            "    AND ({filter}) IS NOT TRUE\nGROUP BY change_set.set_id"
        ).format(found=self._found(), filter=SQL(trusted(self.map.source.filter)))

    def distinct(self, shipped: Composable) -> Composed | None:
        """One pass over the rows: the combinations first, then their values column by column."""
        free = self.map.target.free
        if not self.looked_up and not free:
            return None
        key = next((k for k in self.map.target.key if k != "company"), "company")
        wanted = [*self.looked_up, *free, *([key] if free else [])]
        columns = SQL(", ").join(
            SQL("shipped.{}").format(Identifier(n)) for n in dict.fromkeys(wanted)
        )
        values = [
            SQL("({}, combination.{}::text, {})").format(
                Literal(name), Identifier(name),
                SQL("combination.{}::text").format(Identifier(key)) if name in free else SQL("''"),
            )
            for name in dict.fromkeys([*self.looked_up, *free])
        ]  # fmt: skip
        return SQL(
            "SELECT DISTINCT\n    part.name AS column,\n    part.value,\n    part.key\n"
            "FROM (\nSELECT DISTINCT {columns}\nFROM (\n{shipped}\n) AS shipped\n) AS combination\n"
            "CROSS JOIN LATERAL (VALUES {values}) AS part (name, value, key)\n"
            "WHERE part.value IS NOT NULL\nORDER BY 1, 2"
        ).format(columns=columns, shipped=shipped, values=SQL(", ").join(values))

    def unknown(self) -> Composed | None:
        translated = [(n, c) for n, c in self.map.columns.items() if c.values]
        if not translated:
            return None
        parts = [
            SQL(
                "SELECT DISTINCT\n    {name}::text AS column,\n"
                "    s.{source}::text AS value,\n    ''::text AS key\n"
                "{found}\n    AND s.{source} IS NOT NULL AND s.{source}::text <> ALL({codes})"
            ).format(
                name=Literal(name), source=Identifier(column.source), found=self._found(),
                codes=Literal(list(column.values)),
            )
            for name, column in translated
        ]  # fmt: skip
        return _UNION.join(parts)

    def stage(self) -> Composed:
        columns = [
            SQL("{} {}").format(Identifier(one.column), SQL(trusted(one.stage_type)))
            for one in self.columns
        ]
        # Made once per session: a table per set would bloat the catalogue.
        return SQL(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {} (\n    set_id bigint,\n    {}\n)"
            " ON COMMIT DELETE ROWS"
        ).format(Identifier(self.stage_name), _COMMA.join(columns))

    def missing(self) -> Composed | None:
        if not self.looked_up:
            return None
        return _UNION.join(self._missing(name) for name in self.looked_up)

    def _missing(self, name: str) -> Composed:
        table, looked_up = _lookup(self.map.columns[name])
        kind = self.types[name]
        found = SQL("t.{}{} = stage.{}").format(
            Identifier(looked_up), SQL("::text" if kind.stage_type != kind.type else ""),
            Identifier(name),
        )  # fmt: skip
        if not kind.lookup_is_shared:
            found = SQL("t.company = stage.company AND {}").format(found)
        return SQL(
            "SELECT DISTINCT stage.set_id, {literal}::text AS column, stage.{name}::text AS value\n"
            "FROM {stage} AS stage\nWHERE stage.{name} IS NOT NULL\n"
            "    AND NOT EXISTS (SELECT FROM {table} AS t WHERE {found})"
        ).format(
            literal=Literal(name), name=Identifier(name), stage=self.stage_table,
            table=_table(table), found=found,
        )  # fmt: skip

    def apply(self) -> Composed:
        names = [Identifier(one.column) for one in self.columns]
        values = [
            SQL("stage.{}{}").format(
                Identifier(one.column),
                SQL(f"::{trusted(one.type)}" if one.type != one.stage_type else ""),
            )
            for one in self.columns
        ]
        insert = SQL(
            "INSERT INTO {} AS target (\n    {}\n)\nSELECT\n    {}\nFROM {} AS stage"
        ).format(
            _table(self.map.target.table), _COMMA.join(names), _COMMA.join(values), self.stage_table
        )
        return insert if self.map.rows == "facts" else insert + self._over_older_state()

    def _over_older_state(self) -> Composed:
        key = self.map.target.key
        versions = [
            name for name, column in self.map.columns.items() if column.from_set == "version"
        ]
        changed = [
            SQL("{} = excluded.{}").format(Identifier(name), Identifier(name))
            for name in self.map.columns
            if name not in key
        ]
        newer = _AND.join(
            SQL("target.{} < excluded.{}").format(Identifier(name), Identifier(name))
            for name in versions
        )
        return SQL("\nON CONFLICT ({}) DO UPDATE SET\n    {}\nWHERE {}").format(
            SQL(", ").join(map(Identifier, key)), _COMMA.join(changed), newer
        )

    def _from_table(self) -> Composed:
        columns = [
            SQL("({})::{} AS {}").format(
                _origin(self.map.columns[one.column]),
                SQL(trusted(one.stage_type)),
                Identifier(one.column),
            )
            for one in self.columns
        ]
        kept = self.map.source.filter
        return SQL("SELECT\n    change_set.set_id,\n    {}\n{}{}").format(
            _COMMA.join(columns),
            self._found(),
            SQL("\n    AND ({})").format(SQL(trusted(kept))) if kept else SQL(""),
        )

    def _found(self) -> Composed:
        source = self.map.source
        joined: list[Composable] = [SQL("s.company = change_set.company")]
        if source.key_column:
            joined.append(
                SQL("s.{} BETWEEN change_set.key_first AND change_set.key_last").format(
                    Identifier(source.key_column)
                )
            )
        if source.set_column:
            joined.append(SQL("s.{} = change_set.set_id").format(Identifier(source.set_column)))
        return SQL(
            "FROM dualwrite.outbox AS change_set\nJOIN {} AS s\n    ON {}\n"
            "WHERE change_set.company = %(company)s::text\n"
            "    AND change_set.set_id = ANY(%(set_ids)s::bigint[])"
        ).format(_table(source.table), _AND.join(joined))


def _origin(column: Column) -> Composable:
    """Give where the value comes from, in SQL over the source row ``s`` and its set."""
    if column.constant:
        return Literal(column.constant)
    if column.expression:
        return SQL(trusted(column.expression))
    if column.from_set:
        return SQL("change_set.{}").format(Identifier(column.from_set))
    return _translated(column) if column.values else SQL("s.{}").format(Identifier(column.source))


def _translated(column: Column) -> Composable:
    cases = SQL(" ").join(
        SQL("WHEN {} THEN {}").format(Literal(code), Literal(meaning))
        for code, meaning in column.values.items()
    )
    return SQL("CASE s.{}::text {} END").format(Identifier(column.source), cases)


def _lookup(column: Column) -> tuple[str, str]:
    table, _, looked_up = column.lookup.rpartition(".")
    return table, looked_up


def _table(name: str) -> Identifier:
    return Identifier(*name.split("."))
