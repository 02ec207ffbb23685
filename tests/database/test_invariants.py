"""Invariants: what is broken is named with its rows, and agreements compare both books."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.books import Books
from twofold.database.invariants import INVARIANTS, Broken, check, read_invariant


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for folder in ("operations", "finance"):
        (tmp_path / folder).mkdir()
    return tmp_path


def broken(books: Books, directory: Path) -> list[Broken]:
    with books.owner_operations.reader() as operations, books.owner_finance.reader() as finance:
        return check(operations=operations, finance=finance, directory=directory)


def test_a_query_without_rows_holds(books: Books, directory: Path) -> None:
    (directory / "finance" / "holds.sql").write_text("-- All is well.\nSELECT 1 WHERE false;\n")

    assert broken(books, directory) == []


def test_offending_rows_are_counted_and_the_first_held(books: Books, directory: Path) -> None:
    (directory / "operations" / "fails.sql").write_text(
        "-- No number is\n-- above zero.\n"
        "SELECT n, NULL AS z, 'a b' AS k FROM generate_series(1, 30) AS n;\n"
    )

    (found,) = broken(books, directory)

    assert (found.invariant, found.sentence) == ("fails", "No number is above zero.")
    assert found.row_count == 30
    assert len(found.rows) == 20
    assert found.rows[0] == "n=1 z=- k=a b"


def test_agreements_compare_as_multisets(books: Books, directory: Path) -> None:
    ours = (
        "-- Both books hold the same.\nSELECT * FROM (VALUES (1, 'a'), (1, 'a'), (2, 'é')) AS v\n"
    )
    theirs = "-- The other side.\nSELECT * FROM (VALUES (2, 'é'), (1, 'a'), (3, 'c')) AS v\n"
    (directory / "agree_rows.operations.sql").write_text(ours)
    (directory / "agree_rows.finance.sql").write_text(theirs)

    (found,) = broken(books, directory)

    assert (found.invariant, found.sentence) == ("agree_rows", "Both books hold the same.")
    assert found.rows == ("operations only: (1,a)", "finance only: (3,c)")


def test_empty_books_are_in_order(books: Books) -> None:
    assert broken(books, INVARIANTS) == []


@pytest.mark.parametrize("path", sorted(INVARIANTS.rglob("*.sql")), ids=lambda path: path.name)
def test_every_invariant_opens_with_its_sentence(path: Path) -> None:
    assert read_invariant(path).sentence.endswith(".")
