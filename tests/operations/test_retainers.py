"""Retainers: billed in advance, applied to what is billed later, refunded, and taken back."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from typing import Literal

import pytest

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
from twofold.operations.backlog.mark import Marked, mark_not_ready, mark_ready
from twofold.operations.backlog.reads import BacklogFilter, backlog_totals, list_backlog
from twofold.operations.backlog.selection import Selection
from twofold.operations.proforma.drafts import DraftTotals
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.reads import list_details
from twofold.operations.proforma.refresh import Wanted, refresh_proforma
from twofold.operations.proforma.remove_details import delete_proforma, remove_details
from twofold.operations.proforma.revise import revise_proforma
from twofold.operations.proforma.use_retainer import RetainerUse, use_retainer
from twofold.operations.retainers.add import RetainerPlan, add_retainers
from twofold.operations.retainers.reads import list_retainers
from twofold.operations.retainers.refund import cancel_refund, refund_retainer

ADVANCE = date(2026, 10, 1)
WORK = """
    actual_id  quantity  price  transaction_date
    {key}      1         {amount}  2026-10-15
"""


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


def add(
    books: Books,
    amount: str = "1000",
    *,
    contract: int = 1,
    customer: str | None = None,
    on: date = ADVANCE,
) -> int:
    plan = RetainerPlan(Decimal(amount), on, "Advance", number=1)
    (added,) = plan_retainers(books, plan, contract=contract, customer=customer)
    return added


def plan_retainers(
    books: Books, plan: RetainerPlan, *, contract: int = 1, customer: str | None = None
) -> list[int]:
    with books.operations.transaction() as transaction:
        added = add_retainers(
            transaction, company="USPM", contract_id=contract, customer=customer, plan=plan
        )
    return [one.retainer_id for one in added]


def ready(books: Books, *retainers: int) -> Marked:
    with books.operations.transaction() as transaction:
        return mark_ready(
            transaction, company="USPM", selection=Selection(retainer_ids=retainers or None)
        )


def work(books: Books, key: int, amount: str) -> None:
    sell(books, WORK.format(key=key, amount=amount))


def draft(books: Books) -> int:
    (one,) = create(books, 1).proformas
    return one.proforma_id


def invoiced(books: Books, amount: str = "1000", *, on: date = ADVANCE) -> int:
    retainer = add(books, amount, on=on)
    ready(books, retainer)
    confirm(books, draft(books))
    return retainer


def use(
    books: Books,
    proforma: int,
    retainer: int,
    amount: str,
    how: Literal["applied", "refunded"] = "applied",
) -> DraftTotals:
    with books.operations.transaction() as transaction:
        return use_retainer(
            transaction,
            company="USPM",
            proforma_id=proforma,
            revision=None,
            wanted=RetainerUse(retainer, how, Decimal(amount), CUTOFF),
            actor="pm",
            at=NOW,
        )


def refund(books: Books, retainer: int, amount: str | None = None) -> None:
    with books.operations.transaction() as transaction:
        refund_retainer(
            transaction,
            company="USPM",
            retainer_id=retainer,
            amount=None if amount is None else Decimal(amount),
        )


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


def revise(books: Books, proforma: int) -> DraftTotals:
    with books.operations.transaction() as transaction:
        return revise_proforma(
            transaction, company="USPM", proforma_id=proforma, actual_ids=None, actor="pm", at=NOW
        )


def detail_keys(books: Books, proforma: int, use_: str = "applied") -> list[int]:
    with books.operations.reader() as reader:
        details = list_details(reader, company="USPM", proforma_id=proforma, limit=100)
    return [one.proforma_detail_id for one in details if one.retainer_use == use_]


def state(books: Books, retainer: int) -> tuple[object, ...]:
    """Give state, used and available of a retainer, and its refund."""
    with books.operations.reader() as reader:
        found = list_retainers(reader, company="USPM", limit=1000)
    (one,) = [one for one in found if one.retainer_id == retainer]
    return (one.state, int(one.used_amount), int(one.available_amount), one.refund_state)


def actuals(books: Books) -> list[tuple[object, ...]]:
    """Give the retainer actuals: type, amount, whether it reverses one, and whether it stays."""
    return [
        (kind, int(amount), bool(reverses), skipped)
        for kind, amount, reverses, skipped in rows(
            books,
            "SELECT transaction_type::text, amount, reverses_id, skip_sync"
            " FROM operations.actual WHERE class = 'retainer' ORDER BY actual_id",
        )
    ]


def open_amounts(books: Books) -> list[Decimal]:
    return [
        amount
        for (amount,) in rows(
            books, "SELECT amount FROM operations.open_retainer_sale ORDER BY retainer_id"
        )
    ]


# ---- setting up


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


# ---- invoiced


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


# ---- applied


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


# ---- refunded


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
        cancel_refund(transaction, company="USPM", retainer_id=retainer)
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
        cancel_refund(transaction, company="USPM", retainer_id=retainer)
    assert on_draft.value.codes == ("ERR-B06",)
    confirm(contracts, proforma)
    assert state(contracts, retainer) == ("posted", 1000, 0, "refunded")
    assert broken(contracts) == []


# ---- corrected


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
        refund_retainer(transaction, company="GBPM", retainer_id=retainer, amount=None)
    assert other.value.codes == ("ERR-B22",)
