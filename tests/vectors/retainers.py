"""Worked cases of retainers and advances."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pytest

from tests.scenarios.support import Story
from tests.support.clock import NOW, TODAY
from tests.vectors.case import TYPES, Case, vector
from tests.vectors.entries import approved
from twofold.kernel.errors import Refused
from twofold.operations.proforma.use_retainer import RetainerUse, use_retainer
from twofold.operations.retainers.add import AddedRetainer, RetainerPlan, add_retainers
from twofold.operations.retainers.reads import ListedRetainer, list_retainers


def add(story: Story, plan: RetainerPlan) -> tuple[AddedRetainer, ...]:
    """Add retainers to the contract of time and material."""
    with story.books.operations.transaction() as transaction:
        return add_retainers(
            transaction,
            company=story.company,
            contract_id=story.contract_id("TM"),
            customer=None,
            plan=plan,
            actor="ann",
            at=NOW,
        )


def advance(story: Story, amount: object) -> int:
    """Add one retainer of this amount."""
    (one,) = add(story, RetainerPlan(Decimal(str(amount)), TODAY, "Advance", number=1))
    return one.retainer_id


def shown(story: Story) -> ListedRetainer:
    """Give the one retainer as people see it."""
    with story.books.operations.reader() as reader:
        (one,) = list_retainers(reader, company=story.company, limit=2)
    return one


def bill(story: Story) -> None:
    """Confirm the draft of what is ready."""
    story.confirm(story.draft("TM"))


def work(story: Story, amount: object) -> None:
    """Approve work of this amount, which is posted in finance."""
    approved(story, hours=Decimal(str(amount)) / Decimal(200))
    story.post_work()


def invoiced_and_used(story: Story, amount: object, used: object) -> int:
    """Invoice a retainer and apply a part of it."""
    retainer = advance(story, amount)
    bill(story)
    work(story, used)
    bill(story)
    return retainer


def actuals(story: Story) -> list[dict[str, Any]]:
    """Give the retainer actuals, oldest first."""
    return story.in_operations(
        "SELECT transaction_type::text AS type, amount, reverses_id FROM operations.actual"
        " WHERE class = 'retainer' ORDER BY actual_id"
    )


def use(
    story: Story,
    proforma: int,
    retainer: int,
    how: Literal["applied", "refunded"],
    amount: object,
) -> None:
    """Say on a proforma how much of a retainer it uses."""
    with story.books.operations.transaction() as transaction:
        use_retainer(
            transaction,
            company=story.company,
            proforma_id=proforma,
            revision=None,
            wanted=RetainerUse(retainer, how, Decimal(str(amount)), TODAY),
            actor="manager",
            at=NOW,
        )


@vector("RT-01")
def not_invoiced(case: Case) -> None:
    story = case.story()
    advance(story, case.given["retainer"]["amount"])
    one = shown(story)
    assert case.expect == {"available": one.available_amount, "used": one.used_amount}


@vector("RT-02")
def invoiced(case: Case) -> None:
    story = case.story()
    advance(story, case.given["retainer"])
    bill(story)
    assert [(TYPES[one["type"]], one["amount"]) for one in case.expect["actuals"]] == [
        (one["type"], one["amount"]) for one in actuals(story)
    ]
    assert shown(story).available_amount == case.expect["available"]
    story.holds()


@vector("RT-03")
def applied_in_full(case: Case) -> None:
    story = case.story(bill=200)
    advance(story, case.given["retainer_available"])
    bill(story)
    before = len(actuals(story))
    work(story, case.given["chargeable_total"])
    bill(story)
    made = actuals(story)[before:]
    assert {(one["type"], one["amount"], one["reverses_id"] is not None) for one in made} == {
        (TYPES[one["type"]], one["amount"], one.get("state") == "reversal")
        for one in case.expect["actuals"]
    }
    (newest,) = story.in_operations(
        "SELECT detail_amount FROM operations.proforma ORDER BY proforma_id DESC LIMIT 1"
    )
    assert newest["detail_amount"] == case.expect["invoice_detail_amount"]
    assert shown(story).available_amount == case.expect["available"]
    story.holds()


@vector("RT-05")
def lowered_only(case: Case) -> None:
    story = case.story(bill=200)
    retainer = invoiced_and_used(story, case.given["amount"], case.given["used"])
    work(story, 3000)
    (draft,) = story.draft("TM")
    with pytest.raises(Refused) as refused:
        use(story, draft, retainer, "applied", 1500)
    assert refused.value.codes == (case.expect["error"],)
    use(story, draft, retainer, "applied", case.expect["max_extended"])
    assert shown(story).available_amount == case.expect["max_extended"]


@vector("RT-07")
def refund_refused(case: Case) -> None:
    story = case.story(bill=200)
    retainer = advance(story, case.given["available"])
    (confirmed,) = story.draft("TM")
    story.confirm([confirmed])
    work(story, 200)
    (draft,) = story.draft("TM")
    codes: list[str] = []
    for proforma, amount in ((draft, 1500), (confirmed, 1)):
        with pytest.raises(Refused) as refused:
            use(story, proforma, retainer, "refunded", amount)
        codes += refused.value.codes
    assert codes == case.expect["errors"]


@vector("RT-08")
def scheduled(case: Case) -> None:
    story = case.story()
    given = case.given
    assert given["frequency"] == "monthly"
    start, end = (date.fromisoformat(str(given[name])) for name in ("start", "end"))
    plan = RetainerPlan(Decimal(given["total"]), start, "Retainer", "monthly", given["number"], end)
    added = add(story, plan)
    assert len(added) == case.expect["records"]
    assert {one.amount for one in added} == {case.expect["amount_each"]}
