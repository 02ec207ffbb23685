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

_SCHEMAS: Final = ["operations", "finance", "dualwrite", "migration", "access", "jobs"]

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
# Everything a test could have changed about the schema, in one word.
_SHAPE: Final = """
    SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (
        SELECT format('%%s %%s %%s %%s', attrelid::regclass, attname, atttypmod, attacl)
            || atttypid::regtype || attnotnull
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace::regnamespace::text !~ %(system)s AND attnum > 0
        UNION ALL
        SELECT format('%%s %%s %%s', oid::regclass, relacl, relrowsecurity) FROM pg_class
        WHERE relnamespace::regnamespace::text !~ %(system)s
        UNION ALL
        SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace::regnamespace::text !~ %(system)s
        UNION ALL
        SELECT proname || prosrc FROM pg_proc
        WHERE pronamespace::regnamespace::text !~ %(system)s
        UNION ALL
        SELECT enumtypid::regtype || enumlabel FROM pg_enum
        UNION ALL
        SELECT nspname || coalesce(nspacl::text, '') FROM pg_namespace WHERE nspname !~ '^pg_t'
    ) AS shape (line)
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
        _shape(connection),
        tables,
        tuple((table, rows) for table, rows in kept if rows),
        tuple(connection.execute(_SEQUENCES, (_SCHEMAS,)).fetchall()),
    )


def clean(connection: psycopg.Connection[Any], pristine: Pristine) -> bool:
    """Put a used database back; False when its schema is no longer the one it began with."""
    if _shape(connection) != pristine.shape:
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


def _shape(connection: psycopg.Connection[Any]) -> str:
    found = connection.execute(_SHAPE, {"system": "^(pg_|information_schema)"}).fetchone()
    assert found is not None
    return str(found[0])


def _copy_out(connection: psycopg.Connection[Any], table: sql.Identifier) -> bytes:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(table)) as copy:
        return b"".join(bytes(piece) for piece in copy)
