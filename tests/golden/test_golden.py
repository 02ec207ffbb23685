"""The statements of every shipped map, as reviewed, and as PostgreSQL prepares them."""

from __future__ import annotations

import pytest

from tests.golden.texts import MAPS, map_text
from tests.support.books import Books
from tests.support.server import TestServer
from twofold.database.connection import Book
from twofold.dualwrite.table_maps.compiled import CompiledMap

IDS = sorted(path.stem for path in MAPS.glob("*.sql"))
AT_THE_TARGET = {"stage", "received", "missing", "apply"}


def compiled_map(server: TestServer, map_id: str) -> CompiledMap:
    (compiled,) = [one.compiled for one in server.active_maps() if one.compiled.map.id == map_id]
    return compiled


def test_every_shipped_map_has_its_file_and_no_other(server: TestServer) -> None:
    assert sorted(one.compiled.map.id for one in server.active_maps()) == IDS


@pytest.mark.parametrize("map_id", IDS)
def test_a_map_compiles_to_the_reviewed_text(server: TestServer, map_id: str) -> None:
    reviewed = (MAPS / f"{map_id}.sql").read_text(encoding="utf-8")

    assert map_text(compiled_map(server, map_id)) == reviewed, "python -m tests.golden.write"


@pytest.fixture(scope="module")
def prepared_books(server: TestServer) -> object:
    """Give two books in which statements run on nothing."""
    with server.fresh_pair() as pair:
        books = Books(server, pair)
        yield books
        books.close()


@pytest.mark.parametrize("map_id", IDS)
def test_every_statement_of_a_map_is_prepared_and_runs_as_its_role(
    server: TestServer, prepared_books: Books, map_id: str
) -> None:
    compiled = compiled_map(server, map_id)
    books = prepared_books
    keeper: dict[str, tuple[Book, Book]] = {
        "operations": (books.operations, books.dualwrite_finance),
        "finance": (books.finance, books.dualwrite_operations),
    }
    source, target = keeper[compiled.map.source_book]

    with source.raw() as here, target.raw() as there:
        for name, text in compiled.statements():
            connection = there if name in AT_THE_TARGET else here
            given = {"company": "", "set_ids": []} if "%(company)s" in text else None
            connection.execute(text.encode() if given is None else text, given, prepare=True)
