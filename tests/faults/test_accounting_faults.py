"""What finance cannot book yet waits in sight, and what is odd but right is booked to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.dualwrite.planted import forward
from tests.scenarios.conftest import Tell, story, tell
from tests.scenarios.support import Story, Work, finance_changed
from tests.support.clock import NOW
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.finance.journal.update_to_draft import update_to_draft
from twofold.finance.setup.records import ExchangeRate
from twofold.kernel.errors import Fault, Refused

__all__ = ["story", "tell"]

JANUARY = date(2026, 1, 1)
JUNE = date(2026, 6, 15)


@pytest.mark.fault("F105")
def test_a_missing_rate_waits_for_its_currency_and_day_and_is_not_tried_in_a_loop(
    tell: Tell,
) -> None:
    story = tell(finance=finance_changed(exchange_rates=()))
    story.approve(Work("ROLLOUT", 8), Work("ARM", 8))
    story.deliver()

    runs = [story.import_() for _ in range(3)]

    for run in runs:
        assert [(one.code, one.field, one.value) for one in run.refusals] == [
            ("ERR-I04", "exchange_rate", "GBP 2026-10-05")
        ]
    # The first run makes the lines of the other project; the next ones look at the held row only.
    assert [run.line_count for run in runs] == [3, 0, 0]
    assert story.in_finance("SELECT count(*) AS rows FROM finance.held_actual") == [{"rows": 1}]
    story.change_finance(exchange_rates=(ExchangeRate("GBP", JANUARY, Decimal(131)),))
    healed = story.import_()
    assert (healed.line_count, healed.refusals) == (1, ())
    story.post_journals()
    story.deliver()


@pytest.mark.fault("F106")
def test_a_line_of_a_closed_period_waits_in_a_journal_in_error_until_it_is_open(
    story: Story,
) -> None:
    story.approve(Work("ARM", 8, on=JUNE))
    story.deliver()
    story.import_()

    (posted,) = story.post_journals()

    assert posted.state == "error"
    assert {(one.code, one.value) for one in posted.refusals} == {("ERR-J01", "2026-06-15")}
    # Nothing tries it again by itself, and it cannot be posted as it is.
    assert (story.post_journals(), story.import_().taken_count) == ([], 0)
    with pytest.raises(Refused, match="ERR-J09"):
        story.post_journal(posted.journal_id)
    story.open_period(date(2026, 6, 1))
    with story.books.finance.transaction() as transaction:
        update_to_draft(
            transaction,
            company=story.company,
            journal_id=posted.journal_id,
            actor="accountant",
            at=NOW,
        )
    (again,) = story.post_journals()
    assert (again.state, again.refused_count) == ("posted", 0)
    story.deliver()


@pytest.mark.fault("F106")
def test_where_the_policy_says_so_the_date_moves_to_the_next_open_period(story: Story) -> None:
    moving = replace(story.company_setup.parameters, moves_accounting_date_to_open_period=True)
    story.change_finance(parameters=moving)
    story.approve(Work("ARM", 8, on=JUNE))

    (posted,) = story.post_work()

    assert (posted.state, posted.refused_count) == ("posted", 0)
    # Operations learns where it was booked, and keeps the day of the work.
    assert story.in_operations(
        "SELECT DISTINCT actual.transaction_date, detail.accounting_date"
        " FROM operations.actual_accounting AS detail"
        " JOIN operations.actual USING (company, actual_id)"
    ) == [{"transaction_date": JUNE, "accounting_date": date(2026, 7, 1)}]


@pytest.mark.fault("F104")
def test_zero_negative_and_credit_lines_stand_in_both_books_to_the_cent(story: Story) -> None:
    story.approve(
        Work("ARM", 3, cls="material", category="Gift", unit_price=7),
        Work("ARM", cls="expense", category="Travel", unit_price=-30),
        Work("ARM", cls="expense", category="Travel", unit_price=Decimal("0.01")),
    )
    story.post_work()

    (invoice,) = story.invoice(story.draft("TM"))

    assert invoice.net_amount == Decimal("-29.99")
    assert story.ledger(invoice.voucher)["customer_balance"] == Decimal("-29.99")
    returned = story.in_operations(
        "SELECT amount, accounting_amount FROM operations.actual_accounting"
        " JOIN operations.actual USING (company, actual_id)"
        " WHERE transaction_type = 'billed_sales' ORDER BY amount"
    )
    assert [tuple(row.values()) for row in returned] == [
        (Decimal(-30), Decimal(-30)),
        (0, 0),
        (Decimal("0.01"), Decimal("0.01")),
    ]


@pytest.mark.fault("F113")
def test_a_proforma_without_a_chargeable_line_is_closed_in_sight_without_an_invoice(
    story: Story,
) -> None:
    """The policy: confirming is allowed, finance closes the proposal and nothing is posted."""
    story.approve(Work("ARM", 8, role="Trainee"))
    story.post_work()

    story.confirm(story.draft("TM"))
    run = story.import_()

    assert (run.empty_proposal_count, run.ready_proposal_ids) == (1, ())
    (proposal,) = story.in_finance("SELECT proposal_id, state::text FROM finance.proposal")
    assert proposal["state"] == "nothing_to_bill"
    with pytest.raises(Refused):
        story.post_proposals([proposal["proposal_id"]])


@pytest.mark.fault("F113")
def test_with_nothing_to_bill_there_is_no_proforma_to_confirm(story: Story) -> None:
    with pytest.raises(Refused, match="ERR-B05"):
        story.draft("TM")


@pytest.mark.fault("F108")
def test_text_that_no_database_holds_is_refused_and_nothing_is_taken(story: Story) -> None:
    with pytest.raises(Fault) as fault:
        story.record(Work("ARM", description="nul \x00 nul"), Work("ARM"))

    assert not fault.value.transient
    assert story.in_operations("SELECT FROM operations.entry") == []


@pytest.mark.fault("F114")
@pytest.mark.parametrize("line_count", [1, 999, 1_000, 1_001, 10_000])
def test_an_invoice_is_in_finance_whole_or_not_at_all(story: Story, line_count: int) -> None:
    """At every place of the delivery an observer sees no row of the invoice, or every one."""
    story.approve(*[Work("ARM")] * line_count)
    story.post_work()
    (proforma,) = story.confirm_queued(story.draft("TM"))
    seen: set[tuple[int, int]] = set()

    def look(_place: str) -> None:
        (found,) = story.in_finance(
            "SELECT (SELECT count(*) FROM finance.proposal) AS headers,"
            " (SELECT count(*) FROM finance.staged_actual"
            "   WHERE transaction_type = 'billed_sales') AS lines"
        )
        seen.add((found["headers"], found["lines"]))

    delivery = deliver_sets(forward(story.books, failpoint=look))

    assert (delivery.applied, delivery.problems) == (1, [])
    assert seen == {(0, 0), (1, line_count)}
    story.import_()
    (invoice,) = story.post_proposals([proforma.proforma_id])
    assert invoice.net_amount == 200 * line_count
    story.deliver()
