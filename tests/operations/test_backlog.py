"""The backlog: what is in it, and what may be marked ready to invoice."""

from __future__ import annotations

from datetime import date

import pytest

from tests.operations.billing import KEEP_SUMS, broken, confirm, create, plant_contracts, sell
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.operations.backlog.mark import Marked, mark_not_ready, mark_ready
from twofold.operations.backlog.reads import (
    BacklogFilter,
    BacklogItem,
    backlog_totals,
    find_keys,
    list_backlog,
)
from twofold.operations.backlog.selection import Selection
from twofold.operations.backlog.totals import Dimension, backlog_by

MILESTONES = """
    operations.milestone
    company  milestone_id  contract_id  contract_line_id  customer_id  project_id  name    milestone_date  amount  tax_amount  currency  state      change_set_id
    USPM     1             1            11                1            1           Start   2026-10-15      5000    0           USD       not_ready  1
    USPM     2             1            11                1            1           End     2026-12-15      6000    0           USD       not_ready  1
"""  # noqa: E501


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


def ready(books: Books, selection: Selection) -> Marked:
    with books.operations.transaction() as transaction:
        return mark_ready(transaction, company="USPM", selection=selection, actor="ann", at=NOW)


def unready(books: Books, selection: Selection) -> Marked:
    with books.operations.transaction() as transaction:
        return mark_not_ready(transaction, company="USPM", selection=selection, actor="ann", at=NOW)


def test_adjusted_and_invoiced_sales_are_not_in_the_backlog(contracts: Books) -> None:
    sell(contracts, """
        actual_id  transaction_date  state
        1          2026-10-01        ready
        2          2026-11-01        created
        3          2026-11-01        created
    """)  # fmt: skip
    confirm(contracts, create(contracts, 1).proformas[0].proforma_id)
    with contracts.owner_operations.raw() as connection:
        connection.execute("DELETE FROM operations.backlog_item WHERE actual_id = 3")
        connection.execute("""
            INSERT INTO operations.actual
            SELECT (jsonb_populate_record(original, jsonb_build_object(
                'actual_id', 900, 'reverses_id', 3, 'event', 'cancellation',
                'quantity', -quantity, 'amount', -amount
            ))).* FROM operations.actual AS original WHERE actual_id = 3""")
        connection.execute(KEEP_SUMS)

    with contracts.operations.reader() as reader:
        visible = list_backlog(reader, company="USPM", limit=10)

    assert [item.key for item in visible] == [2]
    assert broken(contracts) == []


def test_the_backlog_comes_in_pages_with_its_milestones(contracts: Books) -> None:
    contracts.given(MILESTONES)
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  state
        1          1            10                1           created
        2          2            20                2           ready
        3          1            10                1           ready
    """)  # fmt: skip

    pages: list[BacklogItem] = []
    with contracts.operations.reader() as reader:
        while page := list_backlog(
            reader, company="USPM", after=pages[-1].place if pages else None, limit=2
        ):
            pages += page

    assert [(item.contract_number, item.kind, item.key, item.state) for item in pages] == [
        ("K-1", "sale", 1, "created"),
        ("K-1", "sale", 3, "ready"),
        ("K-1", "milestone", 1, "not_ready"),
        ("K-1", "milestone", 2, "not_ready"),
        ("K-2", "sale", 2, "ready"),
    ]


def test_the_backlog_narrows_to_contract_customer_project_and_date(contracts: Books) -> None:
    contracts.given(MILESTONES)
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  customer_id  transaction_date
        1          1            10                1           1            2026-10-15
        2          1            10                1           2            2026-10-15
        3          1            10                3           1            2026-10-15
        4          2            20                2           1            2026-10-15
        5          1            10                1           1            2026-10-16
    """)  # fmt: skip

    def found(only: BacklogFilter) -> list[tuple[str, int]]:
        with contracts.operations.reader() as reader:
            return [
                (item.kind, item.key)
                for item in list_backlog(reader, company="USPM", only=only, limit=10)
            ]

    assert found(BacklogFilter(contract_id=2)) == [("sale", 4)]
    assert found(BacklogFilter(customer_id=2)) == [("sale", 2)]
    assert found(BacklogFilter(project_id=3)) == [("sale", 3)]
    assert found(BacklogFilter(contract_id=1, customer_id=1, as_of=date(2026, 10, 15))) == [
        ("sale", 1),
        ("sale", 3),
        ("milestone", 1),
    ]


