"""Changing drafts: one change for many, items taken off, added, refreshed, manual work."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.operations.billing import CUTOFF, broken, confirm, create, plant_contracts, rows, sell
from tests.operations.editing import POSTED, edit, history, revise, shorthand
from tests.operations.test_confirm_proforma import COST, MILESTONE, SALE
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.proforma.add_details import NewDetail, add_details
from twofold.operations.proforma.drafts import DraftTotals
from twofold.operations.proforma.edit_details import DetailChange
from twofold.operations.proforma.refresh import Wanted, refresh_proforma
from twofold.operations.proforma.remove_details import delete_proforma, remove_details


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


@pytest.fixture
def draft_id(contracts: Books) -> int:
    """Give a draft over one approved entry of 8 hours at 200, which cost 100 an hour."""
    contracts.given(COST)
    sell(contracts, SALE)
    return create(contracts, 1).proformas[0].proforma_id


def test_who_saw_an_older_draft_is_told_who_changed_it(contracts: Books, draft_id: int) -> None:
    seen = edit(contracts, draft_id, DetailChange(quantity=Decimal(7)), revision=1)

    with pytest.raises(Refused) as refused:
        edit(contracts, draft_id, DetailChange(quantity=Decimal(5)), revision=1)

    assert seen.revision == 2
    assert refused.value.codes == ("ERR-B24",)
    assert refused.value.refusals[0].reason.startswith("pm changed it at 2026-")
    assert rows(contracts, "SELECT trim_scale(quantity) FROM operations.proforma_detail") == [(7,)]


def test_every_reason_is_told_and_nothing_is_changed(contracts: Books) -> None:
    contracts.given(MILESTONE)
    sell(contracts, "actual_id\n1")
    (draft,) = create(contracts, 1).proformas
    keys = dict(
        rows(contracts, "SELECT class::text, proforma_detail_id FROM operations.proforma_detail")
    )

    with pytest.raises(Refused) as refused:
        edit(
            contracts,
            draft.proforma_id,
            DetailChange(keys["milestone"], quantity=Decimal(2), price=Decimal(1)),
            DetailChange(keys["time"], quantity=Decimal("1.00001"), tax_amount=Decimal("0.001")),
            DetailChange(4711, quantity=Decimal(1)),
        )
    with pytest.raises(Refused) as unknown_type:
        edit(contracts, draft.proforma_id, DetailChange(billing_type="not_available"))

    assert sorted((one.code, one.field) for one in refused.value.refusals) == [
        ("ERR-B09", "price"),
        ("ERR-B09", "quantity"),
        ("ERR-B09", "quantity"),
        ("ERR-B09", "tax_amount"),
        ("ERR-B22", "detail"),
    ]
    assert unknown_type.value.codes == ("ERR-B09",)
    assert rows(contracts, "SELECT revision FROM operations.proforma") == [(1,)]


def test_one_change_for_all_and_others_for_some(contracts: Books) -> None:
    sell(contracts, "actual_id\n1\n2\n3")
    (draft,) = create(contracts, 1).proformas
    (first, *_) = rows(contracts, "SELECT min(proforma_detail_id) FROM operations.proforma_detail")

    totals = edit(
        contracts,
        draft.proforma_id,
        DetailChange(price=Decimal(100), tax_amount=Decimal(5)),
        DetailChange(first[0], price=Decimal(10), description="at a friend's price"),
    )

    assert (totals.detail_amount, totals.tax_amount, totals.total_amount) == (1680, 15, 1695)
    assert broken(contracts) == []


def test_what_is_taken_off_is_ready_again(contracts: Books) -> None:
    contracts.given(MILESTONE)
    sell(contracts, "actual_id\n1\n2")
    (draft,) = create(contracts, 1).proformas
    keys = [
        key
        for (key,) in rows(
            contracts,
            "SELECT proforma_detail_id FROM operations.proforma_detail"
            " WHERE actual_id = 1 OR milestone_id = 1",
        )
    ]

    with contracts.operations.transaction() as transaction:
        left = remove_details(
            transaction,
            company="USPM",
            proforma_id=draft.proforma_id,
            revision=1,
            detail_ids=keys,
            actor="pm",
            at=NOW,
        )
    with pytest.raises(Refused) as refused, contracts.operations.transaction() as transaction:
        remove_details(
            transaction,
            company="USPM",
            proforma_id=draft.proforma_id,
            revision=None,
            detail_ids=keys,
            actor="pm",
            at=NOW,
        )

    assert (left.detail_count, left.detail_amount) == (1, 1600)
    assert refused.value.codes == ("ERR-B22",)
    contracts.then("""
        operations.backlog_item
        actual_id  state
        1          ready
        2          on_proforma

        operations.milestone
        milestone_id  state
        1             ready
    """)
    assert broken(contracts) == []


def test_a_deleted_draft_leaves_its_number_behind(contracts: Books, draft_id: int) -> None:
    with contracts.operations.transaction() as transaction:
        number = delete_proforma(
            transaction,
            company="USPM",
            proforma_id=draft_id,
            revision=1,
            actor="pm",
            at=NOW,
        )

    assert number == "USPM-PF-000001"
    contracts.then("""
        operations.proforma
        number

        operations.deleted_proforma
        number          detail_count  detail_amount  deleted_by
        USPM-PF-000001  1             1600           pm

        operations.backlog_item
        actual_id  state
        2          ready
    """)
    assert create(contracts, 1).proformas[0].number == "USPM-PF-000002"
    assert broken(contracts) == []


def test_a_confirmed_proforma_is_not_deleted(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)

    with pytest.raises(Refused) as refused, contracts.operations.transaction() as transaction:
        delete_proforma(
            transaction,
            company="USPM",
            proforma_id=draft_id,
            revision=None,
            actor="pm",
            at=NOW,
        )
    with contracts.operations.raw() as connection:
        removed = connection.execute("DELETE FROM operations.proforma_detail").rowcount
        changed = connection.execute("UPDATE operations.proforma_detail SET quantity = 1").rowcount

    assert refused.value.codes == ("ERR-B16",)
    assert (removed, changed) == (0, 0)


def test_two_corrections_of_one_sale_at_once_leave_one(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)
    outcomes: list[object] = []

    def correct() -> None:
        try:
            outcomes.append(revise(contracts, draft_id).number)
        except Refused as told:
            outcomes.append(told.codes)

    people = [threading.Thread(target=correct) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert sum(isinstance(one, str) for one in outcomes) == 1
    assert {one for one in outcomes if not isinstance(one, str)} <= {("ERR-B05",), ("ERR-B06",)}
    assert rows(contracts, "SELECT count(*) FROM operations.correction") == [(1,)]
    assert broken(contracts) == []


def refresh(books: Books, proforma_id: int, *actual_ids: int, cutoff: date = CUTOFF) -> DraftTotals:
    with books.operations.transaction() as transaction:
        return refresh_proforma(
            transaction,
            company="USPM",
            proforma_id=proforma_id,
            revision=None,
            wanted=Wanted(cutoff, actual_ids or None),
            actor="pm",
            at=NOW,
        )


def test_a_refresh_adds_what_is_ready_once(contracts: Books) -> None:
    sell(contracts, "actual_id\n1")
    (draft,) = create(contracts, 1).proformas
    contracts.given(MILESTONE)
    sell(
        contracts,
        """
        actual_id  state    customer_id  transaction_date
        2          ready    1            2026-10-20
        3          created  1            2026-10-20
        4          ready    2            2026-10-20
        5          ready    1            2026-11-20
    """,
    )

    added = refresh(contracts, draft.proforma_id)
    with pytest.raises(Refused) as again:
        refresh(contracts, draft.proforma_id)

    assert (added.detail_count, added.detail_amount) == (3, 8200)
    assert again.value.codes == ("ERR-B05",)
    contracts.then(f"""
        operations.backlog_item
        actual_id  state        proforma_id
        1          on_proforma  {draft.proforma_id}
        2          on_proforma  {draft.proforma_id}
        3          created      -
        4          ready        -
        5          ready        -
    """)
    assert broken(contracts) == []


def test_items_are_added_by_name_or_each_reason_is_told(contracts: Books) -> None:
    sell(contracts, "actual_id\n1")
    (draft,) = create(contracts, 1).proformas
    sell(
        contracts,
        """
        actual_id  state    customer_id  transaction_date
        2          ready    1            2026-10-20
        3          created  1            2026-10-20
        4          ready    2            2026-10-20
        5          ready    1            2026-11-20
        6          ready    1            2026-10-20
    """,
    )

    with pytest.raises(Refused) as refused:
        refresh(contracts, draft.proforma_id, 1, 2, 3, 4, 5)
    added = refresh(contracts, draft.proforma_id, 2)

    assert [(one.code, one.record) for one in refused.value.refusals] == [
        ("ERR-B06", "actual/1"),
        ("ERR-B25", "actual/3"),
        ("ERR-B22", "actual/4"),
        ("ERR-B07", "actual/5"),
    ]
    assert added.detail_count == 2
    assert broken(contracts) == []


def add(books: Books, proforma_id: int, *details: NewDetail) -> DraftTotals:
    with books.operations.transaction() as transaction:
        return add_details(
            transaction,
            company="USPM",
            proforma_id=proforma_id,
            revision=None,
            details=details,
            actor="pm",
            at=NOW,
        )


HOURS = NewDetail(
    line_number=1,
    transaction_class="time",
    transaction_date=CUTOFF,
    quantity=Decimal(3),
    unit="hour",
    price=Decimal(200),
    project="P-1",
    role="Engineer",
)


def test_manual_work_without_a_price_takes_the_one_an_entry_would(
    contracts: Books, draft_id: int
) -> None:
    contracts.given("""
        operations.resource
        company  resource_id  name       organizational_unit_id  change_set_id
        USPM     9            Amy Allen  1                       1

        operations.price_list
        company  price_list_id  name   context  currency  effective_from
        USPM     1              Sales  sales    USD       2026-01-01

        operations.contract_price_list
        company  contract_id  price_list_id
        USPM     1            1

        operations.time_unit
        time_unit  hours
        Day        8

        operations.role_price
        company  price_list_id  role_id  resourcing_company  resourcing_unit_id  contract_id  effective_from  time_unit  price
        USPM     1              1        -                   -                   -            -               hour       200
        USPM     1              1        -                   -                   2            -               hour       1
        USPM     1              1        -                   -                   1            2026-10-15      Day        1680
        USPM     1              1        -                   -                   1            2026-11-15      hour       2
        USPM     1              1        USPM                1                   -            2026-10-20      hour       230
    """)  # noqa: E501
    free = replace(HOURS, price=None)

    add(
        contracts,
        draft_id,
        replace(free, transaction_date=date(2026, 10, 14)),
        replace(free, transaction_date=date(2026, 10, 15)),
        replace(free, transaction_date=date(2026, 10, 20)),
        replace(free, resource="Amy Allen", transaction_date=date(2026, 10, 20)),
        replace(free, price=Decimal(5)),
    )

    found = rows(
        contracts,
        "SELECT price FROM operations.proforma_detail WHERE actual_id IS NULL"
        " ORDER BY proforma_detail_id",
    )
    assert [price for (price,) in found] == [200, 210, 230, 230, 5]
    assert broken(contracts) == []


def test_manual_work_is_sold_and_billed_at_once(contracts: Books, draft_id: int) -> None:
    before = history(contracts)
    totals = add(contracts, draft_id, HOURS, replace(HOURS, price=None, role=None))
    remove_all_but_manual = [
        key
        for (key,) in rows(
            contracts,
            "SELECT proforma_detail_id FROM operations.proforma_detail"
            " WHERE actual_id IS NOT NULL OR price = 0",
        )
    ]
    assert (totals.detail_count, totals.detail_amount) == (3, 2200)
    assert broken(contracts) == []
    with contracts.operations.transaction() as transaction:
        remove_details(
            transaction,
            company="USPM",
            proforma_id=draft_id,
            revision=None,
            detail_ids=remove_all_but_manual,
            actor="pm",
            at=NOW,
        )

    confirm(contracts, draft_id)

    assert history(contracts) == [
        before[0].replace("customer_invoice_created", "ready_to_invoice"),
        *shorthand(f"""
            BS    3   600  c  -             {POSTED}  False
            UBS   3   600  c  -             {POSTED}  False
            UBS  -3  -600  c  unadjustable  -         True
        """),
    ]
    assert broken(contracts) == []


def test_manual_work_of_no_quantity_is_refused_as_nothing_would_be_billed(
    contracts: Books, draft_id: int
) -> None:
    with pytest.raises(Refused) as added:
        add(contracts, draft_id, replace(HOURS, quantity=Decimal(0)))
    add(contracts, draft_id, HOURS)
    ((manual,),) = rows(
        contracts,
        "SELECT proforma_detail_id FROM operations.proforma_detail WHERE project_id IS NOT NULL",
    )
    with pytest.raises(Refused) as edited:
        edit(contracts, draft_id, DetailChange(manual, quantity=Decimal(0)))

    assert (added.value.codes, edited.value.codes) == (("ERR-B09",), ("ERR-B09",))
    confirm(contracts, draft_id)
    assert broken(contracts) == []


def test_manual_work_that_cannot_be_is_refused_with_every_reason(
    contracts: Books, draft_id: int
) -> None:
    with pytest.raises(Refused) as refused:
        add(
            contracts,
            draft_id,
            replace(HOURS, line_number=9),
            replace(HOURS, line_number=2),
            replace(HOURS, project="P-9", role="Nobody", quantity=Decimal("0.00001")),
            replace(HOURS, project="P-3"),
        )

    assert [(one.record[-5:], one.code, one.field) for one in refused.value.refusals] == [
        ("new/1", "ERR-B22", "line_number"),
        ("new/2", "ERR-B02", "transaction_class"),
        ("new/3", "ERR-B09", "quantity"),
        ("new/3", "ERR-B22", "project"),
        ("new/3", "ERR-B22", "role"),
        ("new/4", "ERR-B21", "project"),
    ]
    assert rows(contracts, "SELECT count(*) FROM operations.proforma_detail") == [(1,)]
