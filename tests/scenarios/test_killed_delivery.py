"""A delivering process killed on a real invoice: it arrives once, and both books verify."""

from __future__ import annotations

import pytest

from tests.dualwrite.planted import AFTER_LEASE, back, forward
from tests.faults.engine import engine, wait_for_its_sessions_to_end
from tests.scenarios.support import Story, Work
from twofold.dualwrite.sets.deliver import deliver_sets


# After the commit of operations and before any delivery; inside the transaction of finance;
# after its commit and before the acknowledgement.
@pytest.mark.parametrize("place", ["CP04", "CP10", "CP11", "CP13"])
def test_an_invoice_survives_the_death_of_its_delivery(story: Story, place: str) -> None:
    story.approve(Work("ARM", 8), Work("ARM", 3))
    story.post_work()
    (proforma,) = story.confirm_queued(story.draft("TM"))

    with engine(story.books, stop_at={place: 1}) as doomed:
        assert doomed.says() == f"at {place}"
        doomed.kill()
    wait_for_its_sessions_to_end(story.books)
    again = deliver_sets(forward(story.books, now=AFTER_LEASE))

    assert (again.applied, again.already_applied) == ((0, 1) if place == "CP13" else (1, 0))
    story.import_()
    (invoice,) = story.post_proposals((proforma.proforma_id,))
    assert invoice.net_amount == proforma.detail_amount
    deliver_sets(back(story.books, now=AFTER_LEASE))
