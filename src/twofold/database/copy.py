"""COPY in both directions: rows of ours into a table, and bytes from book to book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import psycopg
from psycopg import sql

from twofold.database.transaction import Reader, Transaction, connection_of, driver_errors

# Rows arrive one by one; written on in pieces of this size they cost least (see performance).
_PIECE_BYTES: Final = 256 * 1024

# A domain travels as the type it is made of.
_COLUMN_TYPES: Final = """
    SELECT
        attribute.attname,
        coalesce(nullif(type.typbasetype, 0), type.oid)::int8
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
    WHERE attribute.attrelid = %(table)s::text::regclass
        AND attribute.attnum > 0
        AND NOT attribute.attisdropped
"""


def copy_rows(
    transaction: Transaction,
    table: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[object, ...]],
) -> int:
    """Copy rows into ``schema.table`` in binary form and tell how many.

    Before  each value has the Python type of its column: Decimal for numeric, date for date.
    After   all rows are in the table, or none: a bad value fails the transaction.
    """
    connection = connection_of(transaction)
    with driver_errors(), connection.cursor() as cursor:
        types = dict(cursor.execute(_COLUMN_TYPES, {"table": table}).fetchall())
        missing = [column for column in columns if column not in types]
        assert not missing, f"{table} has no column {', '.join(missing)}"
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
            sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with cursor.copy(statement) as copy:
            copy.set_types([types[column] for column in columns])
            for row in rows:
                copy.write_row(row)
        return cursor.rowcount


def pass_through(source: psycopg.Copy, target: psycopg.Copy) -> int:
    """Stream ``COPY … TO STDOUT`` into ``COPY … FROM STDIN`` and tell how many bytes.

    Before  both copies have the same format and the same columns in the same order.
    After   every byte is handed to the target; memory stayed flat, no value became an object.
    """
    passed = 0
    piece = bytearray()
    for row in source:
        piece += row
        if len(piece) >= _PIECE_BYTES:
            target.write(bytes(piece))
            passed += len(piece)
            piece.clear()
    if piece:
        target.write(bytes(piece))
    return passed + len(piece)


def ship(
    source: Reader,
    rows: sql.Composable,
    given: Mapping[str, object],
    target: Transaction,
    table: str,
) -> int:
    """Stream the rows of a query in one book into a table of the other; tell how many bytes.

    Before  the query's columns are those of ``table``, in order and in type.
    After   the rows are in ``table``, inside the target's transaction; no value became an object.
    """
    out = sql.SQL("COPY (\n{}\n) TO STDOUT (FORMAT binary)").format(rows)
    into = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(*table.split(".")))
    with (
        driver_errors(),
        connection_of(source).cursor() as reading,
        connection_of(target).cursor() as writing,
        reading.copy(out, given) as outgoing,
        writing.copy(into) as incoming,
    ):
        return pass_through(outgoing, incoming)
