"""Splits: who pays which share of an approved entry, and what of it is chargeable."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from tests.operations.billing import broken, broken_in, rows, undone
from tests.operations.entries.working import approve, draft, plant_work, submit, submitted
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.operations.entries.approve import approve_entries
from twofold.operations.entries.cancel_approval import cancel_approvals
from twofold.operations.entries.change_approval import change_approval

SALES = """
    SELECT actual_id, customer_id, billing_type::text, quantity, amount FROM operations.actual
    WHERE transaction_type = 'unbilled_sales' AND reverses_id IS NULL ORDER BY actual_id
"""
CUSTOMERS = """
    INSERT INTO operations.customer (company, customer_id, account, name, currency, change_set_id)
    SELECT 'USPM', n, 'C-' || n, 'Customer ' || n, 'USD', 1 FROM generate_series(11, 15) AS n;
    INSERT INTO operations.contract_customer (company, contract_customer_id, contract_id,
        customer_id, split_percent, is_rounding, is_primary, change_set_id)
    SELECT 'USPM', n, 1, n, 0, false, false, 1 FROM generate_series(11, 15) AS n
"""


@pytest.fixture
def work(books: Books) -> Books:
    """Give the book of the tests of entries, with customers 11 to 15 on contract 1 besides."""
    plant_work(books)
    with books.owner_operations.raw() as connection:
        connection.execute(CUSTOMERS)
    return books


def plant_split(connection: Connection[Any], shares: Sequence[tuple[int, object]]) -> None:
    """Let customers pay line 10 by these percentages; the first takes the rounding."""
    connection.execute("DELETE FROM operations.contract_line_customer WHERE contract_line_id = 10")
    for place, (customer_id, percent) in enumerate(shares):
        connection.execute(
            "INSERT INTO operations.contract_line_customer VALUES ('USPM', 10, %s, %s, %s)",
            (customer_id, percent, place == 0),
        )


def split(books: Books, *shares: tuple[int, object]) -> None:
    with books.owner_operations.raw() as connection:
        plant_split(connection, shares)


def change(books: Books, entry_id: int, billable: str) -> None:
    with books.operations.transaction() as transaction:
        change_approval(
            transaction,
            company="USPM",
            entry_id=entry_id,
            billable_quantity=Decimal(billable),
            actor="ann",
            at=NOW,
        )


def test_each_customer_gets_the_share_of_the_line_and_the_cost_stays_one(work: Books) -> None:
    # The contract itself is customer 1's alone: the line's shares count (S-3).
    split(work, (1, 60), (11, 40))
    submitted(work, quantity=Decimal(8))

    result = approve(work)

    work.then("""
        operations.actual
        actual_id  transaction_type  quantity  price  amount  customer_id  source_id
        1          cost              8         100    800     -            -
        2          unbilled_sales    4.8       200    960     1            1
        3          unbilled_sales    3.2       200    640     11           1

        operations.backlog_item
        actual_id  customer_id  quantity  amount  state
        2          1            4.8       960     created
        3          11           3.2       640     created

        operations.entry
        entry_id  first_actual_id  last_actual_id
        1         1                3
    """)
    assert (result.first_actual_id, result.last_actual_id) == (1, 3)
    assert not broken(work)


def test_what_is_not_billed_is_split_like_what_is(work: Books) -> None:
    split(work, (11, "33.34"), (1, "33.33"), (12, "33.33"))
    entry_id = submitted(work, quantity=Decimal("7.25"))
    change(work, entry_id, "5")

    approve(work)

    # 1 gets 33.33 percent; 11 takes the rest although its key comes later.
    assert rows(work, SALES) == [
        (2, 1, "chargeable", Decimal("1.67"), Decimal(334)),
        (3, 11, "chargeable", Decimal("1.66"), Decimal(332)),
        (4, 12, "chargeable", Decimal("1.67"), Decimal(334)),
        (5, 1, "non_chargeable", Decimal("0.75"), Decimal(150)),
        (6, 11, "non_chargeable", Decimal("0.75"), Decimal(150)),
        (7, 12, "non_chargeable", Decimal("0.75"), Decimal(150)),
    ]
    assert not broken(work)


@pytest.mark.parametrize(
    ("billable", "sales"),
    [
        ("8", [(1, "chargeable", 4), (11, "chargeable", 4)]),
        ("9", [(1, "chargeable", Decimal("4.5")), (11, "chargeable", Decimal("4.5"))]),
        ("0", [(1, "non_chargeable", 4), (11, "non_chargeable", 4)]),
    ],
)
def test_the_approver_decides_for_all_customers(
    work: Books, billable: str, sales: list[tuple[object, ...]]
) -> None:
    split(work, (1, 50), (11, 50))
    change(work, submitted(work), billable)

    approve(work)

    assert [row[1:4] for row in rows(work, SALES)] == sales
    assert not broken(work)


def test_a_fee_is_split_without_a_cost_and_nobody_pays_0_percent(work: Books) -> None:
    split(work, (1, 50), (11, 50), (12, 0))
    submitted(work, cls="fee", category="Licence fee", quantity=Decimal(3), person=None)

    approve(work)

    assert [row[:4] for row in rows(work, SALES)] == [
        (1, 1, "chargeable", Decimal("1.5")),
        (2, 11, "chargeable", Decimal("1.5")),
    ]
    assert not broken(work)


def test_one_who_pays_all_gets_what_was_entered_to_the_last_decimal(work: Books) -> None:
    submitted(work, quantity=Decimal("0.3333"))

    approve(work)

    assert [row[1:] for row in rows(work, SALES)] == [
        (1, "chargeable", Decimal("0.3333"), Decimal("66.66"))
    ]


def test_a_line_without_customers_is_sold_to_nobody(work: Books) -> None:
    split(work)
    submitted(work)

    approve(work)

    assert [row[:4] for row in rows(work, SALES)] == [(2, None, "chargeable", Decimal(8))]
    assert not broken(work)


def test_entries_of_lines_with_more_and_fewer_customers_are_approved_together(work: Books) -> None:
    split(work, (1, 20), *((n, 16) for n in range(11, 16)))
    first, second = submitted(work), submitted(work, project_number="P-5")
    third, fourth = submitted(work, project_number="P-2"), submitted(work)

    approve(work)

    blocks = "SELECT entry_id, last_actual_id - first_actual_id + 1 FROM operations.entry"
    assert sorted(rows(work, blocks)) == [(first, 7), (second, 2), (third, 1), (fourth, 7)]
    assert not broken(work)


def test_a_cancelled_split_is_approved_again_by_the_shares_of_that_day(work: Books) -> None:
    split(work, (1, 60), (11, 40))
    entry_id = submitted(work)
    change(work, entry_id, "5")
    approve(work)
    with work.operations.transaction() as transaction:
        cancel_approvals(transaction, company="USPM", entry_ids=[entry_id], actor="pm", at=NOW)
    split(work, (1, 0), (11, 100))
    assert rows(work, "SELECT billable_quantity FROM operations.approval") == [(5,)]
    assert rows(work, "SELECT count(*) FROM operations.backlog_item") == [(0,)]

    approve(work)

    assert [row[1:4] for row in rows(work, SALES)][-2:] == [
        (11, "chargeable", 5),
        (11, "non_chargeable", 3),
    ]


@st.composite
def shares(draw: st.DrawFn) -> list[tuple[int, Decimal]]:
    """Percentages of one to six customers that add up to 100, each above 0."""
    cuts = draw(st.sets(st.integers(1, 999_999), max_size=5))
    bounds = [0, *sorted(cuts), 1_000_000]
    parts = [Decimal(end - start) / 10_000 for start, end in pairwise(bounds)]
    customers = draw(st.permutations([1, 11, 12, 13, 14, 15]))
    return list(zip(customers, parts, strict=False))


@given(
    shares=shares(),
    quantity=st.decimals(0, 10_000, places=4),
    billable=st.none() | st.decimals(0, 10_000, places=4),
    price=st.decimals(0, 1000, places=4),
)
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_the_shares_of_a_sale_are_the_sale(
    work: Books,
    shares: list[tuple[int, Decimal]],
    quantity: Decimal,
    billable: Decimal | None,
    price: Decimal,
) -> None:
    with undone(work.owner_operations) as (connection, transaction):
        plant_split(connection, shares)
        connection.execute(
            "INSERT INTO operations.entry (company, entry_id, class, transaction_date, project_id,"
            " resource_id, role_id, quantity, unit, state, created_by, created_at)"
            " VALUES ('USPM', 1, 'time', '2026-10-05', 1, 1, 1, %s, 'hour', 'submitted', 'b',"
            " now())",
            (quantity,),
        )
        connection.execute(
            "INSERT INTO operations.journal_line (company, journal_line_id, entry_id,"
            " transaction_type, billing_type, quantity, price, amount, currency, contract_id,"
            " contract_line_id)"
            " SELECT 'USPM', n, 1, t::operations.transaction_type, 'chargeable', %s, %s,"
            " round(%s::numeric * %s::numeric, 2), 'USD', 1, 10"
            " FROM (VALUES (1, 'cost'), (2, 'unbilled_sales')) AS line (n, t)",
            (quantity, price, quantity, price),
        )
        billed = quantity if billable is None else billable
        connection.execute(
            "INSERT INTO operations.approval VALUES ('USPM', 1, %s, 'chargeable', 'b', now())",
            (billed,),
        )

        approve_entries(transaction, company="USPM", actor="pm", at=NOW)

        found = connection.execute(SALES).fetchall()
        for billing_type, whole in (
            ("chargeable", billed),
            ("non_chargeable", max(quantity - billed, Decimal(0))),
        ):
            piece = {row[1]: row[3] for row in found if row[2] == billing_type}
            assert sum(piece.values(), Decimal(0)) == whole
            for customer_id, percent in shares[1:] if piece else ():
                assert abs(piece[customer_id] - whole * percent / 100) <= Decimal("0.005")
                assert piece[customer_id] == round(piece[customer_id], 2)
        assert "shares_of_a_sale_are_its_quantity" not in broken_in(transaction)


LINE_PARTS = """
    UPDATE operations.contract_line SET included_tasks = 'selected' WHERE contract_line_id = 10;
    INSERT INTO operations.task VALUES ('USPM', 3, 1, 'Build', '2', 1);
    INSERT INTO operations.contract_line_task VALUES
        ('USPM', 10, 1, 'chargeable'), ('USPM', 10, 3, 'non_chargeable');
