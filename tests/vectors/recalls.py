"""Worked cases of approvals that stay as they are, and of work that nobody pays for."""

from __future__ import annotations

from tests.scenarios.support import Story, Work
from tests.support.clock import NOW
from tests.vectors.case import CONTRACTS, Case, actuals, compare_actuals, vector
from tests.vectors.entries import approved, state_of
from tests.vectors.proformas import sale_of
from twofold.operations.entries.approve_recall import approve_recall
from twofold.operations.entries.refuse_recall import refuse_recall
from twofold.operations.entries.request_recall import request_recall
from twofold.operations.proforma.revise import revise_proforma


def recall_requested(story: Story) -> int:
    """Approve hours of the cast and ask for them back."""
    entry_id = approved(story, hours=8)
    with story.books.operations.transaction() as transaction:
        asked = request_recall(
            transaction, company=story.company, entry_ids=[entry_id], actor="ann", at=NOW
        )
    assert not asked.refusals, asked.refusals
    return entry_id


@vector("TM-09")
def recall_refused(case: Case) -> None:
    # A declined recall leaves everything as it was.
    story = case.story()
    entry_id = recall_requested(story)
    assert state_of(story, entry_id) == case.given["entry_status"]
    before = actuals(story)

    with story.books.operations.transaction() as transaction:
        refuse_recall(transaction, company=story.company, entry_ids=[entry_id], actor="ann", at=NOW)

    assert state_of(story, entry_id) == case.expect["entry_status"]
    changed = sum(was != now for was, now in zip(before, actuals(story), strict=True))
    assert changed == case.expect["actuals_changed"]


@vector("TM-20")
def invoiced_work_stays(case: Case) -> None:
    # What was invoiced is not cancelled, until all of it is credited.
    story = case.story()
    entry_id = approved(story, hours=8)
    drafts = story.draft(CONTRACTS["tm"])
    story.confirm(drafts)
    assert state_of(story, entry_id) == case.given["entry"]
    assert sale_of(story)["billing"] == case.given["ubs_billing"]
    before = actuals(story)

    result = story.cancel([entry_id])

    assert [refusal.code for refusal in result.refusals] == [case.expect["error"]]
    assert actuals(story) == before
    assert case.expect["unlocked_by"] == "full credit corrective invoice"
    with story.books.operations.transaction() as transaction:
        credit = revise_proforma(
            transaction,
            company=story.company,
            proforma_id=drafts[0],
            actual_ids=None,
            actor="manager",
            at=NOW,
        )
    assert [refusal.code for refusal in story.cancel([entry_id]).refusals] == ["ERR-B20"]
    story.confirm([credit.proforma_id])
    assert story.cancel([entry_id]).refusals == ()
    assert state_of(story, entry_id) == "submitted"
    story.deliver()
    story.holds()


@vector("TM-21")
def drafted_work_stays(case: Case) -> None:
    # What is on a draft proforma is not given back.
    story = case.story()
    entry_id = recall_requested(story)
    story.draft(CONTRACTS["tm"])
    assert state_of(story, entry_id) == case.given["entry"]
    assert sale_of(story)["billing"] == case.given["ubs_billing"]
    before = actuals(story)

    with story.books.operations.transaction() as transaction:
        result = approve_recall(
            transaction, company=story.company, entry_ids=[entry_id], actor="approver", at=NOW
        )

    assert [refusal.code for refusal in result.refusals] == [case.expect["error"]]
    assert actuals(story) == before
    story.deliver()
    story.holds()


@vector("IN-01")
def internal(case: Case) -> None:
    # Work on an internal project costs, and sells for nothing.
    story = case.story()
    entry_ids = story.approve(Work("PROFIT-LOSS", case.given["submitted"]))
    assert case.given["project"] == "internal"

    story.cancel(entry_ids)

    compare_actuals(story, case.expect["actuals"])
    story.deliver()
    story.holds()
