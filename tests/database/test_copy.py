"""COPY: typed rows in, and bytes passed from book to book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.support.books import Books
from twofold.database.copy import copy_rows, pass_through

TABLE = """
    CREATE DOMAIN public.code AS text CHECK (VALUE <> '');
    CREATE TABLE public.thing (
        thing_id int8 PRIMARY KEY,
        code public.code,
        amount numeric(20, 4),
        on_day date,
        detail jsonb
    )
"""


@pytest.fixture
def things(books: Books) -> Books:
    for book in (books.owner_operations, books.owner_finance):
        with book.raw() as connection:
            connection.execute(TABLE)
    return books


def fill(things: Books, count: int) -> int:
    with things.owner_operations.transaction() as transaction:
        return copy_rows(
            transaction,
            "public.thing",
            ("thing_id", "code", "amount", "on_day", "detail"),
            (
                (key, f"C{key}", Decimal(key) / 100, date(2026, 10, 31), {"key": key})
                for key in range(count)
            ),
        )


def test_rows_arrive_with_their_types(things: Books) -> None:
    assert fill(things, 2) == 2

    things.then("""
        operations:public.thing
        thing_id  code  amount  on_day      detail
        0         C0    0       2026-10-31  {"key": 0}
        1         C1    0.01    2026-10-31  {"key": 1}
    """)


def test_a_column_that_does_not_exist_is_named(things: Books) -> None:
    with (
        pytest.raises(AssertionError, match="no column cod"),
        things.owner_operations.transaction() as transaction,
    ):
        copy_rows(transaction, "public.thing", ("cod",), [])


def test_bytes_pass_from_book_to_book(things: Books) -> None:
    fill(things, 20_000)

    with (
        things.owner_operations.raw() as source,
        things.owner_finance.raw() as target,
        source.cursor().copy("COPY public.thing TO STDOUT (FORMAT binary)") as taken,
        target.cursor().copy("COPY public.thing FROM STDIN (FORMAT binary)") as given,
    ):
        passed = pass_through(taken, given)

    total = "SELECT count(*), sum(amount) FROM public.thing"
    with things.owner_operations.raw() as source, things.owner_finance.raw() as target:
        assert target.execute(total).fetchone() == source.execute(total).fetchone()
    assert passed > 500_000
