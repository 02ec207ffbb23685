"""Rows of a query one by one, however many there are: the server keeps the rest."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from psycopg.rows import class_row

from twofold.database.statement import Query
from twofold.database.transaction import Reader, connection_of, driver_errors

R = TypeVar("R")

_ROWS_AT_A_TIME: Final = 5_000
_numbers = itertools.count(1)


@contextmanager
def streamed(reader: Reader, query: Query[R], **given: object) -> Generator[Iterator[R]]:
    """Give the rows of a query in its order; only a few thousand are held here at a time.

    Before  exactly the query's parameters are given.
    After   the server has let go of the rest; the reader may go on.
    """
    assert query.parameters == given.keys(), f"{query.name} asks for {sorted(query.parameters)}"
    connection = connection_of(reader)
    name = f"streamed_{next(_numbers)}"
    with (
        driver_errors(),
        connection.cursor(name, row_factory=class_row(query.gives)) as cursor,
    ):
        cursor.itersize = _ROWS_AT_A_TIME
        cursor.execute(query.text, given or None)
        yield iter(cursor)
