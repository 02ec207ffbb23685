"""The pieces a map's statements are made of: column values, filter, casts, lookups.

Pieces are SQL over fixed aliases: ``s`` the source row, ``change_set`` its outbox row, ``stage``
the row as it arrived. Whoever writes a statement of a map (``compile``, ``compile_standing``)
brings these aliases and puts the pieces in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from twofold.database.compose import SQL, Composable, Composed, Identifier, Literal, trusted
from twofold.dualwrite.table_maps.compiled import ColumnType
from twofold.dualwrite.table_maps.language import Column, Lookup, TableMap

COMMA: Final = SQL(",\n    ")
AND: Final = SQL("\n    AND ")
UNION: Final = SQL("\nUNION ALL\n")
NOTHING: Final = SQL("")


class Pieces:
    """The pieces of one map's statements.

    ``columns`` are the columns of the map in its order, then its named lookups, with their types.
    ``carried`` are those that travel, in the order of the stage; ``looked_up`` names those whose
    value must exist. ``first`` are the target columns written when a row is written, ``second``
    those patched afterwards, because what they refer to may come in the same set.
    """

    def __init__(self, table_map: TableMap, columns: tuple[ColumnType, ...]) -> None:
        self.map: Final = table_map
        self.columns: Final = columns
        self.types: Final = {column.column: column for column in columns}
        self.carried: Final = tuple(one for one in columns if not self.part(one.column).of)
        # Stages outlive their transaction: one of other columns must have another name.
        shape = ", ".join(f"{one.column} {one.stage_type}" for one in self.carried)
        digest = hashlib.sha256(shape.encode()).hexdigest()[:8]
        self.stage_name: Final = f"stage_{table_map.id}_{digest}"
        self.stage_table: Final = Identifier("pg_temp", self.stage_name)
        self.looked_up: Final = [one.column for one in columns if self.part(one.column).lookup]
        self.second: Final = [
            name
            for name in table_map.columns
            if any(table_map.looks_at_itself(one) for one in self.chain(name))
        ]
        self.first: Final = [name for name in table_map.columns if name not in self.second]

    def part(self, name: str) -> Column | Lookup:
        """Give the column or the named lookup."""
        return self.map.part(name)

    def chain(self, name: str) -> list[str]:
        """Name the lookups that lead to a column's value, first step first, itself included."""
        part = self.part(name)
        return [*(self.chain(part.of) if part.of else []), *([name] if part.lookup else [])]

    def shipped_columns(self) -> Composed:
        """Give the select list of the source: each carried column, in its stage type.

        Before  ``s`` and ``change_set`` are in scope.
        """
        return COMMA.join(
            SQL("({})::{} AS {}").format(
                origin(self.part(one.column)),
                SQL(trusted(one.stage_type)),
                Identifier(one.column),
            )
            for one in self.carried
        )

    def found(self) -> Composed:
        """Give the join of sets, by ``company`` and ``set_ids``, with their rows ``s``.

        Facts are read along the key block of each set, and only there: left to its estimates,
        the planner reads the whole table for a batch of sets, however long its history. Whether a
        row is of the set is asked in a form it takes for an even chance, so that what follows is
        planned for many rows and hashed, not sorted.
        """
        source = self.map.source
        table, of_set = quoted_table(source.table), NOTHING
        if not source.key_column:
            rows = SQL("JOIN {} AS s\n    ON s.company = change_set.company").format(table)
            if source.set_column:
                rows += SQL("\n    AND s.{} = change_set.set_id").format(
                    Identifier(source.set_column)
                )
        else:
            rows = SQL(
                "CROSS JOIN LATERAL (\n    SELECT block.*\n    FROM {table} AS block\n"
                "    WHERE block.company = change_set.company\n"
                "        AND block.{key} BETWEEN change_set.key_first AND change_set.key_last\n"
                "    OFFSET 0\n) AS s"
            ).format(table=table, key=Identifier(source.key_column))
            if source.set_column:
                of_set = SQL("\n    AND coalesce(s.{} = change_set.set_id, false)").format(
                    Identifier(source.set_column)
                )
        return SQL(
            "FROM dualwrite.outbox AS change_set\n{}\n"
            "WHERE change_set.company = %(company)s::text\n"
            "    AND change_set.set_id = ANY(%(set_ids)s::bigint[]){}"
        ).format(rows, of_set)

    def kept(self) -> Composed | None:
        """Give the map's filter over ``s``, or nothing when every row travels."""
        kept = self.map.source.filter
        return SQL("({})").format(SQL(trusted(kept))) if kept else None

    def target_value(self, name: str) -> Composed:
        """Give the value of a target column over ``stage`` and ``joins``, in the target's type."""
        part, kind = self.part(name), self.types[name]
        if part.gives:
            came = kind.gives_type
        else:
            came = self.types[part.of].gives_type if part.of else kind.stage_type
        cast = SQL(f"::{trusted(kind.type)}" if kind.type != came else "")
        found = _given(name, part.gives) if part.gives else self.sought(name, "stage")
        return SQL("{}{}").format(found, cast)

    def sought(self, name: str, row: str) -> Composed:
        """Give the value that arrived for a column or lookup, or that the lookup before gave."""
        part = self.part(name)
        if part.of:
            return _given(part.of, self.part(part.of).gives)
        return SQL("{}.{}").format(Identifier(row), Identifier(name))

    def joins(self, names: list[str], row: str = "stage") -> Composed:
        """Give the joins after which the lookups that lead to these columns are in scope.

        After   each lookup that gives a value is joined once, as ``given_<name>``; a row whose
                lookup finds nothing stays, with nulls.
        """
        steps = dict.fromkeys(
            step for name in names for step in self.chain(name) if self.part(step).gives
        )
        return NOTHING.join(
            SQL("\nLEFT JOIN {table} AS {alias}\n    ON {found}").format(
                table=quoted_table(self.table_of(step)),
                alias=Identifier(f"given_{step}"),
                found=self.is_found(step, f"given_{step}", row),
            )
            for step in steps
        )

    def is_found(
        self, name: str, table: str, row: str = "stage", sought: Composable | None = None
    ) -> Composed:
        """Give the condition that ``table`` (an alias) holds what the lookup seeks, in one line."""
        kind = self.types[name]
        found = SQL("{}.{}{} = {}").format(
            Identifier(table), Identifier(self.column_of(name)),
            SQL("::text" if kind.lookup_is_enumerated else ""), sought or self.sought(name, row),
        )  # fmt: skip
        if kind.lookup_is_shared:
            return found
        return SQL("{}.company = {}.company AND {}").format(
            Identifier(table), Identifier(row), found
        )

    def table_of(self, name: str) -> str:
        """Name the table that a column or lookup looks into."""
        return self.part(name).lookup.rpartition(".")[0]

    def column_of(self, name: str) -> str:
        """Name the column that a column or lookup looks for its value in."""
        return self.part(name).lookup.rpartition(".")[2]

    def comes_along(self, name: str) -> bool:
        """Tell whether what a lookup seeks may come in the very set that refers to it."""
        if not self.map.looks_at_itself(name):
            return False
        sought = self.map.columns.get(self.column_of(name))
        return sought is not None and not sought.gives and not sought.of

    def travelling(self) -> Iterator[str]:
        """Name the columns and lookups that carry a value which the target must know."""
        return (name for name in self.looked_up if not self.part(name).of)


