"""Digests of whole tables, to tell that nothing changed."""

from __future__ import annotations

from psycopg import Connection, sql

from twofold.database.connection import Book


def digests(book: Book, only: str | None) -> list[tuple[str, str]]:
    """Give a digest of each table of a book: of all rows, or of one company's."""
    with book.raw() as connection:
        tables = connection.execute(
            "SELECT c.oid::regclass::text, bool_or(a.attname = 'company')"
            " FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
            " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = ANY("
            "  ARRAY(SELECT oid FROM pg_namespace"
            "   WHERE nspname IN ('operations', 'finance', 'dualwrite')))"
            " GROUP BY c.oid ORDER BY 1"
        ).fetchall()
        return [
            (name, _digest(connection, name, only))
            for name, has_company in tables
            if only is None or has_company
        ]


def _digest(connection: Connection, table: str, only: str | None) -> str:
    where = sql.SQL("") if only is None else sql.SQL("WHERE r.company = {}").format(only)
    query = sql.SQL(
        "SELECT count(*) || ' ' || coalesce(md5(string_agg(r::text, E'\\n' ORDER BY r::text)), '')"
        " FROM {} AS r {}"
    )
    found = connection.execute(query.format(sql.Identifier(*table.split(".")), where)).fetchone()
    assert found is not None
    return str(found[0])
