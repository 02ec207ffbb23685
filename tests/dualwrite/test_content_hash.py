"""The content hash of a set: it sees every value in its row, and nothing else."""

from __future__ import annotations

import pytest
from psycopg import sql

from tests.support.books import Books

ROWS = [(1, "USPM", 7, "Ann", 1), (1, "USPM", 8, "Bob", 1)]


def hash_of(books: Books, rows: list[tuple[object, ...]]) -> str:
    """Measure rows of the map «resources» as if they had arrived."""
    (resources,) = [
        one.compiled for one in books.server.active_maps() if one.compiled.map.id == "resources"
    ]
    with books.dualwrite_finance.raw() as connection:
        connection.execute(resources.stage.text.encode())
        for row in rows:
            connection.execute(
                sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s, %s)").format(
                    sql.Identifier("pg_temp", resources.stage_name)
                ),
                row,
            )
        found = connection.execute(resources.received.text).fetchone()
    assert found is not None
    return str(found[2])


# What happened to the rows on their way, and what they became.
CHANGES = [
    ("values changed places", [(1, "USPM", 7, "Bob", 1), (1, "USPM", 8, "Ann", 1)]),
    ("keys changed places", [(1, "USPM", 8, "Ann", 2), (1, "USPM", 7, "Bob", 1)]),
    ("one letter", [(1, "USPM", 7, "Anm", 1), (1, "USPM", 8, "Bob", 1)]),
    ("nothing instead of a value", [(1, "USPM", 7, None, 1), (1, "USPM", 8, "Bob", 1)]),
    ("empty instead of nothing", [(1, "USPM", 7, "", 1), (1, "USPM", 8, "Bob", 1)]),
]


@pytest.mark.fault("F112")
@pytest.mark.parametrize(("change", "rows"), CHANGES, ids=[row[0] for row in CHANGES])
def test_another_content_has_another_hash(
    standing_books: Books, change: str, rows: list[tuple[object, ...]]
) -> None:
    assert hash_of(standing_books, rows) != hash_of(standing_books, ROWS), change


@pytest.mark.fault("F055")
def test_the_order_of_the_rows_does_not_matter(standing_books: Books) -> None:
    assert hash_of(standing_books, ROWS[::-1]) == hash_of(standing_books, ROWS)
