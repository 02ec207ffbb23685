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
    patch      target  columns that look into the target itself, once its rows are there

Stage types are the target's, except that a type only one book has (an enumeration) travels as text.
"""

from __future__ import annotations

from typing import TypeVar

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
from twofold.dualwrite.table_maps.language import TableMap
from twofold.dualwrite.table_maps.pieces import (
    AND,
    COMMA,
    NOTHING,
    UNION,
    Pieces,
    quoted_table,
    unknown_codes,
)

R = TypeVar("R")


def compile_map(table_map: TableMap, columns: tuple[ColumnType, ...]) -> CompiledMap:
    """Compile one map against the types of its target's columns.

    Before  ``columns`` are the columns of the map in its order, then its named lookups.
    """
    named = [*table_map.columns, *table_map.lookups]
    assert [column.column for column in columns] == named, table_map.id
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
        patch=command("patch", compiler.patch()) if compiler.second else None,
    )


def lookup_query(compiled: CompiledMap, column: str) -> Query[Value]:
    """Compile the question which of ``values`` the lookup of ``column`` does not find.

    ``column`` is a column or named lookup of ``distinct``. ``company`` is asked for even when the
    looked-up table has none, so that every lookup is called alike.
    """
    pieces = Pieces(compiled.map, compiled.columns)
    value = SQL("given.value::{}").format(SQL(trusted(pieces.types[column].stage_type)))
    return compose.query(
        f"{compiled.map.id}:lookup_{column}",
        SQL(
            "SELECT {literal}::text AS column, given.value, ''::text AS key\n"
            "FROM unnest(%(values)s::text[]) AS one (value)\n"
            "CROSS JOIN LATERAL (SELECT %(company)s::text AS company, one.value) AS given\n"
            "WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {found})\n"
            'ORDER BY given.value COLLATE "C"'
        ).format(
            literal=Literal(column),
            table=quoted_table(pieces.table_of(column)),
            found=pieces.is_found(column, "t", "given", value),
        ),
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
            table=quoted_table(target.table),
            column=Identifier(column),
            key=Identifier(key),
        ),
        gives=Value,
    )


class _Compiler(Pieces):
    """The statements of one map."""

    def shipped(self) -> Composed:
        if self.map.rows == "facts":
            return self._from_table()
        content = [
            SQL("(captured.content ->> {})::{} AS {}").format(
                Literal(column.column), SQL(trusted(column.stage_type)), Identifier(column.column)
            )
            for column in self.carried
        ]
        return SQL(
            "SELECT\n    captured.set_id,\n    {}\nFROM dualwrite.captured AS captured\n"
            "WHERE captured.company = %(company)s::text\n"
            "    AND captured.set_id = ANY(%(set_ids)s::bigint[])\n"
            "    AND captured.map = {}\n"
            "ORDER BY captured.set_id, captured.row_number"
        ).format(COMMA.join(content), Literal(self.map.id))

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
        # In the order of their bytes: the collation of the two databases may differ.
        order = SQL(", ").join(
            [SQL('part.{} COLLATE "C"').format(i) for i in by] or [SQL("part.set_id")]
        )
        return SQL(
            "SELECT\n    part.set_id,\n"
            "    sum(part.row_count)::bigint AS row_count,\n"
            "    sum(part.content_hash)::text AS content_hash,\n"
            "    jsonb_agg(jsonb_build_object('rows', part.row_count{shown})"
            " ORDER BY {order})::text AS totals\n"
            "FROM (\n    SELECT\n        shipped.set_id,\n        {kept}{added}"
            "count(*) AS row_count,\n"
            # By type, as hash partitioning hashes: the same on every version and machine, and for
            # 1.0 and 1.00. Hashed once more, or values that swap rows would not change the sum.
            "        sum(hash_numeric_extended(\n"
            "            hash_record_extended(shipped, 0)::numeric, 0\n"
            "        )) AS content_hash\n"
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
        ).format(found=self.found(), filter=SQL(trusted(self.map.source.filter)))

    def distinct(self, shipped: Composable) -> Composed | None:
        """One pass over the rows: the combinations first, then their values column by column."""
        free, travelling = self.map.target.free, list(self.travelling())
        if not travelling and not free:
            return None
        key = next((k for k in self.map.target.key if k != "company"), "company")
        wanted = [*travelling, *free, *([key] if free else [])]
        values = [
            SQL("({}, combination.{}::text, {})").format(
                Literal(name), Identifier(name),
                SQL("combination.{}::text").format(Identifier(key)) if name in free else SQL("''"),
            )
            for name in dict.fromkeys([*travelling, *free])
        ]  # fmt: skip
        return SQL(
            "SELECT DISTINCT\n    part.name AS column,\n    part.value,\n    part.key\n"
            "FROM (\nSELECT DISTINCT {columns}\nFROM (\n{shipped}\n) AS shipped\n) AS combination\n"
            "CROSS JOIN LATERAL (VALUES {values}) AS part (name, value, key)\n"
            "WHERE part.value IS NOT NULL{along}\nORDER BY 1, 2"
        ).format(
            columns=_columns("shipped", wanted),
            shipped=shipped,
            values=SQL(", ").join(values),
            along=NOTHING.join(
                SQL(
                    "\n    AND NOT (part.name = {} AND EXISTS ("
                    "SELECT FROM (\n{}\n) AS own WHERE own.{}::text = part.value))"
                ).format(Literal(name), shipped, Identifier(self.column_of(name)))
                for name in travelling
                if self.comes_along(name)
            ),
        )

    def unknown(self) -> Composed | None:
        translated = {n: c for n, c in self.map.columns.items() if c.values or c.never}
        if not translated:
            return None
        parts = [
            SQL(
                "SELECT DISTINCT\n    {name}::text AS column,\n"
                "    s.{source}::text AS value,\n    ''::text AS key\n"
                "{found}{kept}\n    AND s.{source} IS NOT NULL AND ({unknown})"
            ).format(
                name=Literal(name),
                source=Identifier(column.source),
                found=self.found(),
                kept=self._and_kept(),
                unknown=SQL(" OR ").join(unknown_codes(column)),
            )
            for name, column in translated.items()
        ]
        return UNION.join(parts)

    def stage(self) -> Composed:
        columns = [
            SQL("{} {}").format(Identifier(one.column), SQL(trusted(one.stage_type)))
            for one in self.carried
        ]
        # Made once per session: a table per set would bloat the catalogue.
        return SQL(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {} (\n    set_id bigint,\n    {}\n)"
            " ON COMMIT DELETE ROWS"
        ).format(Identifier(self.stage_name), COMMA.join(columns))

    def missing(self) -> Composed | None:
        """One pass over the stage: the combinations first, then lookup by lookup."""
        if not self.looked_up:
            return None
        wanted = ["set_id", *(["company"] if "company" in self.map.columns else [])]
        return SQL(
            "WITH combination AS MATERIALIZED (\n"
            "    SELECT DISTINCT {}\n    FROM {} AS stage\n)\n\n{}"
        ).format(
            _columns("stage", [*wanted, *self.travelling()]),
            self.stage_table,
            UNION.join(self._missing(name) for name in self.looked_up),
        )

    def _missing(self, name: str) -> Composed:
        of = self.part(name).of
        sought = self.sought(name, "combination")
        along = NOTHING
        if self.comes_along(name):
            along = SQL(
                "\n    AND NOT EXISTS (\n        SELECT FROM {} AS own\n"
                "        WHERE own.company = combination.company AND own.{} = {}\n    )"
            ).format(self.stage_table, Identifier(self.column_of(name)), sought)
        return SQL(
            "SELECT DISTINCT\n    combination.set_id,\n"
            "    {literal}::text AS column,\n    {sought}::text AS value\n"
            "FROM combination{joins}\nWHERE {sought} IS NOT NULL\n"
            "    AND NOT EXISTS (SELECT FROM {table} AS t WHERE {found}){along}"
        ).format(
            literal=Literal(name),
            sought=sought,
            joins=self.joins([of] if of else [], "combination"),
            table=quoted_table(self.table_of(name)),
            found=self.is_found(name, "t", "combination"),
            along=along,
        )

    def apply(self) -> Composed:
        insert = SQL(
            "INSERT INTO {} AS target (\n    {}\n)\nSELECT\n    {}\nFROM {} AS stage{}"
        ).format(
            quoted_table(self.map.target.table),
            COMMA.join(map(Identifier, self.first)),
            COMMA.join(map(self.target_value, self.first)),
            self.stage_table,
            self.joins(self.first),
        )
        return insert if self.map.rows == "facts" else insert + self._over_older_state()

    def _over_older_state(self) -> Composed:
        key = self.map.target.key
        changed = [
            SQL("{} = excluded.{}").format(Identifier(name), Identifier(name))
            for name in self.first
            if name not in key
        ]
        newer = AND.join(
            SQL("target.{} < excluded.{}").format(Identifier(name), Identifier(name))
            for name in self._versions()
        )
        return SQL("\nON CONFLICT ({}) DO UPDATE SET\n    {}\nWHERE {}").format(
            SQL(", ").join(map(Identifier, key)), COMMA.join(changed), newer
        )

    def patch(self) -> Composed:
        """Fill what refers to the target itself, in the rows that ``apply`` has just written."""
        same = [*self.map.target.key, *(self._versions() if self.map.rows == "state" else [])]
        return SQL(
            "UPDATE {table} AS target\nSET\n    {changes}\n"
            "FROM {stage} AS stage{joins}\nWHERE {same}"
        ).format(
            table=quoted_table(self.map.target.table),
            changes=COMMA.join(
                SQL("{} = {}").format(Identifier(name), self.target_value(name))
                for name in self.second
            ),
            stage=self.stage_table,
            joins=self.joins(self.second),
            same=AND.join(
                SQL("target.{} = {}").format(Identifier(name), self.target_value(name))
                for name in same
            ),
        )

    def _versions(self) -> list[str]:
        return [name for name, one in self.map.columns.items() if one.from_set == "version"]

    def _from_table(self) -> Composed:
        return SQL("SELECT\n    change_set.set_id,\n    {}\n{}{}").format(
            self.shipped_columns(), self.found(), self._and_kept()
        )

    def _and_kept(self) -> Composable:
        kept = self.kept()
        return SQL("\n    AND {}").format(kept) if kept else NOTHING


def _columns(row: str, names: list[str]) -> Composed:
    return SQL(", ").join(
        SQL("{}.{}").format(Identifier(row), Identifier(name)) for name in dict.fromkeys(names)
    )
