"""Make a used database as it was when it was copied from its template, without copying it again.

Copying and dropping two databases costs a test far more than the test itself. Rows are deleted,
the rows a template starts with are put back, and so are sequences. What a test may not do
without being found out is change the schema: then the database is not clean, and is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

_SCHEMAS: Final = ["operations", "finance", "dualwrite", "history", "migration", "access", "jobs"]

_TABLES: Final = """
    SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname = ANY(%s) ORDER BY schemaname, tablename
"""
# A table without a page never had a row.
_USED: Final = """
    SELECT named.name FROM unnest(%s::text[]) AS named (name)
    WHERE pg_relation_size(named.name::regclass) > 0
"""
# Temporary tables come and go by the hundred, and nobody else tidies up after them.
_TIDY: Final = """
    VACUUM pg_attribute, pg_attrdef, pg_class, pg_constraint, pg_depend, pg_index, pg_shdepend,
        pg_statistic, pg_type
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
        UNION ALL
        SELECT count(*), count(one.setconfig)
        FROM pg_database AS database
        LEFT JOIN pg_db_role_setting AS one ON one.setdatabase = database.oid
        WHERE database.datname = current_database() AND database.datallowconn
    ) AS catalogue (rows, newest)
"""


@dataclass(frozen=True, slots=True)
class Pristine:
    """What a fresh copy of a template holds: its shape, and the rows of tables that have some."""

    shape: str
    tables: tuple[str, ...]
    rows: tuple[tuple[str, bytes], ...]
    sequences: tuple[tuple[str, int, bool], ...]


def look(connection: psycopg.Connection[Any]) -> Pristine:
    """Look at a database as it stands."""
    tables = tuple(name for (name,) in connection.execute(_TABLES, (_SCHEMAS,)))
    return Pristine(
        shape_of(connection),
        tables,
        tuple((table, _copy_out(connection, table)) for table in _filled(connection, tables)),
        tuple(connection.execute(_SEQUENCES, (_SCHEMAS,)).fetchall()),
    )


def clean(connection: psycopg.Connection[Any], pristine: Pristine) -> bool:
    """Put a used database back; False when its schema is no longer the one it began with."""
    if shape_of(connection) != pristine.shape:
        return False
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        for table in _used(connection, pristine.tables):
            connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - of the schema
        for table, rows in pristine.rows:
            with connection.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                copy.write(rows)
        connection.execute(
            _SET_SEQUENCES, [list(one) for one in zip(*pristine.sequences, strict=True)]
        )
    return True


def tidy(connection: psycopg.Connection[Any]) -> None:
    """Make room in the catalogues for the temporary tables of more tests."""
    connection.execute(_TIDY)


def shape_of(connection: psycopg.Connection[Any]) -> str:
    """Give what tells one schema from another."""
    found = connection.execute(_SHAPE).fetchone()
    assert found is not None
    return str(found[0])


def _filled(connection: psycopg.Connection[Any], tables: Sequence[str]) -> list[str]:
    """Give the tables that have rows."""
    used = _used(connection, tables)
    asked = " UNION ALL ".join(
        f"SELECT {number} WHERE EXISTS (SELECT FROM {table})"  # noqa: S608 - of the schema
        for number, table in enumerate(used)
    )
    return [used[number] for (number,) in connection.execute(asked.encode())] if used else []


def _used(connection: psycopg.Connection[Any], tables: Sequence[str]) -> list[str]:
    return [name for (name,) in connection.execute(_USED, (list(tables),))]


def _copy_out(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
        return b"".join(bytes(piece) for piece in copy)
