"""Who did what: kept once per act, found by number and person, read by index however long it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import get_args

import pytest

from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.database.deeds import (
    KEYS_MAX,
    NEWEST,
    OF_ACTOR,
    OF_NUMBER,
    Act,
    Asked,
    list_deeds,
    only_one,
    record_deed,
    record_deeds,
    those,
)

ANN = ("ann", NOW)


def found(
    book: Book, asked: Asked, before: tuple[datetime, int] | None = None, limit: int = 100
) -> list[str]:
    with book.reader() as reader:
        deeds = list_deeds(reader, asked=asked, before=before, limit=limit)
    return [f"{one.act} {one.number}" for one in deeds]


def test_a_deed_is_found_by_its_number_by_what_it_belongs_to_and_by_its_rows(books: Books) -> None:
    with books.operations.transaction() as transaction:
        record_deed(
            transaction, company="USPM", act="entries_rejected", by=ANN, detail=those([7, 12])
        )
        record_deeds(
            transaction,
            company="USPM",
            act="proforma_created",
            by=("bob", NOW + timedelta(seconds=1)),
            done={"PF-1": {"of": "TM", "count": 2}, "PF-2": {"of": "FP"}},
        )
        record_deed(transaction, company="GBPM", act="entries_rejected", by=ANN, number="PF-1")

    book = books.operations
    assert found(book, Asked("USPM", "TM")) == ["proforma_created PF-1"]
    assert found(book, Asked("USPM", "PF-1")) == ["proforma_created PF-1"]
    assert found(book, Asked("USPM", "12")) == ["entries_rejected "]
    assert found(book, Asked("USPM", "1")) == []
    assert found(book, Asked("USPM", actor="ann")) == ["entries_rejected "]
    assert found(book, Asked("USPM", "PF-2", "ann")) == []
    assert found(book, Asked("USPM", "PF-2", "bob")) == ["proforma_created PF-2"]
    assert found(book, Asked("USPM")) == [
        "proforma_created PF-2",
        "proforma_created PF-1",
        "entries_rejected ",
    ]


def test_a_deed_is_gone_with_the_transaction_that_did_it(books: Books) -> None:
    def settle() -> None:
        with books.finance.transaction() as transaction:
            record_deed(transaction, company="USPM", act="settled", by=ANN, number="1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        settle()

    assert found(books.finance, Asked("USPM")) == []


@pytest.mark.parametrize("asked", [Asked("USPM"), Asked("USPM", "A"), Asked("USPM", actor="ann")])
def test_a_list_goes_on_where_it_ended(books: Books, asked: Asked) -> None:
    """Also among deeds of one moment: each is there once."""
    with books.finance.transaction() as transaction:
        for second in (0, 0, 0, 1, 1):
            at = NOW + timedelta(seconds=second)
            record_deed(transaction, company="USPM", act="settled", by=("ann", at), number="A")

    with books.auditor_finance.reader() as reader:
        seen: list[int] = []
        before = None
        while part := list_deeds(reader, asked=asked, before=before, limit=2):
            seen += (one.deed_id for one in part)
            before = part[-1].at, part[-1].deed_id

    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)


def test_up_to_a_hundred_rows_are_named_and_of_more_the_ends() -> None:
    at_the_limit = list(range(1, KEYS_MAX + 1))

    assert those(at_the_limit) == {"count": KEYS_MAX, "keys": at_the_limit}
    assert those([*at_the_limit, 5000]) == {"count": KEYS_MAX + 1, "first": 1, "last": 5000}
    assert (only_one([7]), only_one([7, 8]), only_one([])) == ("7", "", "")


def test_the_schema_knows_every_act_in_both_books(books: Books) -> None:
    for book in (books.owner_operations, books.owner_finance):
        with book.raw() as connection:
            rows = connection.execute("SELECT unnest(enum_range(NULL::history.act))::text")
            assert [name for (name,) in rows] == list(get_args(Act))


def test_no_page_of_the_history_reads_all_of_it(books: Books) -> None:
    """30,000 deeds, of which one person and one record have few."""
    given: dict[str, object] = {
        "company": "USPM", "before_at": None, "before_id": 2**62, "rows_max": 51, "actor": "p7",
        "number": "N77",
    }  # fmt: skip
    with books.owner_operations.raw() as connection:
        connection.execute("""
            INSERT INTO history.deed (company, at, act, number, names, actor, detail)
            SELECT 'USPM', now() - one * interval '1 minute', 'settled', 'N' || one,
                ARRAY['N' || one], 'p' || one % 1000, '{}'
            FROM generate_series(1, 30000) AS one
        """)
        connection.execute("ANALYZE history.deed")
        for query in (NEWEST, OF_ACTOR, OF_NUMBER):
            asked = {name: given[name] for name in query.parameters}
            asked |= {"actor": None} if query is OF_NUMBER else {}
            plan = connection.execute(f"EXPLAIN (ANALYZE, FORMAT TEXT) {query.text}", asked)
            text = "\n".join(line for (line,) in plan)
            assert "Seq Scan" not in text, text
            assert "Rows Removed by Filter" not in text, text
