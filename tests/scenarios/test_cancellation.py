"""Approvals that are cancelled: wherever the work has got to, nothing of it is left to count."""

from __future__ import annotations

from typing import Final

import pytest

from tests.scenarios.support import Story, Work

WORK: Final = (Work("ARM", 8), Work("ARM", cls="expense", category="Travel", unit_price=50))


def synced_hours(story: Story) -> int:
    """Add up the hours staged in finance, costs and sales alike."""
    (found,) = story.in_finance("SELECT sum(quantity) AS hours FROM finance.staged_actual")
    return int(found["hours"])


def test_cancelled_before_delivery_both_arrive_and_cancel_out(story: Story) -> None:
    entries = story.approve(*WORK)
    assert story.cancel(entries).refusals == ()

    story.post_work()

    assert synced_hours(story) == 0
    assert story.ledger() == {}


def test_cancelled_after_import_the_reversal_joins_the_journal(story: Story) -> None:
    entries = story.approve(*WORK)
    story.deliver()
    story.import_()
    story.cancel(entries)

    (posted,) = story.post_work()

    assert posted.posted_count == 8
    assert story.ledger() == {}


def test_cancelled_after_posting_the_ledger_is_mirrored(story: Story) -> None:
    entries = story.approve(*WORK)
    story.post_work()
    first = story.ledger()
    story.cancel(entries)

    story.post_work()

    assert first == {
        "cost": 850, "payroll_allocation": -800, "expense_offset": -50,
        "wip_sales_value": 1650, "accrued_revenue": -1650,
    }  # fmt: skip
    assert story.ledger() == {}
    sides = story.in_finance(
        "SELECT posting_type::text, account,"
        " array_agg(accounting_amount ORDER BY voucher) AS posted"
        " FROM finance.ledger_entry GROUP BY posting_type, account"
    )
    for side in sides:
        half = len(side["posted"]) // 2
        assert [-amount for amount in side["posted"][:half]] == side["posted"][half:], side


def test_cancelled_and_approved_again_it_counts_once(story: Story) -> None:
    entries = story.approve(*WORK)
    story.post_work()
    story.cancel(entries)
    story.approve_entries(entries)
    story.post_work()

    (invoice,) = story.invoice(story.draft("TM"))

    assert invoice.net_amount == 1650
    assert story.ledger()["invoiced_revenue"] == -1650
    assert "wip_sales_value" not in story.ledger()


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_billed_work_is_not_cancelled(story: Story, *, is_confirmed: bool) -> None:
    (billed, other) = story.approve(Work("ARM", 8), Work("UPGRADE", 8))
    story.post_work()
    drafts = story.draft("TM")
    if is_confirmed:
        story.confirm(drafts)

    result = story.cancel([billed, other])
    story.deliver()

    assert [refusal.code for refusal in result.refusals] == ["ERR-B20"]
    assert result.entry_count == 1
