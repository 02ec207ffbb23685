"""Drafts edited before they are confirmed: both books agree on what was billed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.scenarios.support import Story, Work
from tests.support.clock import NOW
from twofold.operations.proforma.edit_details import DetailChange, edit_details


@pytest.fixture
def posted(story: Story) -> Story:
    """Eight hours of work that is posted, and not billed."""
    story.approve(Work("ARM", 8))
    story.post_work()
    return story


def edit(story: Story, proforma_id: int, change: DetailChange) -> None:
    with story.books.operations.transaction() as transaction:
        edit_details(
            transaction,
            company=story.company,
            proforma_id=proforma_id,
            revision=None,
            changes=(change,),
            actor="manager",
            at=NOW,
        )


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
    edit(posted, draft, change)

    posted.confirm([draft])
    posted.post_work()
    invoices = posted.post_proposals(posted.import_().ready_proposal_ids)

    assert sum(one.net_amount for one in invoices) == net
    posted.deliver()
    posted.holds()
