"""The rows that a map's filter leaves out: each with its key, its set and the reason.

The manifest counts them when a set is sealed; here they are named. Facts are as they were then.
State is listed as it is now: a row may have come into the filter's scope since, or left it after
it was sent; then the target still has it, which is told, unless the map says ``left_scope =
"keep"``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database import compose
from twofold.database.compose import SQL, Composed, Identifier, Literal
from twofold.database.statement import Query, SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.pieces import AND, Pieces, origin, quoted_table


@dataclass(frozen=True, slots=True)
class ExcludedRow:
    """A row that did not travel. ``key`` is its key as JSON; ``left_scope`` that it once did."""

    set_id: int
    key: str
    reason: str
    left_scope: bool


@dataclass(frozen=True, slots=True)
class _Row:
    set_id: int
    key: str
    answer: str


@dataclass(frozen=True, slots=True)
class _Key:
    key: str


@dataclass(frozen=True, slots=True)
class _Set:
    set_id: int


SQL_FILE: Final = SqlFile(__name__)
SETS_WITH_EXCLUDED: Final = SQL_FILE.query("sets_with_excluded", gives=_Set)


def excluded_rows(
    active: ActiveMap, *, source: Reader, target: Reader, company: str, set_id: int | None = None
) -> list[ExcludedRow]:
    """List the rows of one company's sets (or one set's) that the map's filter left out.

    Before  ``source`` and ``target`` read the books of the map as the dual-write role.
    """
    compiled = active.compiled
    sets = source.all(
        SETS_WITH_EXCLUDED,
        company=company,
        map=compiled.map.id,
        content_hash=active.content_hash,
        set_id=set_id,
    )
    pieces = Pieces(compiled.map, compiled.columns)
    listed = _listed(pieces)
    if listed is None or not sets:
        return []
    rows = source.all(listed, company=company, set_ids=[one.set_id for one in sets])
    standing = target.all(_standing(pieces), company=company, keys=[one.key for one in rows])
    known = {one.key for one in standing}
    reports = compiled.map.source.left_scope == "report"
    return [
        ExcludedRow(one.set_id, one.key, _reason(active, one), reports and one.key in known)
        for one in rows
    ]


def _reason(active: ActiveMap, row: _Row) -> str:
    kept = active.compiled.map.source.filter
    return f"the filter «{kept}» says {row.answer}"


def _listed(pieces: Pieces) -> Query[_Row] | None:
    kept = pieces.kept()
    if kept is None:
        return None
    key = SQL(", ").join(
        SQL("{}, ({})::text").format(Literal(name), origin(pieces.part(name)))
        for name in pieces.map.target.key
    )
    return compose.query(
        f"{pieces.map.id}:excluded_rows",
        SQL(
            "SELECT\n    change_set.set_id,\n    jsonb_build_object({key})::text AS key,\n"
            "    CASE WHEN {kept} IS NULL THEN 'neither yes nor no' ELSE 'no' END AS answer\n"
            "{found}\n    AND {kept} IS NOT TRUE\nORDER BY 1, 2"
        ).format(key=key, kept=kept, found=pieces.found()),
        gives=_Row,
    )


def _standing(pieces: Pieces) -> Query[_Key]:
    return compose.query(
        f"{pieces.map.id}:excluded_and_sent",
        SQL(
            "SELECT given.key\nFROM unnest(%(keys)s::text[]) AS given (key)\n"
            "JOIN {table} AS t\n    ON t.company = %(company)s::text\n    AND {same}"
        ).format(table=quoted_table(pieces.map.target.table), same=_same_key(pieces)),
        gives=_Key,
    )


def _same_key(pieces: Pieces) -> Composed:
    return AND.join(
        SQL("t.{}::text = given.key::jsonb ->> {}").format(Identifier(name), Literal(name))
        for name in pieces.map.target.key
    )
