"""Worked cases of how a contract bills: by progress, by milestone, by time and material."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.scenarios.support import Story, Work, operations_cast
from tests.vectors.case import CONTRACTS, Case, vector
from tests.vectors.schedules import by_progress, say
from twofold.kernel.errors import Refused
from twofold.operations.setup.records import Milestone, OperationsSetup

FIXED = CONTRACTS["fixed_price"]


def of_milestones(*amounts: int) -> OperationsSetup:
    """Give the cast with a fixed price of milestones of these amounts, all of one day."""
    setup = operations_cast()
    (line,) = (one for one in setup.contract_lines if one.contract == FIXED)
    return replace(
        setup,
        contract_lines=tuple(
            replace(one, contracted_amount=Decimal(sum(amounts))) if one is line else one
            for one in setup.contract_lines
        ),
        milestones=(
            *(one for one in setup.milestones if one.contract != FIXED),
            *(
                Milestone(
                    company=line.company,
                    contract=FIXED,
                    line_number=line.line_number,
                    name=f"Milestone {number}",
                    milestone_date=date(2026, 10, 15),
                    amount=Decimal(amount),
                    tax_amount=Decimal(0),
                    state="not_ready",
                )
                for number, amount in enumerate(amounts, start=1)
            ),
        ),
    )


def milestone_ids(story: Story) -> list[int]:
    """Give the milestones of the fixed price, in the order of their names."""
    found = story.in_operations(
        "SELECT milestone_id FROM operations.milestone JOIN operations.contract"
        " USING (company, contract_id) WHERE contract.number = %s ORDER BY milestone.name",
        FIXED,
    )
    return [row["milestone_id"] for row in found]


@vector("BR-02")
def by_percent(case: Case) -> None:
    # What is completed of a fixed price is said by hand, in percent.
    story = case.story(operations=by_progress(case.given["contract"]))
    say(story, percent=Decimal(case.given["percent"]))

    (invoice,) = story.invoice([one.proforma_id for one in story.create(FIXED).proformas])

    assert invoice.net_amount == case.expect["amount"]
    story.holds()


@vector("BR-04")
def by_completed_milestone(case: Case) -> None:
    # A milestone that is completed is invoiced; the others cannot be.
    story = case.story(operations=of_milestones(*case.given["milestones"]))
    completed = milestone_ids(story)[: case.given["completed"]]
    story.ready(milestone_ids=tuple(completed))

    (invoice,) = story.invoice([one.proforma_id for one in story.create(FIXED).proformas])

    assert invoice.net_amount == case.expect["amount"]
    assert not case.expect["uncompleted_can_be_invoiced"]
    with pytest.raises(Refused, match="ERR-B05"):
        story.create(FIXED)
    story.holds()


@vector("BR-06")
def time_and_material(case: Case) -> None:
    # Hours at their rate and supplies at what they cost, in one month, on one invoice.
    given = case.given
    story = case.story(bill=given["rate"])
    days = [date(2026, 10, day) for day in range(1, 21)]
    story.approve(
        *(Work("ARM", Decimal(given["hours"]) / len(days), on=day) for day in days),
        Work("ARM", cls="expense", category="Travel", unit_price=given["supplies_at_cost"]),
    )
    story.post_work()

    (invoice,) = story.invoice(story.draft(CONTRACTS["tm"]))

    assert invoice.net_amount == case.expect["total"]
    story.holds()


@vector("RR-04")
def shares_of_a_schedule(case: Case) -> None:
    # The milestones of a fixed price share it out, to the whole of it.
    shares = case.given["shares"]
    story = case.story(operations=of_milestones(*shares))
    story.ready(milestone_ids=tuple(milestone_ids(story)))

    (invoice,) = story.invoice([one.proforma_id for one in story.create(FIXED).proformas])

    assert len(milestone_ids(story)) == len(shares)
    assert invoice.net_amount == case.expect["total"]
    story.holds()
