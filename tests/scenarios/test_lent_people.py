"""People whom another company lends: their cost is in finance by that company's invoice, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.costs import lending, post_invoice_file, take
from tests.scenarios.support import Story, Work
from tests.support.clock import NOW
from tests.vectors.journals import HOUR, make
from twofold.kernel.errors import Refused
from twofold.operations.journals.confirm_correction import confirm_correction
from twofold.operations.journals.open_correction import NewValues, open_correction

MOLLY = Work("ARM", 10, person="Molly Clark")


@pytest.fixture
def story(tell: Tell) -> Story:
    operations, finance = lending()
    return tell(operations=operations, finance=finance)


def costs(story: Story) -> list[tuple[Decimal, bool]]:
    """Give the costs, each with whether it stays in operations."""
    found = story.in_operations(
        "SELECT amount, skip_sync FROM operations.actual WHERE transaction_type = 'cost'"
        " ORDER BY actual_id"
    )
    return [(row["amount"], row["skip_sync"]) for row in found]


def test_lent_work_is_sold_here_and_costs_what_the_lender_bills(story: Story) -> None:
    story.approve(MOLLY, Work("ARM", 1))
    story.post_work()
    # Only the cost of the company's own people came by staging.
    assert story.ledger()["cost"] == 100
    post_invoice_file(story, "GBPM,7,2026-10-31,ARM,120,10,,,,expense", is_intercompany=True)
    story.deliver()
    taken = take(story)

    # The lender's invoice is the cost in finance; operations has made cost and sale itself.
    assert (taken.cost_count, taken.refusals) == (0, ())
    assert costs(story) == [(1000, True), (100, False)]
    assert story.ledger()["cost"] == 1300
    (invoice,) = story.invoice(story.draft("TM"))
    assert invoice.total_amount == 2200


def test_what_is_taken_back_of_lent_work_stays_here_too(story: Story) -> None:
    (entry_id,) = story.approve(MOLLY)
    story.deliver()

    story.cancel([entry_id])

    assert costs(story) == [(1000, True), (-1000, True)]
    story.post_work()
    assert (
        story.in_finance("SELECT FROM finance.staged_actual WHERE transaction_type = 'cost'") == []
    )


def test_a_correction_to_ones_own_people_sends_the_cost(story: Story) -> None:
    (entry_id,) = story.approve(MOLLY)
    with story.books.operations.transaction() as transaction:
        opened = open_correction(
            transaction,
            company=story.company,
            entry_ids=[entry_id],
            values=NewValues(person="Bob Kozack"),
            description="It was Bob",
            actor="manager",
            at=NOW,
        )
    with story.books.operations.transaction() as transaction:
        confirm_correction(
            transaction,
            company=story.company,
            journal_id=opened.journal_id,
            actor="manager",
            at=NOW,
        )

    assert costs(story) == [(1000, True), (-1000, True), (1000, False)]
    story.post_work()


def test_an_entry_journal_knows_who_is_lent(story: Story) -> None:
    make(story, replace(HOUR, person="Molly Clark", work_on=date(2026, 10, 5)), HOUR)

    assert [is_kept for _, is_kept in costs(story)] == [True, False]
    story.post_work()


@pytest.mark.parametrize(("lent_by", "code"), [("NONE", "ERR-A18")])
def test_only_a_company_lends(tell: Tell, lent_by: str, code: str) -> None:
    operations, finance = lending()
    people = (*operations.resources[:-1], replace(operations.resources[-1], lent_by=lent_by))

    with pytest.raises(Refused) as refused:
        tell(operations=replace(operations, resources=people), finance=finance)

    assert refused.value.codes == (code,)
