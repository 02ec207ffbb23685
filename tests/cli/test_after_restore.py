"""A restored database has lost its owner and grants: the doctor's remedies give them back."""

from __future__ import annotations

from collections.abc import Generator

import psycopg
import pytest

from tests.cli.program import Program, urls_of
from tests.support.books import Books
from tests.support.server import TestServer
from twofold.database.embedded import ADMIN

LOST = """
    ALTER DATABASE {0} OWNER TO twofold_admin;
    REVOKE ALL ON DATABASE {0} FROM twofold_owner, twofold_finance, twofold_dualwrite;
    GRANT CONNECT, TEMPORARY ON DATABASE {0} TO PUBLIC
"""


@pytest.fixture
def own(server: TestServer) -> Generator[Books]:
    """Give two databases whose grants the test may change."""
    with server.fresh_pair() as pair:
        books = Books(server, pair)
        yield books
        books.close()


def as_admin(books: Books, *statements: str) -> None:
    dsn = books.server.embedded.dsn_to(books.pair.finance, ADMIN)
    with psycopg.connect(dsn, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def remedies(program: Program) -> list[str]:
    """Give what the doctor says about the finance database, to be done as an administrator."""
    findings = program("doctor", "--json").json
    return [
        one["remedy"].removeprefix("as an administrator: ")
        for one in findings
        if one["check"] in {"finance: schema", "finance: apart"} and one["state"] != "ok"
    ]


def test_following_the_doctor_makes_a_restored_book_work_again(own: Books) -> None:
    program = Program(urls_of(own.server, own.pair))
    as_admin(own, *LOST.format(own.pair.finance).split(";"))
    assert program("deliver").code == 3
    told = remedies(program)
    assert [one.split()[0] for one in told] == ["ALTER", "GRANT"]

    as_admin(own, *(statement for one in told for statement in one.split(";")))

    assert remedies(program) == []
    program.ok("deliver")