def test_totals_are_per_contract_and_state(contracts: Books) -> None:
    contracts.given(MILESTONES)
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  quantity  price  state  billing_type
        1  1            10                1           1         100    created  chargeable
        2  1            10                1           1         40     ready  chargeable
        3  1            10                1           1         60     ready  non_chargeable
        4  2            20                2           -1        7      ready  chargeable
    """)  # fmt: skip
    create(contracts, 2)

    with contracts.operations.reader() as reader:
        first, second = backlog_totals(reader, company="USPM")
        keys = find_keys(reader, company="USPM", contract="K-2", customer="C-9")

    assert (first.created_count, first.created_amount) == (3, 11100)
    assert (first.ready_count, first.ready_amount) == (2, 40)
    assert (second.on_proforma_count, second.on_proforma_amount) == (1, -7)
    assert (keys.contract_id, keys.customer_id, keys.project_id) == (2, None, None)


@pytest.mark.parametrize(
    ("sort", "contracts_in_order"),
    [("", [1, 2, 3]), ("-contract", [3, 2, 1]), ("created", [3, 1, 2]), ("-created", [2, 1, 3]),
     ("customer", [1, 2, 3]), ("-customer", [1, 2, 3]), ("ready", [1, 2, 3])],
)  # fmt: skip
def test_totals_come_page_by_page_in_any_order(
    contracts: Books, sort: str, contracts_in_order: list[int]
) -> None:
    # Given three contracts of one customer, with nothing ready
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  quantity  price  state
        1  1            10                1           1         200    created
        2  2            20                2           1         300    created
        3  3            30                3           1         100    created
    """)  # fmt: skip

    # When they are read one by one
    found: list[int] = []
    with contracts.operations.reader() as reader:
        after = 0
        while page := backlog_totals(reader, company="USPM", sort=sort, after=after, limit=1):
            found += [one.contract_id for one in page]
            after = page[-1].place

    # Then each comes once, where its heading puts it
    assert found == contracts_in_order


def test_marking_takes_what_is_allowed_and_says_why_not(contracts: Books) -> None:
    sell(contracts, """
        actual_id  customer_id  project_id  transaction_date  not_to_exceed   state
        1          1            1           2026-10-31        not_applicable  created
        2          1            1           2026-10-31        committed       created
        3          1            1           2026-10-31        failed          created
        4          1            1           2026-10-31        not_evaluated   created
        5          -            1           2026-10-31        not_applicable  created
        6          1            3           2026-10-31        not_applicable  created
        7          1            1           2026-11-01        not_applicable  created
        8          1            1           2026-10-31        not_applicable  ready
    """)  # fmt: skip

    marked = ready(contracts, Selection(contract_id=1, up_to=date(2026, 10, 31)))

    assert (marked.item_count, marked.milestone_count, marked.already_count) == (2, 0, 0)
    assert [(one.code, one.record, one.value) for one in marked.refusals] == [
        ("ERR-B03", "actual/3", "failed"),
        ("ERR-B03", "actual/4", "not_evaluated"),
        ("ERR-B04", "actual/5", ""),
        ("ERR-B21", "actual/6", "P-3"),
    ]
    contracts.then("""
        operations.backlog_item
        actual_id  state
        1          ready
        2          ready
        3          created
        4          created
        5          created
        6          created
        7          created
        8          ready
    """)


def test_each_item_that_is_named_gets_its_answer(contracts: Books) -> None:
    sell(contracts, """
        actual_id  state
        1          ready
        2          created
        3          created
    """)  # fmt: skip
    create(contracts, 1)
    ready(contracts, Selection(actual_ids=(2,)))

    marked = ready(contracts, Selection(actual_ids=(1, 2, 3, 99, 3)))

    assert (marked.item_count, marked.already_count) == (1, 1)
    assert [(one.code, one.record, one.value) for one in marked.refusals] == [
        ("ERR-B06", "actual/1", "USPM-PF-000001"),
        ("ERR-B22", "actual/99", ""),
    ]


