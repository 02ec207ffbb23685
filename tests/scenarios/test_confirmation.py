"""Confirming live: finance's reasons reach the project manager, and neither book changes."""

from __future__ import annotations

import pytest

from tests.scenarios.support import Story, Work
from tests.support.clock import TODAY
from twofold.dualwrite.table_maps.states import Change, change_states
from twofold.journey.confirm import confirm_live
from twofold.kernel.errors import Refused


@pytest.fixture
def posted(story: Story) -> Story:
    """Work that is posted, and not billed."""
    story.approve(Work("ARM", 8), Work("ARM", 8, role="Trainee"))
    story.post_work()
    return story


def test_a_missing_line_property_refuses_the_confirmation(posted: Story) -> None:
    drafts = posted.draft("TM")
    with posted.books.finance.raw() as connection:
        connection.execute(
            "DELETE FROM finance.billing_type_line_property WHERE billing_type = 'chargeable'"
        )
    before = posted.digest()

    with pytest.raises(Refused) as refused:
        posted.confirm(drafts)

    (reason,) = refused.value.refusals
    assert (reason.code, reason.field, reason.value) == ("ERR-D02", "billing_type", "chargeable")
    assert "finance.billing_type_line_property" in reason.reason
    assert posted.digest() == before

    posted.set_up_finance(posted.finance)
    (invoice,) = posted.invoice(drafts)
    assert invoice.net_amount == 1600


def test_a_map_that_does_not_run_refuses_the_confirmation(posted: Story) -> None:
    drafts = posted.draft("TM")
    change_states(
        Change("pause", ("invoices",), "closing", "admin", related=True),
        operations=posted.system.dualwrite_operations,
        finance=posted.system.dualwrite_finance,
    )
    before = posted.digest()

    with pytest.raises(Refused) as refused:
        confirm_live(
            posted.system, company=posted.company, proforma_ids=drafts, actor="manager", on=TODAY
        )

    assert set(refused.value.codes) == {"ERR-D01"}
    assert posted.digest() == before


@pytest.mark.fault("F063")
def test_confirming_twice_changes_nothing(posted: Story) -> None:
    drafts = posted.draft("TM")
    posted.confirm(drafts)
    before = posted.digest()

    with pytest.raises(Refused) as refused:
        posted.confirm(drafts)

    assert refused.value.codes == ("ERR-B10",)
    assert posted.digest() == before


def test_a_queued_confirmation_is_whole_once_it_is_delivered(posted: Story) -> None:
    (confirmed,) = posted.confirm_queued(posted.draft("TM"))
    assert posted.in_finance("SELECT FROM finance.proposal") == []
    # What is on its way breaks nothing.
    posted.holds()

    posted.deliver()

    (proposal,) = posted.in_finance("SELECT number, billable_count FROM finance.proposal")
    assert proposal == {"number": confirmed.number, "billable_count": confirmed.billable_count}


def test_a_confirmation_may_arrive_before_the_work_it_bills(story: Story) -> None:
    story.approve(Work("ARM", 8))
    story.confirm(story.draft("TM"))

    # Nothing of the work has arrived: the proposal stays empty and says what it waits for.
    run = story.import_()
    assert (run.ready_proposal_ids, [one.code for one in run.refusals]) == ((), ["ERR-I01"])
    story.holds()

    story.post_work()
    (invoice,) = story.post_proposals(story.import_().ready_proposal_ids)
    story.deliver()
    assert invoice.net_amount == 1600
