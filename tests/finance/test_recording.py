"""Postings become links of a chain and kept balances, whoever posts at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.finance.company import SETUP, arrive, finance_of, run_import
from tests.finance.paying import LATER, broken, invoiced_company
from tests.support.books import Books
from twofold.finance.journal.post import post_journal
from twofold.finance.ledger.chain import broken_links, chain_heads, noted_link_holds


@pytest.fixture
def invoiced(books: Books) -> Books:
    return invoiced_company(books)


def tamper(books: Books, statement: bytes) -> list[tuple[int | None, str | None, str]]:
    """Change the book as an administrator could; tell what is then found."""
    with books.owner_finance.raw() as connection:
        connection.execute(statement)
    with books.auditor_finance.reader() as reader:
        return [(one.chain_number, one.first_voucher, one.problem) for one in broken_links(reader)]


def test_each_posting_is_one_link_however_many_vouchers_it_has(invoiced: Books) -> None:
    invoiced.then("""
        finance.posting
        chain_number  kind      document            entry_count  first_voucher  last_voucher
        1             journal   USPM-000041         6            IJV-0001       IJV-0003
        2             invoices  INV-9998…INV-10000  12           CIV-0001       CIV-0003
    """)
    assert broken(invoiced) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (
            (
                b"UPDATE finance.ledger_entry SET accounting_amount = accounting_amount + 0.01"
                b" WHERE voucher = 'IJV-0002'"
            ),
            [(1, "IJV-0001", "entries were changed")],
        ),
        (
            (
                b"UPDATE finance.ledger_entry SET accounting_date = '2026-08-28'"
                b" WHERE voucher = 'CIV-0001'"
            ),
            [(2, "CIV-0001", "entries were changed")],
        ),
        (
            b"DELETE FROM finance.ledger_entry WHERE voucher = 'IJV-0002'",
            [(1, "IJV-0001", "entries were added or removed")],
        ),
        (
            (
                b"INSERT INTO finance.ledger_entry SELECT * FROM (SELECT (jsonb_populate_record(e,"
                b' \'{"voucher": "X", "posting_id": 99}\')).* FROM finance.ledger_entry AS e'
                b" WHERE voucher = 'IJV-0001') AS copied"
            ),
            [(None, "X", "entries that no link holds")],
        ),
        (
            b"UPDATE finance.posting SET posted_by = 'nobody' WHERE chain_number = 1",
            [(1, "IJV-0001", "the link was changed")],
        ),
        (
            (
                b"DELETE FROM finance.posting WHERE chain_number = 2;"
                b"DELETE FROM finance.ledger_entry WHERE voucher LIKE 'CIV%'"
            ),
            [(2, "IJV-0001", "the chain does not end where it ended")],
        ),
    ],
)
def test_whatever_an_administrator_changes_is_named(
    invoiced: Books, statement: bytes, found: list[tuple[int | None, str | None, str]]
) -> None:
    assert tamper(invoiced, statement) == found


def test_a_chain_that_was_written_anew_contradicts_a_noted_link(invoiced: Books) -> None:
    with invoiced.auditor_finance.reader() as reader:
        (head,) = chain_heads(reader)
        noted = {"company": "USPM", "number": head.chain_number, "digest": head.hash}
        before = noted_link_holds(reader, **noted)

    # The last posting and its link gone, and the head set back: nothing within the book shows it.
    found = tamper(
        invoiced,
        b"DELETE FROM finance.ledger_entry WHERE voucher LIKE 'CIV%';"
        b"DELETE FROM finance.posting WHERE chain_number = 2;"
        b"UPDATE finance.posting_head SET chain_number = 1,"
        b" hash = (SELECT hash FROM finance.posting WHERE chain_number = 1)",
    )

    with invoiced.auditor_finance.reader() as reader:
        after = noted_link_holds(reader, **noted)
    assert (before, found, after) == (True, [], False)


def drafts(books: Books, count: int) -> list[int]:
    """Make journals of one line each."""
    books.given(SETUP)
    with books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.parameter SET journal_lines_max = 1")
    rows = "\n".join(f"{number}  10" for number in range(1, count + 1))
    arrive(books, f"actual_id  amount\n{rows}")
    run_import(books)
    with books.owner_finance.raw() as connection:
        found = connection.execute("SELECT journal_id FROM finance.journal").fetchall()
    return [journal_id for (journal_id,) in found]


def test_posters_side_by_side_lose_no_balance_and_no_link(books: Books) -> None:
    journals = drafts(books, 6)

    def post(journal_id: int) -> None:
        with finance_of(books) as transaction:
            post_journal(transaction, company="USPM", journal_id=journal_id, actor="ada", at=LATER)

    with ThreadPoolExecutor(4) as posters:
        list(posters.map(post, journals))

    assert len(journals) == 6
    books.then("""
        finance.account_balance
        account  accounting_date  entry_count  debit_amount  credit_amount
        1300     2026-08-27       6            60            0
        4200     2026-08-27       6            0             60
    """)
    books.then("""
        finance.posting_head
        company  chain_number
        USPM     6
    """)
    assert broken(books) == []


def test_two_postings_of_one_transaction_are_two_links(books: Books) -> None:
    journals = drafts(books, 2)

    with finance_of(books) as transaction:
        for journal_id in journals:
            post_journal(transaction, company="USPM", journal_id=journal_id, actor="ada", at=LATER)

    books.then("""
        finance.posting
        chain_number  entry_count
        1             2
        2             2
    """)
    assert broken(books) == []
