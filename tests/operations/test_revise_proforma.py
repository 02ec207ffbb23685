"""Editing drafts and correcting what was confirmed: what it makes of the sales behind them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.operations.billing import KEEP_SUMS, broken, confirm, create, plant_contracts, rows, sell
from tests.operations.editing import POSTED, edit, history, revise, shorthand
from tests.operations.test_confirm_proforma import COST, MILESTONE, SALE
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.proforma.edit_details import DetailChange
from twofold.operations.proforma.remove_details import delete_proforma


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


@pytest.fixture
def draft_id(contracts: Books) -> int:
    """Give a draft over one approved entry of 8 hours at 200, which cost 100 an hour."""
    contracts.given(COST)
    sell(contracts, SALE)
    return create(contracts, 1).proformas[0].proforma_id


def quantity_of(books: Books, rows_of: str) -> Decimal:
    ((found,),) = rows(books, f"SELECT sum(quantity) FROM operations.{rows_of}")  # noqa: S608 - a table of the book
    return found


EDITS = {
    "unchanged": (
        DetailChange(),
        f"""
        UBS   8   1600  c  -             {POSTED}  False
        BS    8   1600  c  -             {POSTED}  False
        UBS  -8  -1600  c  unadjustable  -         True
        """,
    ),
    "less": (
        DetailChange(quantity=Decimal(6)),
        f"""
        UBS   8   1600  c  adjusted      -         False
        BS    6   1200  c  -             {POSTED}  False
        BS    2    400  n  -             {POSTED}  False
        UBS  -8  -1600  c  unadjustable  -         False
        UBS   6   1200  c  -             {POSTED}  False
        UBS   2    400  n  -             {POSTED}  False
        UBS  -6  -1200  c  unadjustable  -         True
        UBS  -2   -400  n  unadjustable  -         True
        """,
    ),
    "nothing": (
        DetailChange(quantity=Decimal(0)),
        f"""
        UBS   8   1600  c  adjusted      -         False
        BS    8   1600  n  -             {POSTED}  False
        UBS  -8  -1600  c  unadjustable  -         False
        UBS   8   1600  n  -             {POSTED}  False
        UBS  -8  -1600  n  unadjustable  -         True
        """,
    ),
    "more": (
        DetailChange(quantity=Decimal(10)),
        f"""
        UBS    8   1600  c  adjusted      -         False
        BS    10   2000  c  -             {POSTED}  False
        UBS   -8  -1600  c  unadjustable  -         False
        UBS   10   2000  c  -             {POSTED}  False
        UBS  -10  -2000  c  unadjustable  -         True
        """,
    ),
    "another price": (
        DetailChange(price=Decimal("150.5")),
        f"""
        UBS   8   1600  c  adjusted      -         False
        BS    8   1204  c  -             {POSTED}  False
        UBS  -8  -1600  c  unadjustable  -         False
        UBS   8   1204  c  -             {POSTED}  False
        UBS  -8  -1204  c  unadjustable  -         True
        """,
    ),
    "free of charge": (
        DetailChange(billing_type="complimentary"),
        f"""
        UBS   8   1600  c  adjusted      -         False
        BS    8   1600  x  -             {POSTED}  False
        UBS  -8  -1600  c  unadjustable  -         False
        UBS   8   1600  x  -             {POSTED}  False
        UBS  -8  -1600  x  unadjustable  -         True
        """,
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_what_confirming_makes_of_an_edited_detail(
    contracts: Books, draft_id: int, case: str
) -> None:
    change, expected = EDITS[case]
    totals = edit(contracts, draft_id, change)
    assert broken(contracts) == []

    (confirmed,) = confirm(contracts, draft_id)

    assert history(contracts) == shorthand(expected)
    assert confirmed.detail_amount == totals.detail_amount
    assert rows(contracts, "SELECT FROM operations.backlog_item") == []
    assert broken(contracts) == []


CORRECTIONS = {
    "nothing": (
        "0",
        -1600,
        f"""
        BS   -8  -1600  c  unadjustable  {POSTED}                False
        UBS   8   1600  c  -             unbilled_sales_created  False
        """,
    ),
    "less": (
        "6",
        -400,
        f"""
        BS   -8  -1600  c  unadjustable  {POSTED}                False
        BS    6   1200  c  -             {POSTED}                False
        UBS   6   1200  c  -             {POSTED}                False
        UBS   2    400  c  -             unbilled_sales_created  False
        UBS  -6  -1200  c  unadjustable  -                       True
        """,
    ),
    "more": (
        "10",
        400,
        f"""
        BS   -8  -1600  c  unadjustable  {POSTED}  False
        BS   10   2000  c  -             {POSTED}  False
        UBS  10   2000  c  -             {POSTED}  False
        UBS -10  -2000  c  unadjustable  -         True
        """,
    ),
}


@pytest.mark.parametrize("case", CORRECTIONS)
def test_what_confirming_makes_of_a_correction(contracts: Books, draft_id: int, case: str) -> None:
    quantity, difference, expected = CORRECTIONS[case]
    confirm(contracts, draft_id)
    before = history(contracts)

    draft = revise(contracts, draft_id)
    assert (draft.detail_amount, draft.detail_count) == (-1600, 1)
    assert broken(contracts) == []
    totals = edit(contracts, draft.proforma_id, DetailChange(quantity=Decimal(quantity)))
    assert totals.detail_amount == difference
    confirm(contracts, draft.proforma_id)

    after = history(contracts)
    assert after[: len(before)] == [
        line.replace("BS 8 1600 c -", "BS 8 1600 c adjusted") if line.startswith("BS") else line
        for line in before
    ]
    assert after[len(before) :] == shorthand(expected)
    assert broken(contracts) == []


def test_a_corrected_invoice_can_be_corrected_again(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)
    first = revise(contracts, draft_id)
    edit(contracts, first.proforma_id, DetailChange(quantity=Decimal(6)))
    confirm(contracts, first.proforma_id)

    second = revise(contracts, first.proforma_id)
    edit(contracts, second.proforma_id, DetailChange(quantity=Decimal(5)))
    confirm(contracts, second.proforma_id)

    assert quantity_of(contracts, "backlog_item") == 3
    assert quantity_of(contracts, "actual WHERE transaction_type = 'billed_sales'") == 5
    assert broken(contracts) == []


def test_what_was_credited_and_what_is_new_is_billed_once(contracts: Books, draft_id: int) -> None:
    # 8 h invoiced, 3.5 h credited, 1 h more worked: the next proforma bills exactly 4.5 h.
    confirm(contracts, draft_id)
    correction = revise(contracts, draft_id)
    edit(contracts, correction.proforma_id, DetailChange(quantity=Decimal("4.5")))
    confirm(contracts, correction.proforma_id)
    sell(contracts, "actual_id  quantity\n3  1")
    with contracts.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.backlog_item SET state = 'ready'")
        connection.execute(KEEP_SUMS)

    (following,) = create(contracts, 1).proformas
    confirm(contracts, following.proforma_id)

    assert following.detail_amount == Decimal("4.5") * 200
    assert quantity_of(contracts, "actual WHERE transaction_type = 'billed_sales'") == 9
    assert broken(contracts) == []


def test_a_milestone_is_credited_whole_and_can_be_billed_again(contracts: Books) -> None:
    contracts.given(MILESTONE)
    (draft,) = create(contracts, 1).proformas
    confirm(contracts, draft.proforma_id)
    correction = revise(contracts, draft.proforma_id)

    with pytest.raises(Refused) as refused:
        edit(contracts, correction.proforma_id, DetailChange(quantity=Decimal("0.6")))
    confirm(contracts, correction.proforma_id)

    assert refused.value.codes == ("ERR-C03",)
    contracts.then("""
        operations.milestone
        milestone_id  state  proforma_id
        1             ready  -
    """)
    assert broken(contracts) == []
    (again,) = create(contracts, 1).proformas
    assert again.detail_amount == 5000


def test_a_revision_that_changes_nothing_is_refused(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)
    correction = revise(contracts, draft_id)
    edit(contracts, correction.proforma_id, DetailChange(quantity=Decimal(8)))

    with pytest.raises(Refused) as refused:
        confirm(contracts, correction.proforma_id)

    assert refused.value.codes == ("ERR-C02",)


def test_a_correction_keeps_its_billing_type(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)
    correction = revise(contracts, draft_id)

    with pytest.raises(Refused) as refused:
        edit(contracts, correction.proforma_id, DetailChange(billing_type="non_chargeable"))

    assert refused.value.codes == ("ERR-C05",)


def test_one_draft_at_a_time_corrects_a_billed_sale(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)
    (bill,) = rows(
        contracts,
        "SELECT actual_id FROM operations.actual WHERE transaction_type = 'billed_sales'",
    )
    first = revise(contracts, draft_id)

    with pytest.raises(Refused) as all_of_it:
        revise(contracts, draft_id)
    with pytest.raises(Refused) as named:
        revise(contracts, draft_id, bill[0], 4711)
    with contracts.operations.transaction() as transaction:
        delete_proforma(
            transaction,
            company="USPM",
            proforma_id=first.proforma_id,
            revision=first.revision,
            actor="pm",
            at=NOW,
        )
    again = revise(contracts, draft_id, bill[0])

    assert all_of_it.value.codes == ("ERR-B05",)
    assert [(one.code, one.record) for one in named.value.refusals] == [
        ("ERR-B22", "actual/4711"),
        ("ERR-B06", f"actual/{bill[0]}"),
    ]
    assert again.number == "USPM-PF-000003"
    assert broken(contracts) == []


def test_only_a_confirmed_proforma_is_revised(contracts: Books, draft_id: int) -> None:
    with pytest.raises(Refused) as draft:
        revise(contracts, draft_id)
    with pytest.raises(Refused) as unknown:
        revise(contracts, 4711)

    assert (draft.value.codes, unknown.value.codes) == (("ERR-C01",), ("ERR-B22",))
