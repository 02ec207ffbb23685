"""Retainers that are refunded or credited."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.operations.advances import (
    actuals,
    add,
    detail_keys,
    draft,
    invoiced,
    open_amounts,
    ready,
    refund,
    state,
    use,
    work,
)
from tests.operations.billing import (
    broken,
    confirm,
    create,
    plant_contracts,
    rows,
    sell,
)
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.proforma.drafts import DraftTotals
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.remove_details import remove_details
from twofold.operations.proforma.revise import revise_proforma
from twofold.operations.retainers.refund import cancel_refund, refund_retainer


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


def revise(books: Books, proforma: int) -> DraftTotals:
    with books.operations.transaction() as transaction:
        return revise_proforma(
            transaction, company="USPM", proforma_id=proforma, actual_ids=None, actor="pm", at=NOW
        )


def test_a_refund_alone_is_a_proforma_and_ends_the_retainer(contracts: Books) -> None:
    retainer = invoiced(contracts)
    refund(contracts, retainer)
    work(contracts, 1, "10")

    (opened,) = create(contracts, 1).proformas
    assert detail_keys(contracts, opened.proforma_id) == []
    with contracts.operations.transaction() as transaction:
        rows_left = remove_details(
            transaction,
            company="USPM",
            proforma_id=opened.proforma_id,
            revision=None,
            detail_ids=[
                key
                for (key,) in rows(
                    contracts,
                    "SELECT proforma_detail_id FROM operations.proforma_detail"
                    " WHERE actual_id IS NOT NULL",
                )
            ],
            actor="pm",
            at=NOW,
        )
    assert rows_left.total_amount == -1000
    confirm(contracts, opened.proforma_id)

    assert actuals(contracts)[2:] == [
        ("billed_sales", -1000, False, False),
        ("unbilled_sales", 1000, True, True),
    ]
    assert state(contracts, retainer) == ("posted", 1000, 0, "refunded")
    with pytest.raises(Refused) as again:
        refund(contracts, retainer)
    assert again.value.codes == ("ERR-C06",)
    assert detail_keys(contracts, draft(contracts)) == []
    assert broken(contracts) == []


def test_a_refund_of_a_part_leaves_the_rest_available(contracts: Books) -> None:
    retainer = invoiced(contracts)
    refund(contracts, retainer, "600")
    work(contracts, 1, "500")

    (opened,) = create(contracts, 1).proformas

    # The refund is on it, so that the rest is applied by the next one.
    assert opened.total_amount == -100
    confirm(contracts, opened.proforma_id)
    assert state(contracts, retainer) == ("posted", 600, 400, None)
    assert open_amounts(contracts) == [-400]
    assert broken(contracts) == []


def test_what_is_kept_for_a_refund_is_not_applied(contracts: Books) -> None:
    retainer = invoiced(contracts)
    work(contracts, 1, "1000")
    proforma = draft(contracts)
    refund(contracts, retainer, "0.01")

    with pytest.raises(Refused) as refused:
        confirm(contracts, proforma)

    assert [(one.code, one.field) for one in refused.value.refusals] == [("ERR-B13", "applicable")]
    with contracts.operations.transaction() as transaction:
        cancel_refund(transaction, company="USPM", retainer_id=retainer, actor="ann", at=NOW)
    confirm(contracts, proforma)
    assert state(contracts, retainer) == ("posted", 1000, 0, None)
    assert broken(contracts) == []


def test_a_refund_is_within_what_is_available_and_on_a_draft(contracts: Books) -> None:
    unbilled = add(contracts)
    retainer = invoiced(contracts)
    work(contracts, 1, "600")
    confirmed = draft(contracts)
    confirm(contracts, confirmed)
    work(contracts, 2, "1")
    proforma = draft(contracts)

    codes: list[tuple[str, ...]] = []
    for attempt in (
        lambda: refund(contracts, retainer, "400.01"),
        lambda: refund(contracts, retainer, "0.001"),
        lambda: refund(contracts, unbilled, "1"),
        lambda: use(contracts, confirmed, retainer, "1", "refunded"),
        lambda: use(contracts, proforma, unbilled, "1", "refunded"),
        lambda: use(contracts, proforma, retainer, "400", "refunded"),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        codes.append(refused.value.codes)

    assert codes == [
        ("ERR-C06",), ("ERR-B32",), ("ERR-C06",), ("ERR-C06",), ("ERR-C06",),
        # It is applied on the same draft.
        ("ERR-C06",),
    ]  # fmt: skip
    with contracts.operations.transaction() as transaction:
        remove_details(
            transaction,
            company="USPM",
            proforma_id=proforma,
            revision=None,
            detail_ids=detail_keys(contracts, proforma),
            actor="pm",
            at=NOW,
        )
    assert use(contracts, proforma, retainer, "400", "refunded").total_amount == -399
    with pytest.raises(Refused) as on_draft, contracts.operations.transaction() as transaction:
        cancel_refund(transaction, company="USPM", retainer_id=retainer, actor="ann", at=NOW)
    assert on_draft.value.codes == ("ERR-B06",)
    confirm(contracts, proforma)
    assert state(contracts, retainer) == ("posted", 1000, 0, "refunded")
    assert broken(contracts) == []


def test_crediting_an_application_makes_it_available_again(contracts: Books) -> None:
    retainer = invoiced(contracts)
    work(contracts, 1, "600")
    proforma = draft(contracts)
    confirm(contracts, proforma)

    correction = revise(contracts, proforma)

    # The work of 600 is credited, and so is the 600 that paid for it.
    assert correction.total_amount == 0
    confirm(contracts, correction.proforma_id)
    assert state(contracts, retainer) == ("posted", 0, 1000, None)
    assert actuals(contracts)[5:] == [
        ("billed_sales", 600, True, False),
        ("unbilled_sales", 400, True, False),
        ("unbilled_sales", -1000, False, False),
    ]
    assert broken(contracts) == []


def test_crediting_an_application_in_full_opens_a_sale_again(contracts: Books) -> None:
    retainer = invoiced(contracts)
    work(contracts, 1, "1000")
    proforma = draft(contracts)
    confirm(contracts, proforma)

    confirm(contracts, revise(contracts, proforma).proforma_id)

    assert state(contracts, retainer) == ("posted", 0, 1000, None)
    assert actuals(contracts)[4:] == [
        ("billed_sales", 1000, True, False),
        ("unbilled_sales", -1000, False, False),
    ]
    assert broken(contracts) == []


def test_crediting_a_refund_clears_it(contracts: Books) -> None:
    retainer = invoiced(contracts)
    refund(contracts, retainer)
    proforma = draft(contracts)
    confirm(contracts, proforma)

    confirm(contracts, revise(contracts, proforma).proforma_id)

    assert state(contracts, retainer) == ("posted", 0, 1000, None)
    assert broken(contracts) == []


def test_crediting_an_invoiced_retainer_lets_it_be_billed_again(contracts: Books) -> None:
    retainer = add(contracts)
    ready(contracts, retainer)
    proforma = draft(contracts)
    confirm(contracts, proforma)
    refund(contracts, retainer)

    confirm(contracts, revise(contracts, proforma).proforma_id)

    assert state(contracts, retainer) == ("ready", 0, 0, None)
    assert actuals(contracts)[2:] == [
        ("billed_sales", -1000, True, False),
        ("unbilled_sales", 1000, True, False),
    ]
    assert broken(contracts) == []
    confirm(contracts, draft(contracts))
    assert state(contracts, retainer) == ("posted", 0, 1000, None)
    assert broken(contracts) == []


def test_a_retainer_in_use_is_not_credited(contracts: Books) -> None:
    retainer = add(contracts)
    ready(contracts, retainer)
    proforma = draft(contracts)
    confirm(contracts, proforma)
    work(contracts, 1, "0.01")
    confirm(contracts, draft(contracts))
    correction = revise(contracts, proforma)

    with pytest.raises(Refused) as refused:
        confirm(contracts, correction.proforma_id)
    with pytest.raises(Refused) as partial, contracts.operations.transaction() as transaction:
        edit_details(
            transaction,
            company="USPM",
            proforma_id=correction.proforma_id,
            revision=None,
            changes=[
                DetailChange(key, quantity=Decimal(1))
                for key in detail_keys(contracts, correction.proforma_id, "invoiced")
            ],
            actor="pm",
            at=NOW,
        )

    assert refused.value.codes == ("ERR-B31",)
    assert partial.value.codes == ("ERR-C03",)
    assert state(contracts, retainer)[0] == "posted"
    assert broken(contracts) == []


def test_two_contracts_and_companies_keep_their_retainers(contracts: Books) -> None:
    retainer = invoiced(contracts)
    sell(
        contracts,
        """
        actual_id  contract_id  contract_line_id  project_id  quantity  price
        1          2            20                2           1         600
        """,
    )

    (opened,) = create(contracts, 2).proformas

    assert opened.total_amount == 600
    with pytest.raises(Refused) as refused:
        use(contracts, opened.proforma_id, retainer, "1")
    assert refused.value.codes == ("ERR-B13",)
    with pytest.raises(Refused) as other, contracts.operations.transaction() as transaction:
        refund_retainer(
            transaction, company="GBPM", retainer_id=retainer, amount=None, actor="ann", at=NOW
        )
    assert other.value.codes == ("ERR-B22",)
