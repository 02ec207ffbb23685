"""PostgreSQL checks every statement: it prepares each section and describes its columns."""

from __future__ import annotations

import dataclasses
import importlib
import re
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from tests.architecture.sources import SOURCE
from tests.support.server import TestServer
from twofold.database.connection import session_conninfo
from twofold.database.statement import Command, Query, SqlFile, read_sections

FILES = sorted(
    path
    for path in SOURCE.rglob("*.sql")
    if path.with_suffix(".py").exists() and "migrations" not in path.parts
)
SECTIONS = [
    (path, name) for path in FILES for name in read_sections(path.read_text(encoding="utf-8"))
]
SQL_WITHOUT_MODULE = sorted(
    path
    for room in (
        "operations",
        "finance",
        "dualwrite",
        "access",
        "jobs",
        "maps",
        "journey",
        "worker",
        "web",
        "cli",
    )
    for path in (SOURCE / room).rglob("*.sql")
    if path not in FILES
)


def sql_file_of(path: Path) -> SqlFile:
    name = ".".join(("twofold", *path.relative_to(SOURCE).with_suffix("").parts))
    module = importlib.import_module(name)
    (file,) = [value for value in vars(module).values() if isinstance(value, SqlFile)]
    return file


def books_of(path: Path) -> tuple[str, ...]:
    room = path.relative_to(SOURCE).parts[0]
    room = "operations" if room in {"access", "jobs"} else room
    return (room,) if room in {"operations", "finance"} else ("operations", "finance")


def working_tables(book: str) -> list[str]:
    """Give the statements that make the working tables of a book's processes, to stay and empty."""
    return [
        made_to_stay(text)
        for path in FILES
        if path.relative_to(SOURCE).parts[0] == book
        for text in read_sections(path.read_text(encoding="utf-8")).values()
        if text.startswith(("CREATE TEMPORARY TABLE", "CREATE TEMP TABLE"))
    ]


def made_to_stay(text: str) -> str:
    """Let a working table outlive its transaction; one that is made of a query has no rows."""
    if "ON COMMIT DROP AS" in text:
        named = re.sub(r"%\(\w+\)s", "NULL", text)
        return named.replace("ON COMMIT DROP AS", "AS") + "\nWITH NO DATA"
    return text.removesuffix("ON COMMIT DROP")


def numbered(text: str, parameters: frozenset[str]) -> str:
    """Write placeholders as PostgreSQL knows them: ``$1`` for ``%(name)s``, ``%`` for ``%%``."""
    if not parameters:
        return text
    for number, name in enumerate(sorted(parameters), start=1):
        text = text.replace(f"%({name})s", f"${number}")
    assert "%" not in text.replace("%%", ""), "beside placeholders, a literal % is written %%"
    return text.replace("%%", "%")


@pytest.fixture(scope="module")
def connections(server: TestServer) -> Generator[dict[str, psycopg.Connection]]:
    """Connect to both books' migrated schema, as owner."""
    with server.fresh_pair() as pair:
        opened = {
            book: psycopg.connect(
                session_conninfo(
                    server.embedded.dsn_to(database, "twofold_owner"),
                    role="twofold_owner",
                    application="tests",
                )
            )
            for book, database in (("operations", pair.operations), ("finance", pair.finance))
        }
        for book, connection in opened.items():
            # Working tables have names of their own, so that all of them can be there at once.
            for statement in working_tables(book):
                connection.pgconn.exec_(statement.encode())
            connection.commit()
        yield opened
        for connection in opened.values():
            connection.close()


def described(connection: psycopg.Connection, statement: Command | Query[object]) -> list[str]:
    """Prepare a statement without running it and give the names of its columns."""
    try:
        text = numbered(statement.text, statement.parameters)
        prepared = connection.pgconn.prepare(b"checked", text.encode())
        assert prepared.status == psycopg.pq.ExecStatus.COMMAND_OK, (
            f"{statement.name}: {prepared.error_message.decode()}"
        )
        result = connection.pgconn.describe_prepared(b"checked")
        names = [result.fname(index) or b"" for index in range(result.nfields)]
        return [name.decode() for name in names]
    finally:
        connection.rollback()
        connection.execute("DEALLOCATE ALL")
        connection.rollback()


@pytest.mark.parametrize(
    ("path", "name"), SECTIONS, ids=[f"{p.relative_to(SOURCE)}:{n}" for p, n in SECTIONS]
)
def test_a_section_prepares_and_gives_the_fields_of_its_record(
    connections: dict[str, psycopg.Connection], path: Path, name: str
) -> None:
    statement = sql_file_of(path).declared.get(name)
    assert statement is not None, f"no one uses the section «{name}»"

    for book in books_of(path):
        columns = described(connections[book], statement)

        if isinstance(statement, Query):
            assert dataclasses.is_dataclass(statement.gives)
            fields = [field.name for field in dataclasses.fields(statement.gives)]
            assert sorted(columns) == sorted(fields)


def test_every_sql_file_lies_beside_its_module() -> None:
    assert not [str(path.relative_to(SOURCE)) for path in SQL_WITHOUT_MODULE]
