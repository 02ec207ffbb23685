"""Setup of both books, changed again and again: each column has one owner, and nothing echoes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.support import COMPANY, Story, operations_cast
from twofold.finance.setup.records import CustomerAccounting, ExchangeRate
from twofold.operations.setup.records import Customer, Task

NEW: Final = CustomerAccounting(
    "F-1", name="Lucerne", currency="USD", payment_terms="Net30", customer_group="DOM"
)
ROUNDS: Final = 20


def sets_made(story: Story) -> tuple[int, int]:
    """Count the change sets each book has made."""
    count = "SELECT count(*) AS made FROM dualwrite.outbox"
    return story.in_operations(count)[0]["made"], story.in_finance(count)[0]["made"]


def create_in_finance(story: Story, customer: CustomerAccounting = NEW) -> None:
    """Create a customer in finance and let operations know of it."""
    story.change_finance(customers=(*story.company_setup.customers, customer))
    story.deliver()


def set_up_again(story: Story) -> None:
    """Apply the operations setup as it was, and deliver."""
    story.set_up_operations(story.operations)
    story.deliver()


def test_ledgers_and_rates_arrive_and_follow_what_finance_says(story: Story) -> None:
    rate = ExchangeRate("EUR", date(2026, 3, 1), Decimal("118.125"))

    story.change_finance(exchange_rates=(*story.company_setup.exchange_rates, rate))
    story.deliver()

    assert story.in_operations(
        "SELECT to_currency, rate FROM operations.exchange_rate"
        " WHERE from_currency = 'EUR' AND valid_from = '2026-03-01'"
    ) == [{"to_currency": "USD", "rate": Decimal("118.125")}]
    assert story.in_operations(
        "SELECT accounting_currency, reporting_currency FROM operations.ledger"
    ) == [{"accounting_currency": "USD", "reporting_currency": "USD"}]


def test_a_customer_of_finance_becomes_one_of_operations_and_can_be_sold_to(story: Story) -> None:
    create_in_finance(story)
    contract = replace(story.operations.contracts[0], number="K-F", name="New", customer="F-1")

    # The file names the customer, but does not state it.
    story.set_up_operations(
        replace(story.operations, contracts=(*story.operations.contracts, contract))
    )
    story.deliver()

    (customer,) = story.in_finance(
        "SELECT customer.name, customer.currency, customer.payment_terms"
        " FROM finance.contract JOIN finance.customer USING (company, customer_id)"
        " WHERE contract.number = 'K-F'"
    )
    assert customer == {"name": "Lucerne", "currency": "USD", "payment_terms": "Net30"}


@pytest.mark.fault("F067")
def test_both_books_create_one_customer_and_operations_decides(story: Story) -> None:
    """Name, currency and terms are those of operations; what finance said stays to be seen."""
    stated = Customer(COMPANY, "F-1", "Lucerne Publishing", "USD", None)
    story.change_finance(customers=(*story.company_setup.customers, NEW))
    story.set_up_operations(
        replace(story.operations, customers=(*story.operations.customers, stated))
    )
    story.deliver()
    set_up_again(story)

    both = (
        "SELECT customer.name, told.name AS told, told.customer_group"
        " FROM {0}.customer JOIN {0}.customer_accounting AS told USING (company, account)"
        " WHERE account = 'F-1'"
    )
    seen = {"name": "Lucerne Publishing", "told": "Lucerne", "customer_group": "DOM"}
    assert story.in_operations(both.format("operations")) == [seen]
    assert story.in_finance(both.format("finance")) == [seen]


@pytest.mark.fault("F062")
def test_what_arrives_is_not_sent_back(story: Story) -> None:
    create_in_finance(story)
    set_up_again(story)
    before = sets_made(story)

    for number in range(ROUNDS):
        held = replace(NEW, is_on_hold=number % 2 == 0)
        story.change_finance(
            customers=(*(c for c in story.company_setup.customers if c.account != "F-1"), held)
        )
        customers = (
            *(c for c in story.operations.customers if c.account != "F-1"),
            Customer(COMPANY, "F-1", f"Lucerne {number}", "USD", None),
        )
        story.set_up_operations(replace(story.operations, customers=customers))
        story.deliver()

    assert sets_made(story) == (before[0] + ROUNDS, before[1] + ROUNDS)
    story.deliver()
    set_up_again(story)
    assert sets_made(story) == (before[0] + ROUNDS, before[1] + ROUNDS)


def test_tasks_keep_their_place_and_key(tell: Tell) -> None:
    cast = operations_cast()
    project = cast.projects[0].number
    design, build = (Task(COMPANY, project, n, w) for n, w in (("Design", "1"), ("Build", "2")))
    story = tell(operations=replace(cast, tasks=(design, build)))
    keys = "SELECT name, task_id FROM finance.task ORDER BY name"
    before = story.in_finance(keys)

    moved = (replace(build, wbs="1"), replace(design, wbs="2"))
    story.set_up_operations(replace(cast, tasks=moved))
    story.deliver()

    assert story.in_finance("SELECT name, wbs FROM finance.task ORDER BY wbs") == [
        {"name": "Build", "wbs": "1"},
        {"name": "Design", "wbs": "2"},
    ]
    assert story.in_finance(keys) == before


def test_a_bad_record_of_one_table_does_not_hold_up_the_others(story: Story) -> None:
    """Finance does not know the currency of one customer: contracts and people still arrive."""
    with story.books.owner_operations.raw() as connection:
        connection.execute("INSERT INTO operations.currency VALUES ('QQQ', 2)")
    bad = Customer(COMPANY, "BAD", "Nowhere", "QQQ", None)
    resources = tuple(replace(one, email="new@example.com") for one in story.operations.resources)
    contracts = tuple(replace(one, name=f"{one.name} 2") for one in story.operations.contracts)

    story.set_up_operations(
        replace(
            story.operations,
            customers=(*story.operations.customers, bad),
            resources=resources,
            contracts=contracts,
        )
    )
    (forth, _) = story.deliver_what_can()

    assert len(forth.problems) == 1
    names = {row["name"] for row in story.in_finance("SELECT name FROM finance.contract")}
    assert names == {one.name for one in contracts}
