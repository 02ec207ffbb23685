"""Make a used database as it was when it was copied from its template, without copying it again.

Copying and dropping two databases costs a test far more than the test itself. Rows are deleted,
the rows a template starts with are put back, and so are sequences. What a test may not do
without being found out is change the schema: then the database is not clean, and is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

_SCHEMAS: Final = ["operations", "finance", "dualwrite", "history", "migration", "access", "jobs"]

_TABLES: Final = """
    SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname = ANY(%s) ORDER BY schemaname, tablename
"""
_SEQUENCES: Final = """
    SELECT format('%%I.%%I', schemaname, sequencename), coalesce(last_value, start_value),
        last_value IS NOT NULL
    FROM pg_sequences WHERE schemaname = ANY(%s)
"""
_SET_SEQUENCES: Final = """
    SELECT setval(one.name::regclass, one.value, one.is_called)
    FROM unnest(%s::text[], %s::bigint[], %s::boolean[]) AS one (name, value, is_called)
"""
# What a change of the schema leaves behind in the catalogues: rows come or go, or are of a newer
# transaction. A copy begins with those of its template. Temporary tables go with their session.
_SHAPE: Final = """
    WITH lasting AS (SELECT oid, xmin FROM pg_class WHERE relpersistence <> 't')
    SELECT array_agg(catalogue.rows || ' to ' || coalesce(catalogue.newest, 0))::text FROM (
        SELECT count(*), max(xmin::text::bigint) FROM lasting
        UNION ALL
        SELECT count(*), max(a.xmin::text::bigint)
        FROM pg_attribute AS a JOIN lasting ON lasting.oid = a.attrelid
        UNION ALL
        SELECT count(*), max(a.xmin::text::bigint)
        FROM pg_attrdef AS a JOIN lasting ON lasting.oid = a.adrelid
        UNION ALL
        SELECT count(*), max(a.xmin::text::bigint)
        FROM pg_constraint AS a JOIN lasting ON lasting.oid = a.conrelid
        UNION ALL
        SELECT count(*), max(a.xmin::text::bigint)
        FROM pg_index AS a JOIN lasting ON lasting.oid = a.indexrelid
        UNION ALL
        SELECT count(*), max(a.xmin::text::bigint)
        FROM pg_trigger AS a JOIN lasting ON lasting.oid = a.tgrelid
        UNION ALL
        SELECT count(*), max(xmin::text::bigint) FROM pg_rewrite
        UNION ALL
        SELECT count(*), max(xmin::text::bigint) FROM pg_policy
        UNION ALL
        SELECT count(*), max(xmin::text::bigint) FROM pg_proc
        UNION ALL
        SELECT count(*), max(xmin::text::bigint) FROM pg_enum
        UNION ALL
        SELECT count(*), max(xmin::text::bigint) FROM pg_namespace WHERE nspname !~ '_temp_'
    ) AS catalogue (rows, newest)
"""


@dataclass(frozen=True, slots=True)
class Pristine:
    """What a fresh copy of a template holds: its shape, and the rows of tables that have some."""

    shape: str
    tables: tuple[sql.Identifier, ...]
    rows: tuple[tuple[sql.Identifier, bytes], ...]
    sequences: tuple[tuple[str, int, bool], ...]


def look(connection: psycopg.Connection[Any]) -> Pristine:
    """Look at a fresh database."""
    names = connection.execute(_TABLES, (_SCHEMAS,)).fetchall()
    tables = tuple(sql.Identifier(schema, table) for schema, table in names)
    kept = ((table, _copy_out(connection, table)) for table in tables)
    return Pristine(
        shape_of(connection),
        tables,
        tuple((table, rows) for table, rows in kept if rows),
        tuple(connection.execute(_SEQUENCES, (_SCHEMAS,)).fetchall()),
    )


def clean(connection: psycopg.Connection[Any], pristine: Pristine) -> bool:
    """Put a used database back; False when its schema is no longer the one it began with."""
    if shape_of(connection) != pristine.shape:
        return False
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(
            sql.SQL(";").join(sql.SQL("DELETE FROM {}").format(table) for table in pristine.tables)
        )
        for table, rows in pristine.rows:
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
                copy.write(rows)
        connection.execute(
            _SET_SEQUENCES, [list(one) for one in zip(*pristine.sequences, strict=True)]
        )
    return True


def shape_of(connection: psycopg.Connection[Any]) -> str:
    """Give what tells one schema from another."""
    found = connection.execute(_SHAPE).fetchone()
    assert found is not None
    return str(found[0])


def _copy_out(connection: psycopg.Connection[Any], table: sql.Identifier) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(table)) as copy:
        return b"".join(bytes(piece) for piece in copy)
