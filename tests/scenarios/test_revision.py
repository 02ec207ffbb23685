"""Drafts edited before they are confirmed: both books agree on what was billed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.scenarios.support import Story, Work
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.operations.proforma.edit_details import DetailChange


@pytest.fixture
def posted(story: Story) -> Story:
    """Eight hours of work that is posted, and not billed."""
    story.approve(Work("ARM", 8))
    story.post_work()
    return story


@pytest.mark.parametrize(
    ("change", "net"),
    [
        (DetailChange(quantity=Decimal(6)), 1200),
        (DetailChange(quantity=Decimal(10)), 2000),
        (DetailChange(price=Decimal(150)), 1200),
        (DetailChange(billing_type="non_chargeable"), 0),
    ],
)
def test_an_edited_draft_is_invoiced_as_edited(
    posted: Story, change: DetailChange, net: int
) -> None:
    (draft,) = posted.draft("TM")
    posted.edit(draft, change)

    posted.confirm([draft])
    posted.post_work()
    invoices = posted.post_proposals(posted.import_().ready_proposal_ids)

    assert sum(one.net_amount for one in invoices) == net
    posted.deliver()
    posted.holds()


@pytest.mark.fault("F068")
def test_a_correction_waits_for_what_it_corrects(posted: Story) -> None:
    drafts = posted.draft("TM")
    (original,) = posted.confirm_queued(drafts)
    (correction,) = posted.confirm_queued([posted.revise(drafts[0])])

    alone = deliver_sets(
        posted.system.forward, company=posted.company, set_ids=[correction.change_set_id]
    )
    assert (alone.applied, posted.in_finance("SELECT FROM finance.proposal")) == (0, [])
    posted.deliver()

    arrived = posted.in_finance(
        "SELECT set_id FROM dualwrite.inbox WHERE kind = 'confirmation' ORDER BY version"
    )
    assert [row["set_id"] for row in arrived] == [
        original.change_set_id,
        correction.change_set_id,
    ]
    posted.holds()
