"""The cut-over: milestones that were invoiced before are not invoiced again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.cut_over import VARIANT, activate, starting_in, statuses, write_milestones
from tests.scenarios.support import Story, operations_cast
from tests.support.clock import NOW, TODAY
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.dismiss import dismiss_sets
from twofold.dualwrite.table_maps.states import Change, Verb, change_states
from twofold.finance.proposals.edit_on_account import OnAccountChange, edit_on_account
from twofold.journey.confirm import Confirmation, confirm_live
from twofold.kernel.errors import Refused

CARRYING = ("invoices", "actuals", "transaction_connections")
BEFORE, OURS = "Cell accepted", "Course given"


@pytest.fixture
def brought(tell: Tell) -> Story:
    """One milestone that was invoiced before and one that was not, with the map as it ships."""
    story = tell(operations=replace(operations_cast(), milestones=()))
    activate(story, VARIANT)
    story.set_up_operations(starting_in(FIXED="ready"))
    story.deliver()
    activate(story, None)
    return story


def change(story: Story, verb: Verb) -> None:
    """Change the state of the maps that carry a confirmed proforma."""
    change_states(
        Change(verb, CARRYING, "cut-over", "admin"),
        operations=story.system.dualwrite_operations,
        finance=story.system.dualwrite_finance,
    )


def confirm_queued(story: Story, proforma_id: int) -> Confirmation:
    """Confirm a draft; what a resting map carries may queue."""
    return confirm_live(
        story.system,
        company=story.company,
        proforma_ids=(proforma_id,),
        actor="manager",
        on=TODAY,
        when_unreachable="queue",
    )


def test_a_milestone_of_before_ends_as_posted_in_operations_and_invoiced_in_finance(
    brought: Story,
) -> None:
    assert (statuses(brought)[BEFORE], statuses(brought)[OURS]) == ("invoiced", "open")
    change(brought, "pause")
    (draft,) = brought.create("FIXED").proformas

    confirmation = confirm_queued(brought, draft.proforma_id)

    assert confirmation.delivery is not None
    assert (confirmation.delivery.applied, confirmation.delivery.problems) == (0, [])
    (given_up,) = dismiss_sets(
        brought.system.forward,
        choice=Choice(maps=("invoices",)),
        reason="invoiced before the cut-over",
        actor="admin",
    )
    assert given_up.set_count == 1
    change(brought, "resume")
    brought.deliver()
    assert brought.in_finance("SELECT number FROM finance.proposal") == []
    assert brought.in_operations(
        "SELECT proforma.state::text, milestone.state::text AS milestone FROM operations.proforma"
        " JOIN operations.milestone USING (company, proforma_id)"
    ) == [{"state": "confirmed", "milestone": "posted"}]

    brought.ready()
    (invoice,) = brought.invoice([one.proforma_id for one in brought.create("PERCENT").proformas])

    assert invoice.net_amount == 5000
    assert (statuses(brought)[BEFORE], statuses(brought)[OURS]) == ("invoiced", "invoiced")


def test_a_milestone_of_before_is_not_billed_by_a_proposal(brought: Story) -> None:
    (draft,) = brought.create("FIXED").proformas
    brought.confirm([draft.proforma_id])

    run = brought.import_()

    assert run.ready_proposal_ids == ()
    assert {(one.code, one.field) for one in run.refusals} == {("ERR-F03", "on_account")}


def test_the_accounting_of_a_milestone_of_before_stays(brought: Story) -> None:
    (row,) = brought.in_finance(
        "SELECT milestone_id FROM finance.on_account_transaction WHERE description = %s", BEFORE
    )

    with (
        pytest.raises(Refused) as refused,
        brought.books.finance.transaction() as transaction,
    ):
        edit_on_account(
            transaction,
            company=brought.company,
            milestone_id=row["milestone_id"],
            change=OnAccountChange(tax_group="TAXED"),
            actor="accountant",
            at=NOW,
        )

    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.value) == ("ERR-F03", "invoiced")


def test_the_shipped_map_leaves_the_status_as_it_is(brought: Story) -> None:
    brought.set_up_operations(
        replace(
            brought.operations,
            milestones=tuple(
                replace(one, milestone_date=TODAY) for one in brought.operations.milestones
            ),
        )
    )
    brought.deliver()
    run = write_milestones(brought)

    assert (run.bad_count, run.differing_count) == (0, 0)
    assert statuses(brought)[BEFORE] == "invoiced"


def test_milestones_that_were_there_take_their_status_by_an_initial_write(story: Story) -> None:
    story.ready(contract_id=story.contract_id("FIXED"))
    story.ready(contract_id=story.contract_id("PERCENT"))
    story.create("PERCENT")
    activate(story, VARIANT)

    run = write_milestones(story)

    # The one on a draft is set aside: it is ours to bill.
    assert (run.changed_count, run.bad_count) == (1, 1)
    found = statuses(story)
    assert {name for name, state in found.items() if state == "invoiced"} == {BEFORE}
    assert found[OURS] == "open"


def test_a_stopped_map_queues_nothing_and_refuses(brought: Story) -> None:
    (draft,) = brought.create("FIXED").proformas
    change(brought, "stop")
    before = brought.digest()

    with pytest.raises(Refused) as refused:
        confirm_queued(brought, draft.proforma_id)

    assert set(refused.value.codes) == {"ERR-D01"}
    assert brought.digest() == before
