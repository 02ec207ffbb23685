"""Merge rows from a file into a table by natural key: one statement, made of a few names.

A setup states rows; the table has rows. What the table lacks is *added*, what differs is
*changed*, the rest is *unchanged* and not touched. Every such merge is the same statement over
other names, so it is written once, here; what the file's words mean in the table's columns is a
SELECT in the .sql file of the process, or nothing where they are the same.

The statement gives the number of rows per verdict. It writes only when it is given ``first_key``:
called without, it tells what it would do, how many keys that takes and whether a change set is
needed at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, LiteralString

from twofold.database import compose
from twofold.database.compose import SQL, Composable, Composed, Identifier, Literal
from twofold.database.statement import Command, Query

_COMMA: Final = SQL(", ")
_LINES: Final = SQL(",\n        ")
_AND: Final = SQL(" AND ")
_COMPANY: Final = SQL("%(company)s::text")
_WRITES: Final = SQL("%(first_key)s::bigint IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many of the given rows are ``added``, ``changed`` or ``unchanged``."""

    verdict: str
    row_count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What a merge would do with one row, or one field of it.

    ``verdict`` is added, changed (one row per field, with both values), removed, or unnamed: the
    table has the row and the file does not, so that it stays.
    """

    verdict: str
    key: str
    field: str
    was: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of a table as text: its key in one, and every field that is not empty."""

    key: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the merge must know of a table.

    ``key`` identifies a row within its company; a difference in ``columns`` makes it changed;
    ``once`` is written when a row is added and left alone afterwards. ``number`` is the column
    that counts up from ``first_key``, ``set_column`` takes the change set of rows written.
    ``changeable`` holds of the rows, called ``stored``, that a merge may change.
    """

    key: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    number: str = ""
    set_column: str = ""
    changeable: LiteralString = ""
    is_shared: bool = False
    key_has_nulls: bool = False


def merge_statement(table: str, shape: Shape, *, given: Command | None = None) -> Query[Verdict]:
    """Compose the merge of ``%(rows)s``, a JSON array, into ``schema.table``.

    Before  ``given`` selects the columns of ``shape`` from ``%(rows)s``; without it the rows are
            rows of the table already.
    """
    return compose.query(f"{table}:merge", _Merge(table, shape, given).text(), gives=Verdict)


def difference_statement(
    table: str, shape: Shape, *, given: Command | None = None
) -> Query[Difference]:
    """Compose what the merge of ``%(rows)s`` into ``schema.table`` would change, field by field."""
    merge = _Merge(table, shape, given)
    return compose.query(f"{table}:compare", merge.differences(), gives=Difference)


def stored_statement(table: str, shape: Shape) -> Query[Stored]:
    """Compose what ``schema.table`` holds of a company, by key."""
    return compose.query(f"{table}:stored", _Merge(table, shape, None).stored(), gives=Stored)


class _Merge:
    """The pieces of one merge."""

    def __init__(self, table: str, shape: Shape, given: Command | None) -> None:
        self.table = Identifier(*table.split("."))
        self.shape = shape
        self.given = SQL(given.text) if given else SQL(
            "SELECT * FROM jsonb_populate_recordset(NULL::{}, %(rows)s::jsonb)"
        ).format(self.table)  # fmt: skip

    def text(self) -> Composed:
        judged = SQL(
            "WITH given AS (\n{given}\n),\n\njudged AS (\n    SELECT\n        given.*,\n"
            "        CASE\n            WHEN stored IS NULL THEN 'added'\n"
            "            WHEN {differs} THEN 'changed'\n            ELSE 'unchanged'\n"
            "        END AS verdict\n    FROM given\n    LEFT JOIN {table} AS stored ON {same}\n)"
        ).format(
            given=self.given, differs=self._differs(), table=self.table, same=self._same("given")
        )
        parts = [judged, self._added()]
        if self.shape.columns:
            parts.append(self._changed())
        return SQL(
            "{}\n\nSELECT\n    verdict,\n    count(*) AS row_count\nFROM judged\nGROUP BY verdict"
        ).format(SQL(",\n\n").join(parts))

    def differences(self) -> Composed:
        """Compare the rows given with those stored: added, changed by field, unnamed."""
        text = SQL(
            "WITH given AS (\n{given}\n),\n\nstored AS (\n    SELECT * FROM {table} AS stored\n"
            "    WHERE {company}\n)\n\n"
            "SELECT 'added' AS verdict, {given_key} AS key, '' AS field, '' AS was, '' AS becomes\n"
            "FROM given\nLEFT JOIN stored ON {same}\nWHERE stored IS NULL\nUNION ALL\n"
            "SELECT 'unnamed', {stored_key}, '', '', ''\n"
            "FROM stored\nLEFT JOIN given ON {same}\nWHERE given IS NULL{fields}\n"
            "ORDER BY verdict, key, field"
        )
        return text.format(
            given=self.given,
            table=self.table,
            company=self._company(),
            given_key=self._key("given"),
            stored_key=self._key("stored"),
            same=self._same("given"),
            fields=self._fields(),
        )

    def stored(self) -> Composed:
        """Read every row of a company, each field as text."""
        fields: list[Composable] = [
            SQL("{}, stored.{}::text").format(Literal(name), Identifier(name))
            for name in (*self.shape.key, *self.shape.columns)
        ]
        return SQL(
            "SELECT\n    {} AS key,\n    jsonb_strip_nulls(jsonb_build_object(\n        {}\n    ))"
            " AS fields\nFROM {} AS stored\nWHERE {}\nORDER BY key"
        ).format(self._key("stored"), _LINES.join(fields), self.table, self._company())

    def _key(self, row: str) -> Composable:
        key = self.shape.key
        return SQL("concat_ws(', ', {})").format(_columns(row, key)) if key else SQL("''")

    def _fields(self) -> Composable:
        if not self.shape.columns:
            return SQL("")
        sides: list[Composable] = [
            SQL("({0}, coalesce(stored.{1}::text, ''), coalesce(given.{1}::text, ''))").format(
                Literal(name), Identifier(name)
            )
            for name in self.shape.columns
        ]
        return SQL(
            "\nUNION ALL\nSELECT 'changed', {}, side.field, side.was, side.becomes\nFROM given\n"
            "JOIN stored ON {}\nCROSS JOIN LATERAL (\n    VALUES\n        {}\n"
            ") AS side (field, was, becomes)\n"
            "WHERE side.was <> side.becomes"
        ).format(self._key("stored"), self._same("given"), _LINES.join(sides))

    def _same(self, row: str) -> Composable:
        sign = SQL("IS NOT DISTINCT FROM") if self.shape.key_has_nulls else SQL("=")
        same: list[Composable] = [
            SQL("stored.{0} {1} {2}.{0}").format(Identifier(name), sign, Identifier(row))
            for name in self.shape.key
        ]
        return _AND.join(same if self.shape.is_shared else [self._company(), *same])

    def _company(self) -> Composable:
        return SQL("stored.company = {}").format(_COMPANY)

    def _differs(self) -> Composable:
        if not self.shape.columns:
            return SQL("false")
        differs = SQL("({}) IS DISTINCT FROM ({})").format(
            _columns("stored", self.shape.columns), _columns("given", self.shape.columns)
        )
        if not self.shape.changeable:
            return differs
        return SQL("({}) AND {}").format(SQL(self.shape.changeable), differs)

    def _added(self) -> Composable:
        shape = self.shape
        kept = (*shape.key, *shape.columns, *shape.once)
        number = SQL("%(first_key)s::bigint + row_number() OVER (ORDER BY {}) - 1").format(
            _COMMA.join(map(Identifier, shape.key))
        )
        written: list[tuple[str, Composable]] = [
            *(() if shape.is_shared else (("company", _COMPANY),)),
            *(((shape.number, number),) if shape.number else ()),
            *((name, Identifier("judged", name)) for name in kept),
            *(((shape.set_column, SQL("%(set_id)s::bigint")),) if shape.set_column else ()),
        ]
        return SQL(
            "added AS (\n    INSERT INTO {} (\n        {}\n    )\n    SELECT\n        {}\n"
            "    FROM judged\n    WHERE judged.verdict = 'added' AND {}\n)"
        ).format(
            self.table,
            _COMMA.join(Identifier(name) for name, _ in written),
            _LINES.join(value for _, value in written),
            _WRITES,
        )

    def _changed(self) -> Composable:
        shape = self.shape
        sets: list[Composable] = [
            SQL("{0} = judged.{0}").format(Identifier(name)) for name in shape.columns
        ]
        if shape.set_column:
            sets.append(SQL("{} = %(set_id)s::bigint").format(Identifier(shape.set_column)))
        return SQL(
            "changed AS (\n    UPDATE {} AS stored\n    SET\n        {}\n    FROM judged\n"
            "    WHERE {} AND judged.verdict = 'changed' AND {}\n)"
        ).format(self.table, _LINES.join(sets), self._same("judged"), _WRITES)


def _columns(row: str, names: Iterable[str]) -> Composed:
    return _COMMA.join(Identifier(row, name) for name in names)
