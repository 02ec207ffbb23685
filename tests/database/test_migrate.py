"""The migration runner: in order, once, and never a file that changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.books import Books
from twofold.database.migrate import migrate
from twofold.kernel.errors import Fault


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give two migrations, one of both databases and one of the operations book."""
    for folder in ("dualwrite", "operations", "finance"):
        (tmp_path / folder).mkdir()
    (tmp_path / "dualwrite" / "0001_first.sql").write_text("CREATE SCHEMA shared;")
    (tmp_path / "operations" / "0001_first.sql").write_text(
        "CREATE TABLE shared.one (one_id int4); INSERT INTO shared.one VALUES (1);"
    )
    return tmp_path


@pytest.fixture
def dsn(books: Books) -> str:
    """Give a database that knows no migration."""
    with books.owner_operations.raw() as connection:
        connection.execute("DROP SCHEMA migration CASCADE")
    return books.server.embedded.dsn_to(books.pair.operations, "twofold_owner")


def test_files_are_applied_in_order_and_once(directory: Path, dsn: str) -> None:
    (directory / "operations" / "0002_second.sql").write_text("INSERT INTO shared.one VALUES (2)")

    assert migrate("operations", dsn, directory=directory) == [
        "dualwrite/0001_first.sql",
        "operations/0001_first.sql",
        "operations/0002_second.sql",
    ]
    assert migrate("operations", dsn, directory=directory) == []


def test_an_edited_file_is_refused(directory: Path, dsn: str) -> None:
    migrate("operations", dsn, directory=directory)
    (directory / "operations" / "0001_first.sql").write_text("SELECT 1")

    with pytest.raises(Fault, match=r"operations/0001_first\.sql was edited.*down --erase --yes"):
        migrate("operations", dsn, directory=directory)


def test_a_file_that_is_gone_means_a_newer_database(directory: Path, dsn: str) -> None:
    migrate("operations", dsn, directory=directory)
    (directory / "operations" / "0001_first.sql").unlink()

    with pytest.raises(Fault, match="newer than this program"):
        migrate("operations", dsn, directory=directory)


def test_a_late_number_is_refused(directory: Path, dsn: str) -> None:
    (directory / "operations" / "0003_third.sql").write_text("SELECT 1")
    migrate("operations", dsn, directory=directory)
    (directory / "operations" / "0002_late.sql").write_text("SELECT 1")

    with pytest.raises(Fault, match="renumber"):
        migrate("operations", dsn, directory=directory)


@pytest.mark.parametrize("name", ["first.sql", "0001_again.sql"])
def test_a_stray_name_or_number_is_refused(directory: Path, dsn: str, name: str) -> None:
    (directory / "operations" / name).write_text("SELECT 1")

    with pytest.raises(Fault):
        migrate("operations", dsn, directory=directory)


def test_a_file_that_fails_leaves_nothing(directory: Path, dsn: str, books: Books) -> None:
    (directory / "operations" / "0002_bad.sql").write_text(
        "INSERT INTO shared.one VALUES (2); SELECT 1 / 0;"
    )

    with pytest.raises(Fault, match=r"0002_bad\.sql.*division by zero"):
        migrate("operations", dsn, directory=directory)

    books.then("""
        operations:shared.one
        one_id
        1
    """)


def test_a_statement_that_cannot_run_in_a_transaction(directory: Path, dsn: str) -> None:
    (directory / "operations" / "0002_index.sql").write_text(
        "-- no-transaction\nCREATE INDEX CONCURRENTLY one_key ON shared.one (one_id)"
    )

    assert "operations/0002_index.sql" in migrate("operations", dsn, directory=directory)
