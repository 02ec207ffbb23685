"""Who did what, by command: of both books, one record, one person."""

from __future__ import annotations

import pytest

from tests.cli.program import Program
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.deeds import record_deed


@pytest.fixture
def told(twofold: Program, books: Books) -> Program:
    books.given("""
        operations.company
        company  name     accounting_currency  source_version
        USPM     Contoso  USD                  1
    """)
    for book, number, actor in (
        (books.operations, "PF-1", "ann"),
        (books.finance, "INV-1", "bob"),
    ):
        with book.transaction() as transaction:
            record_deed(
                transaction,
                company="USPM",
                act="invoice_posted" if actor == "bob" else "proforma_confirmed",
                by=(actor, NOW),
                number=number,
                detail={"of": "PF-1"} if actor == "bob" else {"count": 2},
            )
    return twofold


@pytest.mark.parametrize(
    ("narrowed", "deeds"),
    [
        ((), ["finance INV-1 bob", "operations PF-1 ann"]),
        (("--number", "PF-1"), ["finance INV-1 bob", "operations PF-1 ann"]),
        (("--number", "INV-1"), ["finance INV-1 bob"]),
        (("--by", "ann"), ["operations PF-1 ann"]),
        (("--limit", "1"), ["finance INV-1 bob"]),
        (("--company", "USPM", "--by", "eve"), []),
    ],
)
def test_who_did_what_is_listed(told: Program, narrowed: tuple[str, ...], deeds: list[str]) -> None:
    done = told.ok("history", *narrowed, "--json").json

    assert [
        f"{one['book']} {one['deed']['number']} {one['deed']['actor']}" for one in done
    ] == deeds


def test_what_was_done_is_told_with_its_details(told: Program) -> None:
    text = told.ok("history", "--number", "INV-1").out

    assert "invoice_posted" in text
    assert '"of": "PF-1"' in text
