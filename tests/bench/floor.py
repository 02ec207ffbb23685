"""The floor: binary COPY of the very rows a run wrote, into empty tables with the same indexes.

Nothing that stores these rows durably in these tables can be faster, so a station's time is
read as a multiple of it.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

_PIECE_BYTES: Final = 256 * 1024

# Tables of facts and of open work that the flow fills, per schema.
TABLES: Final = """
    SELECT namespace.nspname, class.relname
    FROM pg_class AS class
    JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname IN ('operations', 'finance', 'dualwrite') AND class.relkind = 'r'
    ORDER BY 1, 2
"""


def copy_out(connection: psycopg.Connection[Any], folder: Path, company: str) -> dict[str, int]:
    """Write every row of the company to one file per table; give the rows per table."""
    counts: dict[str, int] = {}
    for schema, table in connection.execute(TABLES).fetchall():
        name = sql.Identifier(schema, table)
        columns = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(name)).description
        if any(column.name == "company" for column in columns or ()):
            rows = sql.SQL("SELECT * FROM {} WHERE company = {}").format(name, company)
            counts[f"{schema}.{table}"] = write(connection, rows, folder / f"{schema}.{table}")
    return counts


def copy_in(connection: psycopg.Connection[Any], folder: Path) -> float:
    """Load the files into the empty tables, one transaction; give the seconds."""
    connection.execute("SET session_replication_role = replica")  # setup tables refer to others
    started = time.perf_counter()
    with connection.transaction():
        for path in sorted(folder.iterdir()):
            _read(connection, path)
    return time.perf_counter() - started


def write(connection: psycopg.Connection[Any], rows: sql.Composed, path: Path) -> int:
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(rows)
    with path.open("wb") as file, connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for piece in copy:
                file.write(piece)
        return cursor.rowcount


def _read(connection: psycopg.Connection[Any], path: Path) -> None:
    table = sql.Identifier(*path.name.split("."))
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(table)
    with (
        path.open("rb") as file,
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        while piece := file.read(_PIECE_BYTES):
            copy.write(piece)
