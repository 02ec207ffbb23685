"""Delivering change sets: whole, in order, once; what is missing parks, what differs stops."""

from __future__ import annotations

import pytest

from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.outbox import open_change_set
from twofold.dualwrite.deliver import Route, deliver_sets


@pytest.fixture
def company(books: Books) -> Books:
    """One legal entity, known to finance and told to operations."""
    books.given("""
        finance.legal_entity
        company  name      accounting_currency  reporting_currency  change_set_id
        USPM     Fabrikam  USD                  USD                 1
    """)
    return books


def send_company(books: Books, *, change_set_id: int) -> None:
    with books.finance.transaction() as transaction:
        change_set = open_change_set(
            transaction, company="USPM", kind="setup", stream="setup", actor="amy", at=NOW
        )
        assert change_set.set_id == change_set_id


def test_a_set_arrives_whole_and_is_acknowledged(company: Books) -> None:
    send_company(company, change_set_id=1)

    _, back = company.deliver()

    assert (back.applied, back.rows, back.problems) == (1, 1, [])
    company.then("""
        operations.company
        company  name      accounting_currency  source_version
        USPM     Fabrikam  USD                  1

        finance:dualwrite.pending
        company  set_id

        finance:dualwrite.acknowledged
        company  set_id
        USPM     1

        operations:dualwrite.inbox
        company  source   set_id  kind   stream  version  row_count
        USPM     finance  1       setup  setup   1        1
    """)


def test_delivering_again_changes_nothing(company: Books) -> None:
    send_company(company, change_set_id=1)
    company.deliver()
    company.given("""
        finance:dualwrite.pending
        company  set_id  stream  version
        USPM     1       setup   1
    """)

    _, back = company.deliver()

    assert (back.applied, back.already_applied) == (0, 1)