def test_milestones_are_marked_both_ways(contracts: Books) -> None:
    contracts.given(MILESTONES)

    marked = ready(contracts, Selection(up_to=date(2026, 10, 15)))
    again = ready(contracts, Selection(milestone_ids=(1, 2)))
    taken_back = unready(contracts, Selection(milestone_ids=(1, 7)))

    assert (marked.item_count, marked.milestone_count) == (0, 1)
    assert (again.milestone_count, again.already_count) == (1, 1)
    assert (taken_back.milestone_count, [one.code for one in taken_back.refusals]) == (
        1,
        ["ERR-B22"],
    )
    contracts.then("""
        operations.milestone
        milestone_id  state
        1             not_ready
        2             ready
    """)


def test_the_mark_is_taken_back_but_not_from_a_draft(contracts: Books) -> None:
    sell(contracts, """
        actual_id  transaction_date  state
        1          2026-10-01        ready
        2          2026-11-01        ready
        3          2026-11-01        created
    """)  # fmt: skip
    create(contracts, 1)

    everything = unready(contracts, Selection(project_id=1))
    named = unready(contracts, Selection(actual_ids=(1, 3)))

    assert (everything.item_count, everything.refusals) == (1, ())
    assert (named.item_count, named.already_count) == (0, 1)
    assert [(one.code, one.record) for one in named.refusals] == [("ERR-B06", "actual/1")]
    contracts.then("""
        operations.backlog_item
        actual_id  state
        1          on_proforma
        2          created
        3          created
    """)


# As of 2026-10-31: work of 0, 30, 31, 60, 61 and 91 days, and what is free of charge.
AGED = """
    actual_id  transaction_date  quantity  project_id  customer_id  billing_type    state
    11         2026-10-31        1         1           1            chargeable      ready
    12         2026-10-01        2         1           1            chargeable      created
    13         2026-09-30        3         3           1            chargeable      created
    14         2026-09-01        4         1           2            chargeable      created
    15         2026-08-31        5         1           2            chargeable      created
    16         2026-08-01        6         1           2            chargeable      ready
    17         2026-07-31        7         1           -            chargeable      created
    18         2026-10-31        8         1           1            non_chargeable  created
"""


@pytest.mark.parametrize(
    ("dimension", "wanted"),
    [
        (
            "customer",
            [
                ("C-1", 6, 12_200, 1, 200, date(2026, 9, 30)),
                ("C-2", 3, 3_000, 1, 1_200, date(2026, 8, 1)),
                ("nobody", 1, 1_400, 0, 0, date(2026, 7, 31)),
            ],
        ),
        (
            "project",
            [
                ("P-1", 9, 16_000, 2, 1_400, date(2026, 7, 31)),
                ("P-3", 1, 600, 0, 0, date(2026, 9, 30)),
            ],
        ),
        (
            "age",
            [
                ("not due", 1, 6_000, 0, 0, date(2026, 12, 15)),
                ("0 to 30 days", 4, 5_600, 1, 200, date(2026, 10, 1)),
                ("31 to 60 days", 2, 1_400, 0, 0, date(2026, 9, 1)),
                ("61 to 90 days", 1, 1_000, 0, 0, date(2026, 8, 31)),
                ("over 90 days", 2, 2_600, 1, 1_200, date(2026, 7, 31)),
            ],
        ),
    ],
)
def test_the_backlog_is_added_up_in_each_dimension(
    contracts: Books, dimension: Dimension, wanted: list[tuple[object, ...]]
) -> None:
    contracts.given(MILESTONES)
    sell(contracts, AGED)

    with contracts.auditor_operations.reader() as reader:
        found = backlog_by(reader, company="USPM", dimension=dimension, as_of=date(2026, 10, 31))

    assert [
        (one.number, one.item_count, one.amount, one.ready_count, one.ready_amount, one.oldest)
        for one in found
    ] == wanted
    assert {one.currency for one in found} == {"USD"}
