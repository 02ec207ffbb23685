"""The first rows of a composed query, as text, for people to look at."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import sql

from twofold.database.transaction import Reader, connection_of, driver_errors


def first_rows(
    reader: Reader, rows: sql.Composable, given: Mapping[str, object], *, limit: int
) -> list[str]:
    """Give the first rows of a query, each as one JSON text, in the order the server finds them."""
    statement = sql.SQL("SELECT to_jsonb(found)::text FROM (\n{}\n) AS found LIMIT {}").format(
        rows, sql.Literal(limit)
    )
    with driver_errors(), connection_of(reader).cursor() as cursor:
        return [text for (text,) in cursor.execute(statement, given).fetchall()]
