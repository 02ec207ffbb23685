"""Kept sums of the backlog: right after every change, few, and nobody waits for them."""

from __future__ import annotations

import pytest

from tests.operations.billing import broken, confirm, create, plant_contracts, rows, sell
from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from twofold.operations.backlog.kept_sums import fold_sums
from twofold.operations.backlog.mark import mark_not_ready, mark_ready
from twofold.operations.backlog.reads import BacklogFilter, backlog_totals
from twofold.operations.backlog.selection import Selection
from twofold.operations.proforma.confirm import confirm_proformas

SUMS = """
    SELECT contract_id, customer_id, state::text, item_count, amount::text
    FROM operations.backlog_sum ORDER BY contract_id, customer_id, state, backlog_sum_id
"""


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


def mark(books: Books, *actual_ids: int, ready: bool = True) -> None:
    with books.operations.transaction() as transaction:
        (mark_ready if ready else mark_not_ready)(
            transaction,
            company="USPM",
            selection=Selection(actual_ids=actual_ids),
            actor="ann",
            at=NOW,
        )


def test_a_row_of_each_kind_is_kept_and_what_is_billed_leaves_none(contracts: Books) -> None:
    sell(contracts, """
        actual_id  customer_id  billing_type    state
        1          1            chargeable      created
        2          1            non_chargeable  created
        3          2            chargeable      created
    """)  # fmt: skip
    mark(contracts, 1)
    mark(contracts, 2)
    mark(contracts, 2, ready=False)
    mark(contracts, 3)
    marked = rows(contracts, SUMS)
    drafts = create(contracts, 1).proformas
    drafted = rows(contracts, SUMS)
    kept = broken(contracts)

    confirm(contracts, *(draft.proforma_id for draft in drafts))

    assert marked == [
        (1, 1, "created", 1, "0.0000"),
        (1, 1, "ready", 1, "1600.0000"),
        (1, 2, "ready", 1, "1600.0000"),
    ]
    assert drafted == [
        (1, 1, "created", 1, "0.0000"),
        (1, 1, "on_proforma", 1, "1600.0000"),
        (1, 2, "on_proforma", 1, "1600.0000"),
    ]
    assert rows(contracts, SUMS) == [(1, 1, "created", 1, "0.0000")]
    assert (kept, broken(contracts)) == ([], [])


def test_two_confirmations_of_a_contract_do_not_wait_for_each_other(contracts: Books) -> None:
    sell(contracts, """
        actual_id  customer_id
        1          1
        2          2
        3          2
    """)  # fmt: skip
    first, second = create(contracts, 1).proformas

    with contracts.operations.transaction() as transaction:
        confirm_proformas(
            transaction,
            company="USPM",
            proforma_ids=(first.proforma_id,),
            actor="pm",
            at=NOW,
            on=TODAY,
        )
        confirm(contracts, second.proforma_id)
    with contracts.operations.transaction() as transaction:
        fold_sums(transaction, company="USPM", contract_ids=None)

    assert rows(contracts, SUMS) == []
    assert broken(contracts) == []


def test_rows_that_somebody_folds_are_left_to_them(contracts: Books) -> None:
    sell(contracts, """
        actual_id  state
        1          created
        2          created
    """)  # fmt: skip
    with contracts.owner_operations.raw() as connection:
        connection.execute("""
            INSERT INTO operations.backlog_sum (
                company, contract_id, customer_id, project_id, transaction_date, state, item_count,
                amount
            )
            SELECT
                company, contract_id, customer_id, project_id, transaction_date, state, part, part
            FROM operations.backlog_sum, unnest(ARRAY[5, -5]) AS part""")

    with contracts.operations.transaction() as first:
        fold_sums(first, company="USPM", contract_ids=[1])
        with contracts.operations.transaction() as second:
            fold_sums(second, company="USPM", contract_ids=[1])
        meanwhile = rows(contracts, SUMS)

    assert [count for *_, count, _ in meanwhile] == [2, 5, -5]
    assert rows(contracts, SUMS) == [(1, 1, "created", 2, "3200.0000")]
    assert broken(contracts) == []


def test_rows_that_cancel_out_are_no_open_work(contracts: Books) -> None:
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id
        1          1            10                1
        2          2            20                2
    """)  # fmt: skip
    with contracts.owner_operations.raw() as connection:
        connection.execute("DELETE FROM operations.backlog_item WHERE contract_id = 2")
        connection.execute("""
            INSERT INTO operations.backlog_sum (
                company, contract_id, customer_id, project_id, transaction_date, state, item_count,
                amount
            )
            SELECT
                company, contract_id, customer_id, project_id, transaction_date, state, -item_count,
                -amount
            FROM operations.backlog_sum WHERE contract_id = 2""")

    with contracts.operations.reader() as reader:
        totals = backlog_totals(reader, company="USPM", only=BacklogFilter(as_of=TODAY))
        foreign = backlog_totals(reader, company="GBPM")

    assert [(one.contract_id, one.ready_count) for one in totals] == [(1, 1)]
    assert foreign == []


def test_what_is_left_of_an_amount_is_kept_where_no_item_is(contracts: Books) -> None:
    # A price rose by 100 while somebody else has the row of the item as it came.
    sell(contracts, """
        actual_id  state
        1          created
    """)  # fmt: skip
    with contracts.owner_operations.raw() as connection:
        connection.execute("""
            INSERT INTO operations.backlog_sum (
                company, contract_id, customer_id, project_id, transaction_date, state, item_count,
                amount
            )
            SELECT
                company, contract_id, customer_id, project_id, transaction_date, state, sign,
                sign * 1600 + greatest(sign, 0) * 100
            FROM operations.backlog_sum, unnest(ARRAY[-1, 1]) AS sign""")

    with contracts.owner_operations.raw() as other:
        other.execute("SELECT FROM operations.backlog_sum WHERE amount = 1600 FOR UPDATE")
        with contracts.operations.transaction() as transaction:
            fold_sums(transaction, company="USPM", contract_ids=None)

    assert rows(contracts, SUMS) == [
        (1, 1, "created", 1, "1600.0000"),
        (1, 1, "created", 0, "100.0000"),
    ]


def test_only_the_contracts_that_are_named_are_folded(contracts: Books) -> None:
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  state
        1          1            10                1           created
        2          2            20                2           created
    """)  # fmt: skip
    with contracts.owner_operations.raw() as connection:
        connection.execute("""
            INSERT INTO operations.backlog_sum (
                company, contract_id, customer_id, project_id, transaction_date, state, item_count,
                amount
            )
            SELECT
                company, contract_id, customer_id, project_id, transaction_date, state, part, part
            FROM operations.backlog_sum, unnest(ARRAY[5, -5]) AS part""")

    with contracts.operations.transaction() as transaction:
        fold_sums(transaction, company="USPM", contract_ids=[2])

    assert sorted((contract, count) for contract, *_, count, _ in rows(contracts, SUMS)) == [
        (1, -5), (1, 1), (1, 5), (2, 1),
    ]  # fmt: skip
