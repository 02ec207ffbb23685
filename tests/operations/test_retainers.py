"""Retainers: set up, invoiced, and applied on what comes later."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from typing import Literal

import pytest

from tests.operations.advances import (
    ADVANCE,
    actuals,
    add,
    detail_keys,
    draft,
    invoiced,
    open_amounts,
    plan_retainers,
    ready,
    state,
    use,
    work,
)
from tests.operations.billing import (
    CUTOFF,
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
from twofold.operations.backlog.mark import mark_not_ready
from twofold.operations.backlog.reads import BacklogFilter, backlog_totals, list_backlog
from twofold.operations.backlog.selection import Selection
from twofold.operations.proforma.drafts import DraftTotals
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.refresh import Wanted, refresh_proforma
from twofold.operations.proforma.remove_details import delete_proforma, remove_details
from twofold.operations.retainers.add import RetainerPlan


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


def refresh(books: Books, proforma: int) -> DraftTotals:
    with books.operations.transaction() as transaction:
        return refresh_proforma(
            transaction,
            company="USPM",
            proforma_id=proforma,
            revision=None,
            wanted=Wanted(CUTOFF),
            actor="pm",
            at=NOW,
        )


@pytest.mark.parametrize(
    ("number", "last_on", "frequency", "dates", "amounts"),
    [
        (3, None, "monthly", ["2026-01-31", "2026-02-28", "2026-03-31"],
         ["33.33", "33.33", "33.34"]),
        (None, date(2026, 2, 14), "weekly", ["2026-01-31", "2026-02-07", "2026-02-14"],
         ["33.33", "33.33", "33.34"]),
        (None, date(2026, 2, 13), "biweekly", ["2026-01-31"], ["100.00"]),
        (2, date(2026, 12, 31), "biweekly", ["2026-01-31", "2026-02-14"], ["50.00", "50.00"]),
    ],
)  # fmt: skip
def test_a_schedule_divides_its_total_and_the_last_takes_the_rounding(
    contracts: Books,
    number: int | None,
    last_on: date | None,
    frequency: Literal["weekly", "biweekly", "monthly"],
    dates: list[str],
    amounts: list[str],
) -> None:
    plan = RetainerPlan(Decimal(100), date(2026, 1, 31), "Retainer", frequency, number, last_on)

    keys = plan_retainers(contracts, plan)

    assert [
        (str(day), str(round(amount, 2)))
        for day, amount in rows(
            contracts,
            "SELECT invoice_date, amount FROM operations.retainer ORDER BY retainer_id",
        )
    ] == list(zip(dates, amounts, strict=True))
    assert [state(contracts, key) for key in keys] == [("not_ready", 0, 0, None)] * len(keys)
    assert broken(contracts) == []


@pytest.mark.parametrize(
    ("amount", "number", "code"),
    [
        ("0", 1, "ERR-B32"), ("-1", 1, "ERR-B32"), ("0.005", 1, "ERR-B32"),
        ("0.02", 3, "ERR-B32"), ("0.01", 2, "ERR-B32"), ("10", 0, "ERR-B32"),
        ("10", None, "ERR-B32"), ("10", 1001, "ERR-B32"),
    ],
)  # fmt: skip
def test_no_retainer_is_made_of_nothing(
    contracts: Books, amount: str, number: int | None, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        plan_retainers(contracts, RetainerPlan(Decimal(amount), ADVANCE, "No", number=number))

    assert refused.value.codes == (code,)
    assert rows(contracts, "SELECT 1 FROM operations.retainer") == []


def test_a_retainer_is_of_a_customer_of_a_contract_with_a_project(contracts: Books) -> None:
    with pytest.raises(Refused) as refused:
        add(contracts, contract=3, customer="C-9")
    with pytest.raises(Refused) as unknown:
        add(contracts, contract=9)

    assert refused.value.codes == ("ERR-B22", "ERR-B33")
    assert unknown.value.codes == ("ERR-B22",)


def test_an_invoiced_retainer_is_billed_and_stands_open_as_available(contracts: Books) -> None:
    retainer = add(contracts)
    ready(contracts, retainer)
    proforma = draft(contracts)
    before = state(contracts, retainer)

    confirm(contracts, proforma)

    assert before == ("on_proforma", 0, 0, None)
    assert state(contracts, retainer) == ("posted", 0, 1000, None)
    assert actuals(contracts) == [
        ("billed_sales", 1000, False, False),
        ("unbilled_sales", -1000, False, False),
    ]
    with contracts.operations.reader() as reader:
        assert list_backlog(reader, company="USPM", limit=10) == []
    assert broken(contracts) == []


def test_only_ready_retainers_of_the_past_are_billed(contracts: Books) -> None:
    plan = RetainerPlan(Decimal(3000), date(2026, 10, 31), "Retainer", number=3)
    first, second, third = plan_retainers(contracts, plan)
    marked = ready(contracts, first, third)

    proforma = draft(contracts)

    assert (marked.retainer_count, marked.refusals) == (2, ())
    assert [state(contracts, one)[0] for one in (first, second, third)] == [
        "on_proforma", "not_ready", "ready",
    ]  # fmt: skip
    with contracts.operations.transaction() as transaction:
        again = mark_not_ready(
            transaction,
            company="USPM",
            selection=Selection(retainer_ids=(first, second, third)),
            actor="ann",
            at=NOW,
        )
    assert (again.retainer_count, again.already_count) == (1, 1)
    assert [one.code for one in again.refusals] == ["ERR-B06"]
    with contracts.operations.transaction() as transaction:
        delete_proforma(
            transaction, company="USPM", proforma_id=proforma, revision=None, actor="pm", at=NOW
        )
    assert state(contracts, first)[0] == "ready"
    assert broken(contracts) == []


def test_retainers_are_in_the_backlog_until_they_are_invoiced(contracts: Books) -> None:
    retainer = add(contracts)
    work(contracts, 1, "50")

    with contracts.operations.reader() as reader:
        first = list_backlog(reader, company="USPM", limit=1)
        rest = list_backlog(reader, company="USPM", after=first[-1].place, limit=5)
        end = list_backlog(reader, company="USPM", after=rest[-1].place, limit=5)
        (total,) = backlog_totals(reader, company="USPM")
        by_project = list_backlog(reader, company="USPM", only=BacklogFilter(project_id=1), limit=5)

    assert [(one.kind, one.key) for one in (*first, *rest)] == [("sale", 1), ("retainer", retainer)]
    assert end == []
    assert (total.created_count, total.created_amount) == (1, 1000)
    assert [one.kind for one in by_project] == ["sale"]


@pytest.mark.parametrize(
    ("amount", "applied", "left"),
    [("999.99", "999.99", ["-0.01"]), ("1000", "1000", []), ("1000.01", "1000", [])],
)
def test_as_much_is_applied_as_is_available_and_chargeable(
    contracts: Books, amount: str, applied: str, left: list[str]
) -> None:
    invoiced(contracts)
    work(contracts, 1, amount)

    (opened,) = create(contracts, 1).proformas

    assert opened.detail_amount == Decimal(amount) - Decimal(applied)
    assert opened.detail_count == 2
    (confirmed,) = confirm(contracts, opened.proforma_id)
    assert confirmed.detail_amount == opened.detail_amount
    assert open_amounts(contracts) == [Decimal(one) for one in left]
    assert broken(contracts) == []


def test_an_application_in_full_reverses_the_open_sale(contracts: Books) -> None:
    retainer = invoiced(contracts, "3000")
    work(contracts, 1, "3000")

    (confirmed,) = confirm(contracts, draft(contracts))

    assert confirmed.total_amount == 0
    assert actuals(contracts)[2:] == [
        ("billed_sales", -3000, False, False),
        ("unbilled_sales", 3000, True, True),
    ]
    assert state(contracts, retainer) == ("posted", 3000, 0, None)
    assert broken(contracts) == []


def test_an_application_in_part_leaves_the_rest_open(contracts: Books) -> None:
    retainer = invoiced(contracts)
    work(contracts, 1, "600")

    confirm(contracts, draft(contracts))

    assert actuals(contracts)[2:] == [
        ("billed_sales", -600, False, False),
        ("unbilled_sales", 1000, True, True),
        ("unbilled_sales", -400, False, False),
    ]
    assert state(contracts, retainer) == ("posted", 600, 400, None)
    assert broken(contracts) == []


def test_the_oldest_is_applied_first_and_only_of_this_customer(contracts: Books) -> None:
    newer = invoiced(contracts, "500", on=date(2026, 10, 2))
    others = add(contracts, "500", customer="C-2")
    ready(contracts, others)
    confirm(contracts, draft(contracts))
    older = invoiced(contracts, "300", on=date(2026, 10, 1))
    work(contracts, 1, "400")

    confirm(contracts, draft(contracts))

    assert [state(contracts, one)[1] for one in (older, newer, others)] == [300, 100, 0]
    assert broken(contracts) == []


def test_what_is_not_chargeable_and_other_retainers_take_no_application(contracts: Books) -> None:
    retainer = invoiced(contracts)
    sell(
        contracts,
        """
        actual_id  billing_type    quantity  price
        1          non_chargeable  1         700
        """,
    )
    second = add(contracts, "50")
    ready(contracts, second)

    proforma = draft(contracts)

    assert detail_keys(contracts, proforma) == []
    (confirmed,) = confirm(contracts, proforma)
    assert confirmed.total_amount == 50
    assert state(contracts, retainer)[2] == 1000
    assert broken(contracts) == []


def test_a_credit_beside_a_retainer_makes_a_negative_total(contracts: Books) -> None:
    invoiced(contracts)
    work(contracts, 1, "-80")
    second = add(contracts, "50")
    ready(contracts, second)

    (confirmed,) = confirm(contracts, draft(contracts))

    assert confirmed.total_amount == -30
    assert broken(contracts) == []


def test_an_application_is_lowered_raised_removed_and_not_doubled(contracts: Books) -> None:
    retainer = invoiced(contracts)
    work(contracts, 1, "600")
    proforma = draft(contracts)

    assert use(contracts, proforma, retainer, "250.50").total_amount == Decimal("349.50")
    work(contracts, 2, "100")
    assert refresh(contracts, proforma).total_amount == Decimal("449.50")
    assert use(contracts, proforma, retainer, "700").total_amount == 0
    with pytest.raises(Refused) as chargeable:
        use(contracts, proforma, retainer, "700.01")
    with contracts.operations.transaction() as transaction:
        removed = remove_details(
            transaction,
            company="USPM",
            proforma_id=proforma,
            revision=None,
            detail_ids=detail_keys(contracts, proforma),
            actor="pm",
            at=NOW,
        )
    assert removed.total_amount == 700
    assert use(contracts, proforma, retainer, "0").detail_count == 3
    assert chargeable.value.codes == ("ERR-B13",)
    confirm(contracts, proforma)
    assert state(contracts, retainer) == ("posted", 0, 1000, None)
    assert broken(contracts) == []


@pytest.mark.parametrize(
    ("amount", "code"), [("400.01", "ERR-B13"), ("-1", "ERR-B13"), ("0.001", "ERR-B09")]
)
def test_an_application_stays_within_what_is_available(
    contracts: Books, amount: str, code: str
) -> None:
    retainer = invoiced(contracts)
    work(contracts, 1, "600")
    confirm(contracts, draft(contracts))
    work(contracts, 2, "5000")
    proforma = draft(contracts)

    with pytest.raises(Refused) as refused:
        use(contracts, proforma, retainer, amount)

    assert refused.value.codes == (code,)
    assert [one.field for one in refused.value.refusals] == ["amount"]


def test_an_application_is_no_item_to_edit(contracts: Books) -> None:
    invoiced(contracts)
    work(contracts, 1, "600")
    proforma = draft(contracts)
    (key,) = detail_keys(contracts, proforma)

    def edit(change: DetailChange) -> DraftTotals:
        with contracts.operations.transaction() as transaction:
            return edit_details(
                transaction,
                company="USPM",
                proforma_id=proforma,
                revision=None,
                changes=[change],
                actor="pm",
                at=NOW,
            )

    for change in (
        DetailChange(key, quantity=Decimal(2)),
        DetailChange(key, price=Decimal(-1)),
        DetailChange(key, tax_amount=Decimal(1)),
        DetailChange(key, billing_type="complimentary"),
    ):
        with pytest.raises(Refused) as refused:
            edit(change)
        assert refused.value.codes == ("ERR-B09",)
    assert edit(DetailChange(quantity=Decimal(2))).total_amount == 600
    assert broken(contracts) == []


def test_work_that_was_cut_below_an_application_is_not_confirmed(contracts: Books) -> None:
    retainer = invoiced(contracts)
    work(contracts, 1, "600")
    proforma = draft(contracts)
    with contracts.operations.transaction() as transaction:
        edit_details(
            transaction,
            company="USPM",
            proforma_id=proforma,
            revision=None,
            changes=[DetailChange(price=Decimal("599.99"))],
            actor="pm",
            at=NOW,
        )

    with pytest.raises(Refused) as refused:
        confirm(contracts, proforma)

    assert [(one.code, one.field) for one in refused.value.refusals] == [("ERR-B13", "chargeable")]
    use(contracts, proforma, retainer, "599.99")
    confirm(contracts, proforma)
    assert broken(contracts) == []


def test_two_drafts_do_not_get_the_same_amount(contracts: Books) -> None:
    retainer = invoiced(contracts)
    work(contracts, 1, "600")
    first = draft(contracts)
    work(contracts, 2, "600")
    second = draft(contracts)

    with pytest.raises(Refused) as together:
        confirm(contracts, first, second)
    confirm(contracts, first)
    confirm(contracts, second)

    assert together.value.codes == ("ERR-B30", "ERR-B30")
    assert state(contracts, retainer) == ("posted", 1000, 0, None)
    assert broken(contracts) == []


def test_of_two_confirmations_at_once_the_second_sees_what_is_left(contracts: Books) -> None:
    retainer = invoiced(contracts)
    work(contracts, 1, "600")
    first = draft(contracts)
    work(contracts, 2, "600")
    second = draft(contracts)
    use(contracts, second, retainer, "600")
    answers: list[object] = []

    def confirming(proforma: int) -> None:
        try:
            answers.append(confirm(contracts, proforma)[0].number)
        except Refused as refused:
            answers.append(refused.codes)

    threads = [threading.Thread(target=confirming, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ("ERR-B13",) in answers
    assert state(contracts, retainer) == ("posted", 600, 400, None)
    assert broken(contracts) == []
