"""An advance from its bill to its refund: what both books say of it, and what finance waits for."""

from __future__ import annotations

from decimal import Decimal

from tests.scenarios.support import Story, Work
from tests.support.clock import TODAY
from twofold.operations.proforma.confirm import Confirmed
from twofold.operations.retainers.add import RetainerPlan, add_retainers
from twofold.operations.retainers.refund import refund_retainer


def advance(story: Story, amount: int) -> int:
    plan = RetainerPlan(Decimal(amount), TODAY, "Advance", number=1)
    with story.books.operations.transaction() as transaction:
        (added,) = add_retainers(
            transaction,
            company=story.company,
            contract_id=story.contract_id("TM"),
            customer=None,
            plan=plan,
        )
    return added.retainer_id


def billed(story: Story) -> Confirmed:
    """Confirm, live, the one draft of what is ready."""
    (confirmed,) = story.confirm(story.draft("TM")).proformas
    return confirmed


def balance(story: Story) -> tuple[Decimal, Decimal]:
    (row,) = story.in_operations(
        "SELECT used_amount, available_amount FROM operations.retainer"
        " JOIN operations.retainer_available USING (company, retainer_id)"
    )
    return row["used_amount"], row["available_amount"]


def test_an_advance_is_billed_applied_and_the_rest_refunded(story: Story) -> None:
    retainer = advance(story, 1000)

    assert billed(story).total_amount == 1000
    assert balance(story) == (0, 1000)
    story.approve(Work("ARM", 3))
    story.post_work()
    assert billed(story).total_amount == 0
    assert balance(story) == (600, 400)
    story.approve(Work("ARM", 1))
    story.post_work()
    assert billed(story).total_amount == 0
    assert balance(story) == (800, 200)
    with story.books.operations.transaction() as transaction:
        refund_retainer(transaction, company=story.company, retainer_id=retainer, amount=None)
    assert billed(story).total_amount == -200
    assert balance(story) == (1000, 0)
    story.holds()

    # Finance has every bill of it and makes no invoice yet: it says why, and posts nothing.
    run = story.import_()
    assert not run.ready_proposal_ids
    assert {one.code for one in run.refusals} == {"ERR-I07"}
    assert [
        (row["transaction_type"], row["amount"])
        for row in story.in_finance(
            "SELECT transaction_type::text, amount FROM finance.staged_actual"
            " WHERE class = 'retainer' ORDER BY actual_id"
        )
    ] == [
        ("billed_sales", 1000), ("unbilled_sales", -1000),
        ("billed_sales", -600), ("unbilled_sales", -400),
        ("billed_sales", -200), ("unbilled_sales", -200),
        ("billed_sales", -200),
    ]  # fmt: skip
    assert story.in_finance("SELECT 1 FROM finance.customer_invoice") == []


def test_a_proposal_with_a_retainer_waits_whole_and_no_other_does(story: Story) -> None:
    advance(story, 1000)
    story.approve(Work("ARM", 3))
    story.post_work()

    assert billed(story).total_amount == 1600
    (milestone,) = story.draft("FIXED")
    story.confirm([milestone])
    run = story.import_()

    assert {one.code for one in run.refusals} == {"ERR-I07"}
    assert run.ready_proposal_ids == (milestone,)
    story.post_proposals(run.ready_proposal_ids)
    story.deliver()