"""


@pytest.mark.parametrize(
    ("task", "billing_type", "line"),
    [
        ("Design", "chargeable", 10),
        ("Build", "non_chargeable", 10),
        ("Paint", "not_available", None),
        (None, "not_available", None),
    ],
)
def test_a_line_with_selected_tasks_bills_those(
    work: Books, task: str | None, billing_type: str, line: int | None
) -> None:
    with work.owner_operations.raw() as connection:
        connection.execute(LINE_PARTS)
        connection.execute("INSERT INTO operations.task VALUES ('USPM', 4, 1, 'Paint', '3', 1)")

    submit(work, draft(work, task=task))

    found = "SELECT DISTINCT billing_type::text, contract_line_id FROM operations.journal_line"
    assert rows(work, found) == [(billing_type, line)]


@pytest.mark.parametrize(
    ("statement", "given", "billing_type"),
    [
        # The line's word on a role or category counts, for it or against it.
        ("contract_line_role VALUES ('USPM', 10, 1, 'non_chargeable')", {}, "non_chargeable"),
        (
            "contract_line_role VALUES ('USPM', 10, 2, 'chargeable')",
            {"person": "Amy Alberts"},
            "chargeable",
        ),
        ("contract_line_role VALUES ('USPM', 50, 1, 'non_chargeable')", {}, "chargeable"),
        (
            "contract_line_category VALUES ('USPM', 10, 1, 'non_chargeable')",
            {"cls": "expense", "category": "Travel", "unit_price": Decimal(5), "currency": "USD"},
            "non_chargeable",
        ),
        # A category says nothing of time, a role nothing of expenses.
        ("contract_line_category VALUES ('USPM', 10, 1, 'non_chargeable')", {}, "chargeable"),
    ],
)
def test_the_line_says_which_roles_and_categories_it_bills(
    work: Books, statement: str, given: dict[str, Any], billing_type: str
) -> None:
    with work.owner_operations.raw() as connection:
        connection.execute(f"INSERT INTO operations.{statement}".encode())

    submit(work, draft(work, **given))

    found = "SELECT DISTINCT billing_type::text FROM operations.journal_line"
    assert rows(work, found) == [(billing_type,)]
