"""Adding chosen backlog items: to the draft there is, to the latest of several, or to a new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.operations.billing import (
    CUTOFF,
    broken,
    confirm,
    create,
    plant_contracts,
    rows,
    sell,
    system_of,
)
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.journey.add_to_invoice import Added, Items, add_to_invoice
from twofold.kernel.errors import Refused


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


def add(
    books: Books,
    *actual_ids: int,
    milestones: tuple[int, ...] = (),
    is_new: bool = False,
    cutoff: date = CUTOFF,
    minutes: int = 0,
) -> Added:
    """Add these sales and milestones to drafts, so many minutes from now."""
    return add_to_invoice(
        replace(system_of(books), now=lambda: NOW + timedelta(minutes=minutes)),
        company="USPM",
        items=Items(cutoff, actual_ids, milestones),
        is_new=is_new,
        actor="pm",
    )


def on_drafts(books: Books) -> list[str]:
    """Give what is on which draft."""
    found = rows(
        books,
        "SELECT proforma.number, coalesce(detail.actual_id, -detail.milestone_id)"
        " FROM operations.proforma_detail AS detail"
        " JOIN operations.proforma USING (company, proforma_id) ORDER BY 1, 2",
    )
    return [f"{number[-1]}: {key}" for number, key in found]


SALES = """
    actual_id  contract_id  contract_line_id  project_id  customer_id
    1          1            10                1           1
    2          1            10                1           1
    3          1            10                1           2
    4          2            20                2           1
    5          2            20                2           1
"""


def test_without_a_draft_a_new_one_has_the_chosen_items_only(contracts: Books) -> None:
    sell(contracts, SALES)

    added = add(contracts, 1, 3, 4)

    assert added.extended == ()
    assert [(one.contract_number, one.customer_account) for one in added.opened] == [
        ("K-1", "C-1"),
        ("K-1", "C-2"),
        ("K-2", "C-1"),
    ]
    assert on_drafts(contracts) == ["1: 1", "2: 3", "3: 4"]
    assert broken(contracts) == []


def test_the_one_draft_of_contract_and_customer_is_extended(contracts: Books) -> None:
    sell(contracts, SALES)
    add(contracts, 1)

    added = add(contracts, 2, 3, 5)

    assert [one.number for one in added.extended] == ["USPM-PF-000001"]
    assert [one.number for one in added.opened] == ["USPM-PF-000002", "USPM-PF-000003"]
    assert on_drafts(contracts) == ["1: 1", "1: 2", "2: 3", "3: 5"]
    assert broken(contracts) == []


def test_of_several_drafts_the_one_created_last_is_extended(contracts: Books) -> None:
    sell(contracts, SALES + "6  1  10  1  1\n")
    add(contracts, 1, minutes=5)
    add(contracts, 2, is_new=True, minutes=1)

    added = add(contracts, 6)

    assert [one.number for one in added.extended] == ["USPM-PF-000001"]
    assert on_drafts(contracts) == ["1: 1", "1: 6", "2: 2"]


def test_a_draft_that_was_confirmed_or_is_in_review_is_not_added_to(contracts: Books) -> None:
    sell(contracts, SALES)
    (first,) = add(contracts, 1).opened
    confirm(contracts, first.proforma_id)
    add(contracts, 4)
    with contracts.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.proforma SET state = 'in_review' WHERE contract_id = 2"
        )

    added = add(contracts, 2, 5)

    assert (len(added.extended), len(added.opened)) == (0, 2)
    assert broken(contracts) == []


def test_milestones_are_chosen_like_sales(contracts: Books) -> None:
    sell(contracts, SALES)
    contracts.given("""
        operations.milestone
        company  milestone_id  contract_id  contract_line_id  customer_id  project_id  name    milestone_date  amount  tax_amount  currency  state  change_set_id
        USPM     1             1            11                1            1           Start   2026-10-01      5000    0           USD       ready  1
        USPM     2             1            11                1            1           Middle  2026-10-01      5000    0           USD       ready  1
        USPM     3             1            11                1            1           End     2026-10-01      5000    0           USD       ready  1
    """)  # fmt: skip # noqa: E501

    add(contracts, milestones=(2,))
    assert on_drafts(contracts) == ["1: -2"]
    add(contracts, 2, milestones=(3,))

    assert on_drafts(contracts) == ["1: -3", "1: -2", "1: 2"]
    assert broken(contracts) == []


def test_every_item_that_cannot_be_added_is_told_and_none_is(contracts: Books) -> None:
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  customer_id  transaction_date  state
        1          1            10                1           1            2026-10-31        ready
        2          1            10                1           1            2026-11-01        ready
        3          1            10                1           1            2026-10-01        created
        4          1            10                3           1            2026-10-01        ready
        5          3            30                1           1            2026-10-01        ready
        6          2            20                2           2            2026-10-01        ready
        7          2            20                2           1            2026-10-01        ready
    """)  # fmt: skip
    create(contracts, 2)

    with pytest.raises(Refused) as refused:
        add(contracts, 1, 2, 3, 4, 5, 6, 7, 99, milestones=(9,))

    assert [(one.code, one.record) for one in refused.value.refusals] == [
        ("ERR-B07", "actual/2"),
        ("ERR-B25", "actual/3"),
        ("ERR-B21", "actual/4"),
        ("ERR-B23", "actual/5"),
        ("ERR-B04", "actual/6"),
        ("ERR-B06", "actual/7"),
        ("ERR-B22", "actual/99"),
        ("ERR-B22", "milestone/9"),
    ]
    assert on_drafts(contracts) == ["1: 7"]
