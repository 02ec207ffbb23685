"""Worked cases of not-to-exceed limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from tests.scenarios.support import Story, Work, operations_cast
from tests.support.clock import NOW
from tests.vectors.case import CONTRACTS, Case, vector
from tests.vectors.entries import approved
from tests.vectors.proformas import edit
from twofold.operations.backlog.evaluate_limits import evaluate_limits, reset_limits
from twofold.operations.backlog.selection import Selection
from twofold.operations.setup.records import OperationsSetup

RATE: Final = 200
LINE: Final = 1


def limited(limits: Mapping[str, Any]) -> OperationsSetup:
    """Give the cast's setup with limits on the contract by time and material and on its line."""
    setup = operations_cast()
    assert limits["line_customer"] is None
    assert limits["customer"] is None
    number = CONTRACTS["tm"]
    return replace(
        setup,
        contracts=tuple(
            replace(one, not_to_exceed=limits["contract"]) if one.number == number else one
            for one in setup.contracts
        ),
        contract_lines=tuple(
            replace(one, not_to_exceed=limits["line"])
            if (one.contract, one.line_number) == (number, LINE)
            else one
            for one in setup.contract_lines
        ),
    )


def verdicts(story: Story) -> list[tuple[str, str | None]]:
    """Give the verdict on each open sale and the level that did not suffice, by key."""
    found = story.in_operations(
        "SELECT not_to_exceed::text AS verdict, exceeds::text FROM operations.backlog_item"
        " ORDER BY actual_id"
    )
    return [(row["verdict"], row["exceeds"]) for row in found]


def with_history(case: Case) -> Story:
    """Invoice and commit what the case says went before, and approve its amount."""
    given = case.given
    story = case.story(operations=limited(given["limits"]), bill=RATE)
    approved(story, hours=Decimal(given["invoiced"]) / RATE)
    story.confirm(story.draft(CONTRACTS["tm"]))
    approved(story, hours=Decimal(given["backlog"]) / RATE)
    approved(story, hours=Decimal(given["amount"]) / RATE)
    return story


@vector("NTE-01")
def fits(case: Case) -> None:
    # Committed, invoiced and this amount stay within every limit.
    story = with_history(case)

    assert verdicts(story)[-1] == (case.expect["nte"], None)
    story.holds()


@vector("NTE-02")
def does_not_fit(case: Case) -> None:
    # The first level that does not suffice is named.
    story = with_history(case)

    assert verdicts(story)[-1] == (case.expect["nte"], case.expect["detail_level"])
    story.holds()


NONE: Final = {"line_customer": None, "line": None, "customer": None, "contract": None}
# Types of actuals that are never sales of the backlog, so that nobody asks for their limit.
NEVER_IN_THE_BACKLOG: Final = {"cost", "retainer", "resourcing_unit_cost", "inter_org_sales"}


@vector("NTE-04")
def not_applicable(case: Case) -> None:
    # What is not charged, or comes under no limit, is not evaluated; nor is what is no sale.
    story = case.story(operations=limited({**NONE, "contract": 100}), bill=RATE)
    story.approve(Work("ARM", 1, billable=False))
    approved(story, hours=1)
    story.set_up_operations(limited(NONE))
    approved(story, hours=1)
    cases = dict.fromkeys(case.given["cases"], case.expect["nte"])

    found = [verdict for verdict, _ in verdicts(story)]

    assert found == [cases["non_chargeable_ubs"], "failed", cases["no_limit_anywhere"]]
    items = story.in_operations(
        "SELECT actual.transaction_type::text FROM operations.backlog_item AS item"
        " JOIN operations.actual USING (company, actual_id)"
    )
    assert {row["transaction_type"] for row in items} == {"unbilled_sales"}
    assert set(cases) - {"non_chargeable_ubs", "no_limit_anywhere"} - NEVER_IN_THE_BACKLOG == {
        "complimentary_ubs"
    }


@vector("NTE-06")
def reset(case: Case) -> None:
    # Only open chargeable work gives back what it took.
    story = case.story(operations=limited({**NONE, "contract": 10_000}), bill=RATE)
    approved(story, hours=1)
    story.confirm(story.draft(CONTRACTS["tm"]))
    approved(story, hours=2)
    (draft,) = story.draft(CONTRACTS["tm"])
    edit(story, draft, description="seen")
    story.approve(Work("ARM", 3, billable=False))
    approved(story, hours=4)
    before = verdicts(story)

    with story.books.operations.transaction() as transaction:
        count = reset_limits(
            transaction, company=story.company, selection=Selection(), actor="ann", at=NOW
        )

    changed = [old != new for old, new in zip(before, verdicts(story), strict=True)]
    assert [False, *changed] == case.expect["changed"]
    assert count == 1
    with story.books.operations.transaction() as transaction:
        again = evaluate_limits(
            transaction, company=story.company, selection=Selection(), actor="ann", at=NOW
        )
    assert (again.committed_count, again.failed_count) == (1, 0)
    assert verdicts(story) == before
    story.holds()