def origin(part: Column | Lookup) -> Composable:
    """Give where the value comes from, in SQL over the source row ``s`` and its set."""
    if isinstance(part, Lookup):
        return SQL("s.{}").format(Identifier(part.source))
    if part.constant:
        return Literal(part.constant)
    if part.from_set:
        return SQL("change_set.{}").format(Identifier(part.from_set))
    return _shaped(part)


def _shaped(column: Column) -> Composable:
    if column.values:
        return _translated(column)
    value = (
        SQL(trusted(column.expression))
        if column.expression
        else SQL("s.{}").format(Identifier(column.source))
    )
    if column.round is not None:
        value = SQL("round(({})::numeric, {})").format(value, Literal(column.round))
    if column.cut is not None:
        value = SQL("left(({})::text, {})").format(value, Literal(column.cut))
    return value


def _translated(column: Column) -> Composable:
    cases = SQL(" ").join(
        SQL("WHEN {} THEN {}").format(Literal(code), Literal(meaning))
        for code, meaning in column.values.items()
    )
    return SQL("CASE s.{}::text {} END").format(Identifier(column.source), cases)


def _given(lookup: str, gives: str) -> Composed:
    return SQL("{}.{}").format(Identifier(f"given_{lookup}"), Identifier(gives))


def unknown_codes(column: Column) -> Iterator[Composed]:
    """Ask for codes of ``s`` that a value map does not list, or lists as never sent."""
    code = SQL("s.{}::text").format(Identifier(column.source))
    if column.values:
        yield SQL("{} <> ALL({})").format(code, Literal(list(column.values)))
    if column.never:
        yield SQL("{} = ANY({})").format(code, Literal(list(column.never)))


def lookup_of(part: Column | Lookup) -> tuple[str, str]:
    """Give table and column of the target that a value must exist in."""
    looked_in, _, looked_up = part.lookup.rpartition(".")
    return looked_in, looked_up


def quoted_table(name: str) -> Identifier:
    """Quote ``schema.table``."""
    return Identifier(*name.split("."))
