"""The integration journal: bad lines wait in a journal of their own until they are put right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.support import Story, Work, finance_changed
from tests.support.clock import NOW
from twofold.finance.journal.update_to_draft import update_to_draft
from twofold.kernel.errors import Refused

JUNE = date(2026, 6, 15)


def reopen(story: Story, journal_id: int) -> None:
    """Bring a journal in error back to draft."""
    with story.books.finance.transaction() as transaction:
        update_to_draft(
            transaction,
            company=story.company,
            journal_id=journal_id,
            actor="accountant",
            at=NOW,
        )


def test_lines_of_a_closed_period_wait_until_it_is_open(story: Story) -> None:
    parameters = replace(story.company_setup.parameters, period_unit="years")
    story.change_finance(parameters=parameters)
    story.approve(Work("ARM", 8, on=JUNE), Work("ARM", 8))
    story.deliver()
    story.import_()

    (first,) = story.post_journals()
    story.deliver()

    assert (first.posted_count, first.refused_count) == (2, 2)
    # The reason of each line, and the journal they wait in.
    assert {(one.code, one.value) for one in first.refusals} == {
        ("ERR-J01", "2026-06-15"),
        ("ERR-J07", first.error_journal_number),
    }
    story.holds()
    (bad,) = story.in_finance(
        "SELECT journal_id, original_journal_id FROM finance.journal WHERE state = 'error'"
    )
    assert bad["original_journal_id"] == first.journal_id

    # A proposal that bills a line in error waits for it.
    drafts = story.draft("TM")
    story.confirm(drafts)
    assert [one.code for one in story.import_().refusals] == ["ERR-I01"]

    story.open_period(date(2026, 6, 1))
    reopen(story, bad["journal_id"])
    (again,) = story.post_journals()
    assert (again.posted_count, again.refused_count) == (2, 0)
    run = story.import_()
    (invoice,) = story.post_proposals(run.ready_proposal_ids)
    story.deliver()
    assert invoice.net_amount == 3200


def test_a_journal_without_a_good_line_is_itself_in_error(story: Story) -> None:
    story.approve(Work("ARM", 8, on=JUNE))
    story.deliver()
    story.import_()

    (posted,) = story.post_journals()

    assert (posted.state, posted.posted_count, posted.refused_count) == ("error", 0, 2)
    assert story.in_finance("SELECT FROM finance.project_transaction") == []
    with pytest.raises(Refused) as refused:
        story.post_journal(posted.journal_id)
    assert refused.value.codes == ("ERR-J09",)


@pytest.mark.parametrize(("unit", "journal_count"), [("days", 3), ("months", 2), ("all", 1)])
def test_journals_hold_the_work_of_a_period(tell: Tell, unit: str, journal_count: int) -> None:
    parameters = replace(finance_changed().company[0].parameters, period_unit=unit)
    story = tell(finance=finance_changed(parameters=parameters))
    story.approve(
        Work("ARM", on=date(2026, 10, 30)),
        Work("ARM", on=date(2026, 10, 31)),
        Work("ARM", on=date(2026, 11, 1)),
    )
    story.deliver()

    run = story.import_()

    assert len(run.journals) == journal_count
    assert sum(journal.line_count for journal in run.journals) == 6
    assert len(story.post_journals()) == journal_count
    story.deliver()


@pytest.mark.parametrize(
    ("unit", "voucher_count"), [("line", 4), ("journal_and_date", 2), ("journal", 1)]
)
def test_vouchers_are_drawn_per_line_day_or_journal(
    tell: Tell, unit: str, voucher_count: int
) -> None:
    parameters = replace(finance_changed().company[0].parameters, voucher_per=unit)
    story = tell(finance=finance_changed(parameters=parameters))
    story.approve(Work("ARM", on=date(2026, 10, 30)), Work("ARM", on=date(2026, 10, 31)))

    story.post_work()

    (found,) = story.in_finance(
        "SELECT count(DISTINCT voucher) AS vouchers, count(*) AS lines"
        " FROM finance.project_transaction"
    )
    assert found == {"vouchers": voucher_count, "lines": 4}
    assert story.ledger()["cost"] == 200


def test_work_that_arrives_later_joins_the_open_draft(story: Story) -> None:
    story.approve(Work("ARM", 8))
    story.deliver()
    (first,) = story.import_().journals
    story.approve(Work("ARM", 4))
    story.deliver()

    (second,) = story.import_().journals

    assert second.journal_id == first.journal_id
    (posted,) = story.post_journals()
    assert posted.posted_count == 4
    story.deliver()
