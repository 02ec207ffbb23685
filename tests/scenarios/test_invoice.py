"""One invoice through both books: what it bills, what it posts, what comes back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.support import Story, Work, finance_changed
from tests.support.clock import NOW
from twofold.finance.setup.records import CustomerAccounting, ProfileRule
from twofold.operations.entries.change_approval import change_approval

TRAVEL = Work("ARM", cls="expense", category="Travel", unit_price=50)


def line_count_of(story: Story, invoice_number: str) -> int:
    (found,) = story.in_finance(
        "SELECT count(*) AS lines FROM finance.invoice_line"
        " JOIN finance.customer_invoice USING (company, proposal_id) WHERE invoice_number = %s",
        invoice_number,
    )
    return int(found["lines"])


def test_an_hour_is_traced_to_the_ledger_and_back(tell: Tell) -> None:
    story = tell(
        finance=finance_changed(customers=(CustomerAccounting("ADATUM", tax_group="TAXED"),))
    )
    story.approve(Work("ARM", 8), TRAVEL)

    story.post_work()
    assert story.ledger() == {
        "cost": 850, "payroll_allocation": -800, "expense_offset": -50,
        "wip_sales_value": 1650, "accrued_revenue": -1650,
    }  # fmt: skip
    (invoice,) = story.invoice(story.draft("TM"))

    assert (invoice.net_amount, invoice.tax_amount, invoice.total_amount) == (1650, 165, 1815)
    assert story.ledger(invoice.voucher) == {
        "customer_balance": 1815, "sales_tax_payable": -165, "invoiced_revenue": -1650,
        "wip_sales_value": -1650, "accrued_revenue": 1650,
    }  # fmt: skip
    assert story.ledger() == {
        "cost": 850, "payroll_allocation": -800, "expense_offset": -50,
        "customer_balance": 1815, "sales_tax_payable": -165, "invoiced_revenue": -1650,
    }  # fmt: skip
    # Back at the actuals: each that was sent has its voucher, its amount and its tax.
    found = story.in_operations(
        "SELECT transaction_type::text AS type, amount, accounting_amount, sales_tax_amount,"
        " voucher = %s AS on_invoice FROM operations.actual"
        " LEFT JOIN operations.actual_accounting USING (company, actual_id)"
        " WHERE NOT skip_sync ORDER BY actual_id",
        invoice.voucher,
    )
    assert [tuple(row.values()) for row in found] == [
        ("cost", 800, 800, 0, False),
        ("unbilled_sales", 1600, 1600, 0, False),
        ("cost", 50, 50, 0, False),
        ("unbilled_sales", 50, 50, 0, False),
        ("billed_sales", 1600, 1600, 160, True),
        ("billed_sales", 50, 50, 5, True),
    ]


def test_without_accrual_revenue_waits_for_the_invoice(tell: Tell) -> None:
    rules = (ProfileRule("time_and_material", "TM_NoWIP"),)
    story = tell(finance=finance_changed(profile_rules=rules))
    story.approve(Work("ARM", 8))

    story.post_work()
    assert story.ledger() == {"cost": 800, "payroll_allocation": -800}
    (invoice,) = story.invoice(story.draft("TM"))

    assert story.ledger(invoice.voucher) == {"customer_balance": 1600, "invoiced_revenue": -1600}


def test_a_milestone_is_invoiced_once(story: Story) -> None:
    story.approve(Work("CELL", 8))
    story.post_work()

    (invoice,) = story.invoice(story.draft("FIXED"))

    assert (invoice.net_amount, line_count_of(story, invoice.invoice_number)) == (5000, 1)
    assert story.ledger(invoice.voucher) == {
        "customer_balance": 5000, "invoiced_revenue_on_account": -5000,
    }  # fmt: skip
    assert story.ready(contract_id=story.contract_id("FIXED")).milestone_count == 0


def test_a_mixed_contract_bills_work_and_milestones_on_one_invoice(story: Story) -> None:
    story.approve(
        Work("UPGRADE", 8),
        Work("UPGRADE", cls="fee", category="Licence fee", quantity=2),
        Work("UPGRADE", cls="expense", category="Travel", unit_price=2000),
    )
    story.post_work()
    story.ready()
    # The second milestone is dated after the cutoff: it is marked, and not billed yet.
    run = story.create("MIXED")

    (invoice,) = story.invoice(one.proforma_id for one in run.proformas)

    assert (invoice.net_amount, line_count_of(story, invoice.invoice_number)) == (5799, 3)
    assert story.ledger(invoice.voucher) == {
        "customer_balance": 5799, "invoiced_revenue": -1799, "invoiced_revenue_on_account": -4000,
        "wip_sales_value": -1799, "accrued_revenue": 1799,
    }  # fmt: skip
    # The expense is covered by the fixed price: it costs, and is never billed by itself.
    (travel,) = story.in_operations(
        "SELECT count(*) AS rows FROM operations.actual WHERE class = 'expense'"
    )
    assert travel["rows"] == 1


def test_several_contracts_are_invoiced_together(story: Story) -> None:
    story.approve(Work("ARM", 8), Work("UPGRADE", 4), Work("ROLLOUT", 2), Work("CELL", 1))
    story.post_work()

    invoices = story.invoice(story.draft())

    # Fixed price by percentage has its milestone ready, too.
    assert {(one.currency, one.net_amount) for one in invoices} == {
        ("USD", 1600), ("USD", 4800), ("GBP", 500), ("USD", 5000),
    }  # fmt: skip
    assert len({one.invoice_number for one in invoices}) == len(invoices) == 5
    numbers = {one.proposal_number for one in invoices}
    assert not numbers & {one.invoice_number for one in invoices}


def test_only_non_chargeable_work_gives_no_invoice(story: Story) -> None:
    story.approve(Work("ARM", 8, role="Trainee"))
    story.post_work()

    story.confirm(story.draft("TM"))
    run = story.import_()

    assert (run.empty_proposal_count, run.ready_proposal_ids) == (1, ())
    (proposal,) = story.in_finance("SELECT state::text, total_amount FROM finance.proposal")
    assert (proposal["state"], proposal["total_amount"]) == ("nothing_to_bill", 0)
    assert story.ledger() == {"cost": 320, "payroll_allocation": -320}


def test_work_that_no_line_covers_costs_and_is_never_billed(story: Story) -> None:
    story.approve(Work("UPGRADE", cls="material", category="Servo motor", unit_price=340))
    story.post_work()

    assert story.in_operations(
        "SELECT transaction_type::text, billing_type::text, contract_id FROM operations.actual"
    ) == [{"transaction_type": "cost", "billing_type": "not_available", "contract_id": None}]
    assert story.ledger() == {"cost": 340, "cost_item": -340}


def test_work_given_away_is_on_the_invoice_without_amount(story: Story) -> None:
    (entry_id,) = story.record(Work("ARM", 8))
    with story.books.operations.transaction() as transaction:
        change_approval(
            transaction,
            company=story.company,
            entry_id=entry_id,
            billable_quantity=Decimal(6),
            actor="ann",
            at=NOW,
        )
    story.approve_entries([entry_id])
    story.post_work()

    (invoice,) = story.invoice(story.draft("TM"))

    assert (invoice.net_amount, line_count_of(story, invoice.invoice_number)) == (1200, 1)


def test_lines_of_amount_zero_are_billed(story: Story) -> None:
    gift = Work("ARM", 3, cls="material", category="Gift", unit_price=7)
    story.approve(gift, Work("ARM", 1))
    story.post_work()

    (invoice,) = story.invoice(story.draft("TM"))

    assert (invoice.net_amount, line_count_of(story, invoice.invoice_number)) == (200, 2)


def test_an_invoice_of_nothing_but_zero_is_posted(story: Story) -> None:
    story.approve(Work("ARM", 3, cls="material", category="Gift", unit_price=7))
    story.post_work()

    (invoice,) = story.invoice(story.draft("TM"))

    assert (invoice.total_amount, line_count_of(story, invoice.invoice_number)) == (0, 1)
    assert story.ledger(invoice.voucher) == {}


@pytest.mark.parametrize("hours", [0, 8])
def test_negative_lines_reduce_an_invoice_or_make_a_credit(story: Story, hours: int) -> None:
    refund = Work("ARM", cls="expense", category="Travel", unit_price=-30)
    story.approve(refund, *[Work("ARM", hours)] * bool(hours))
    story.post_work()

    (invoice,) = story.invoice(story.draft("TM"))

    assert invoice.net_amount == 200 * hours - 30
    assert story.ledger(invoice.voucher)["customer_balance"] == 200 * hours - 30


@pytest.mark.parametrize("line_count", [1, 999, 1000, 1001, 20_000])
def test_an_invoice_of_any_length_goes_through_whole(story: Story, line_count: int) -> None:
    story.approve(*[Work("ARM")] * line_count)
    story.post_work()

    (invoice,) = story.invoice(story.draft("TM"))

    assert invoice.net_amount == 200 * line_count
    assert line_count_of(story, invoice.invoice_number) == line_count
    assert story.ledger() == {
        "cost": 100 * line_count, "payroll_allocation": -100 * line_count,
        "customer_balance": 200 * line_count, "invoiced_revenue": -200 * line_count,
    }  # fmt: skip


def test_running_everything_again_changes_nothing(story: Story) -> None:
    story.approve(Work("ARM", 8))
    story.post_work()
    story.invoice(story.draft("TM"))
    before = story.digest()

    story.deliver()
    run = story.import_()
    story.post_journals()
    story.deliver()

    assert (run.taken_count, run.journals, run.ready_proposal_ids) == (0, (), ())
    assert story.digest() == before
