"""Submission: what an entry costs, what it sells for, and who pays."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.operations.billing import broken
from tests.operations.entries.working import approve, draft, plant_work, submit, submitted
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.transaction import ConstraintBroken
from twofold.kernel.errors import Refused
from twofold.operations.entries.create_entry import NewEntry, create_entry
from twofold.operations.entries.recall import recall_entries
from twofold.operations.entries.reject import reject_entries


@pytest.fixture
def work(books: Books) -> Books:
    return plant_work(books)


def test_a_draft_is_not_priced(work: Books) -> None:
    draft(work)

    work.then("""
        operations.entry
        entry_id  class  quantity  role_id  state
        1         time   8         1        draft

        operations.journal_line
        entry_id

        operations.actual
        actual_id
    """)


def test_time_on_a_time_and_material_line_is_priced_by_its_role(work: Books) -> None:
    result = submit(work, draft(work))

    assert (result.entry_count, result.unpriced_count, result.uncosted_count) == (1, 0, 0)
    work.then("""
        operations.journal_line
        entry_id  transaction_type  billing_type  quantity  price  amount  currency  contract_line_id
        1         cost              chargeable    8         100    800     USD       10
        1         unbilled_sales    chargeable    8         200    1600    USD       10

        operations.approval
        entry_id  billable_quantity  billing_type  submitted_by
        1         8                  chargeable    bob

        operations.actual
        actual_id
    """)  # noqa: E501
    assert not broken(work)


def test_fixed_price_and_internal_work_only_costs(work: Books) -> None:
    submitted(work, project_number="P-2")
    submitted(work, project_number="P-3")

    work.then("""
        operations.journal_line
        entry_id  transaction_type  billing_type   amount  contract_line_id
        1         cost              chargeable     800     20
        2         cost              not_available  800     -
    """)


def test_an_investment_only_costs_and_a_fee_has_no_place_there(work: Books) -> None:
    work.given("""
        operations.project
        company  project_id  number  name      project_type  change_set_id
        USPM     7           P-7     Own tool  investment    1
    """)
    submitted(work, project_number="P-7")
    submitted(work, project_number="P-7", cls="expense", category="Travel", quantity=Decimal(1))
    fee = draft(
        work,
        project_number="P-7",
        cls="fee",
        category="Licence fee",
        quantity=Decimal(1),
        person=None,
    )

    result = submit(work, fee)
    approve(work)

    assert [refusal.code for refusal in result.refusals] == ["ERR-B02"]
    work.then("""
        operations.actual
        entry_id  transaction_type  billing_type   amount
        1         cost              not_available  800
        2         cost              not_available  0

        operations.backlog_item
        actual_id
    """)
    assert not broken(work)


def test_an_investment_never_gets_a_contract(work: Books) -> None:
    with (
        pytest.raises(ConstraintBroken, match="investment_project_has_no_contract"),
        work.operations.raw() as connection,
    ):
        connection.execute("UPDATE operations.project SET project_type = 'investment'")


def test_a_class_that_no_line_includes_is_not_available_for_billing(work: Books) -> None:
    submitted(work, cls="material", category="Servo motor", quantity=Decimal(2), person=None)

    work.then("""
        operations.journal_line
        entry_id  transaction_type  billing_type   price  amount
        1         cost              not_available  340    680
    """)


@pytest.mark.parametrize(
    ("given", "billing_type"),
    [
        ({"role": "Trainee"}, "non_chargeable"),
        ({"billing_type": "non_chargeable"}, "non_chargeable"),
        ({"billing_type": "chargeable", "role": "Trainee"}, "non_chargeable"),
        ({"billing_type": "chargeable"}, "chargeable"),
    ],
)
def test_the_person_may_only_take_away_from_what_is_chargeable(
    work: Books, given: dict[str, Any], billing_type: str
) -> None:
    submitted(work, **given)

    work.then(f"""
        operations.approval
        entry_id  billing_type
        1         {billing_type}
    """)


@pytest.mark.parametrize(
    ("category", "unit_price", "cost", "sales"),
    [
        ("Travel", "80.25", "80.25", "80.25"),
        ("Hotel", "99.99", "99.99", "109.989"),
        ("Servo motor", "300", "300", "425"),
        ("Servo motor", None, "340", "425"),
    ],
)
def test_expenses_follow_the_method_of_their_category(
    work: Books, category: str, unit_price: str | None, cost: str, sales: str
) -> None:
    price = {"unit_price": Decimal(unit_price), "currency": "USD"} if unit_price else {}
    submitted(work, cls="expense", category=category, quantity=Decimal(1), **price)

    work.then(f"""
        operations.journal_line
        transaction_type  price
        cost              {cost}
        unbilled_sales    {sales}
    """)


def test_an_amount_is_rounded_half_away_from_zero(work: Books) -> None:
    submitted(work, quantity=Decimal("0.0001"))
    submitted(
        work,
        cls="expense",
        category="Travel",
        quantity=Decimal("0.5"),
        unit_price=Decimal("10.01"),
        currency="USD",
    )

    work.then("""
        operations.journal_line
        entry_id  transaction_type  amount
        1         cost              0.01
        1         unbilled_sales    0.02
        2         cost              5.01
        2         unbilled_sales    5.01
    """)


def test_a_fee_costs_nothing_and_its_own_price_wins(work: Books) -> None:
    fee = {"cls": "fee", "category": "Licence fee", "quantity": Decimal(1), "person": None}
    submitted(work, **fee)
    submitted(work, **fee, unit_price=Decimal(70), currency="USD")

    work.then("""
        operations.journal_line
        entry_id  transaction_type  amount
        1         unbilled_sales    99.50
        2         unbilled_sales    70
    """)


def test_a_fee_needs_a_time_and_material_line(work: Books) -> None:
    entry_id = draft(
        work,
        cls="fee",
        category="Licence fee",
        quantity=Decimal(1),
        person=None,
        project_number="P-2",
    )

    result = submit(work, entry_id)

    assert [refusal.code for refusal in result.refusals] == ["ERR-B02"]
    work.then("""
        operations.entry
        entry_id  state
        1         draft
    """)


def test_the_day_two_price_lists_overlap_has_no_price(work: Books) -> None:
    before = submit(work, draft(work, on=date(2026, 10, 30)))
    overlap = submit(work, draft(work, on=date(2026, 10, 31)))
    after = submit(work, draft(work, on=date(2026, 11, 1)))
    never = submit(work, draft(work, on=date(2025, 12, 31)))

    assert [run.unpriced_count for run in (before, overlap, after, never)] == [0, 1, 0, 1]
    assert never.uncosted_count == 1
    work.then("""
        operations.journal_line
        entry_id  transaction_type  price
        1         cost              100
        1         unbilled_sales    200
        2         cost              100
        2         unbilled_sales    0
        3         cost              100
        3         unbilled_sales    220
        4         cost              0
        4         unbilled_sales    0
    """)


def test_sales_are_in_the_contract_s_currency(work: Books) -> None:
    submitted(work, project_number="P-5")

    work.then("""
        operations.journal_line
        transaction_type  amount  currency
        cost              800     USD
        unbilled_sales    1280    GBP
    """)


def test_a_cost_in_another_currency_is_not_passed_on(work: Books) -> None:
    expense = {
        "cls": "expense",
        "project_number": "P-5",
        "quantity": Decimal(1),
        "unit_price": Decimal(50),
    }
    passed_on = draft(work, **expense, category="Travel", currency="USD")
    same_currency = draft(work, **expense, category="Travel", currency="GBP")
    by_unit = draft(work, **expense, category="Servo motor", currency="USD")

    result = submit(work, passed_on, same_currency, by_unit)

    assert result.entry_count == 2
    assert [(refusal.code, refusal.value) for refusal in result.refusals] == [("ERR-E25", "USD")]


def test_one_entry_that_cannot_be_submitted_does_not_hold_up_the_others(work: Books) -> None:
    good, again = draft(work), submitted(work)

    result = submit(work, good, again, 999)

    assert result.entry_count == 1
    assert [refusal.code for refusal in result.refusals] == ["ERR-E27", "ERR-E28"]
    assert not broken(work)


def test_recalled_and_rejected_entries_can_be_submitted_again(work: Books) -> None:
    recalled, rejected = submitted(work), submitted(work)
    expense = submitted(
        work,
        cls="expense",
        category="Travel",
        quantity=Decimal(1),
        unit_price=Decimal(10),
        currency="USD",
    )

    with work.operations.transaction() as transaction:
        recall_entries(transaction, company="USPM", entry_ids=[recalled], actor="ann", at=NOW)
        reject_entries(
            transaction,
            company="USPM",
            entry_ids=[rejected, expense],
            reason=" Wrong project ",
            actor="abe",
            at=NOW,
        )

    work.then("""
        operations.entry
        entry_id  state
        1         draft
        2         returned
        3         rejected

        operations.entry_rejection
        entry_id  reason         actor
        2         Wrong project  abe
        3         Wrong project  abe

        operations.journal_line
        entry_id

        operations.approval
        entry_id
    """)
    assert submit(work, recalled, rejected, expense).entry_count == 3
    assert not broken(work)


def test_a_new_entry_is_refused_with_everything_that_is_wrong(work: Books) -> None:
    entry = NewEntry(
        cls="time",
        on=date(2026, 10, 5),
        project_number="P-4",
        quantity=Decimal("24.0001"),
        task="Design",
        person="Nobody",
    )

    with pytest.raises(Refused) as refused, work.operations.transaction() as transaction:
        create_entry(transaction, company="USPM", entry=entry, actor="bob", at=NOW)

    assert refused.value.codes == ("ERR-E24", "ERR-E20", "ERR-E19", "ERR-E30")
    work.then("""
        operations.entry
        entry_id
    """)


def test_time_needs_a_role(work: Books) -> None:
    with pytest.raises(Refused) as refused:
        draft(work, person="Molly Clark")

    assert refused.value.codes == ("ERR-E22",)
