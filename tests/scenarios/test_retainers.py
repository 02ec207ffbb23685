"""An advance from its bill to its refund: what both books say of it, invoice by invoice."""

from __future__ import annotations

from decimal import Decimal

from tests.scenarios.conftest import Tell
from tests.scenarios.support import Story, Work, finance_changed
from tests.scenarios.test_credits import LATER, SETUP
from tests.support.clock import NOW, TODAY
from twofold.finance.posting.invoices import PostedInvoice
from twofold.operations.retainers.add import RetainerPlan, add_retainers
from twofold.operations.retainers.refund import refund_retainer


def advance(story: Story, amount: int, contract: str = "TM") -> int:
    plan = RetainerPlan(Decimal(amount), TODAY, "Advance", number=1)
    with story.books.operations.transaction() as transaction:
        (added,) = add_retainers(
            transaction,
            company=story.company,
            contract_id=story.contract_id(contract),
            customer=None,
            plan=plan,
            actor="ann",
            at=NOW,
        )
    return added.retainer_id


def invoiced(story: Story, contract: str = "TM") -> tuple[int, PostedInvoice]:
    """Bill, confirm live and post what is ready of a contract; its draft and its invoice."""
    (draft,) = story.draft(contract)
    (invoice,) = story.invoice([draft])
    return draft, invoice


def work(story: Story, hours: int) -> None:
    """Approve hours at 200 dollars, and post their journal."""
    story.approve(Work("ARM", hours))
    story.post_work()


def refund(story: Story, retainer: int) -> None:
    with story.books.operations.transaction() as transaction:
        refund_retainer(
            transaction,
            company=story.company,
            retainer_id=retainer,
            amount=None,
            actor="ann",
            at=NOW,
        )


def balance(story: Story) -> tuple[Decimal, Decimal]:
    (row,) = story.in_operations(
        "SELECT used_amount, available_amount FROM operations.retainer"
        " JOIN operations.retainer_available USING (company, retainer_id)"
    )
    return row["used_amount"], row["available_amount"]


def left(story: Story) -> dict[str, Decimal]:
    """Add up what the ledger keeps open, without costs."""
    return {
        posting_type: amount
        for posting_type, amount in story.ledger().items()
        if posting_type not in {"cost", "payroll_allocation"}
    }


def lines(story: Story) -> list[tuple[str | None, Decimal]]:
    """Give the proposal lines of retainers in their order: what each is, and its amount."""
    return [
        (row["origin"], row["amount"])
        for row in story.in_finance(
            "SELECT on_account_origin::text AS origin, line.amount"
            " FROM finance.proposal_line AS line"
            " JOIN finance.staged_actual USING (company, actual_id)"
            " WHERE class = 'retainer' ORDER BY actual_id"
        )
    ]


def test_an_advance_is_billed_applied_and_the_rest_refunded(story: Story) -> None:
    retainer = advance(story, 1000)

    _, bill = invoiced(story)
    assert bill.total_amount == 1000
    assert balance(story) == (0, 1000)
    assert left(story) == {"customer_balance": 1000, "wip_invoiced_on_account": -1000}

    work(story, 3)
    _, applied = invoiced(story)
    assert applied.total_amount == 0
    assert balance(story) == (600, 400)
    assert story.ledger(applied.voucher) == {
        "invoiced_revenue": -600, "wip_invoiced_on_account": 600,
        "wip_sales_value": -600, "accrued_revenue": 600,
    }  # fmt: skip

    work(story, 1)
    _, again = invoiced(story)
    assert again.total_amount == 0
    assert balance(story) == (800, 200)
    assert left(story) == {
        "customer_balance": 1000, "invoiced_revenue": -800, "wip_invoiced_on_account": -200,
    }  # fmt: skip

    refund(story, retainer)
    _, paid_back = invoiced(story)
    assert paid_back.total_amount == -200
    assert balance(story) == (1000, 0)
    assert left(story) == {"customer_balance": 800, "invoiced_revenue": -800}
    assert lines(story) == [
        ("prepayment", 1000), ("deduction", -600), ("deduction", -200), ("deduction", -200),
    ]  # fmt: skip
    story.holds()


def test_a_customer_pays_the_net_of_work_and_a_smaller_advance(story: Story) -> None:
    advance(story, 1000)
    invoiced(story)
    work(story, 8)

    _, invoice = invoiced(story)

    assert invoice.total_amount == 600
    assert left(story) == {"customer_balance": 1600, "invoiced_revenue": -1600}
    story.holds()


def test_an_advance_and_work_are_billed_on_one_invoice(story: Story) -> None:
    advance(story, 1000)
    work(story, 3)

    _, invoice = invoiced(story)

    assert invoice.total_amount == 1600
    assert left(story) == {
        "customer_balance": 1600, "invoiced_revenue": -600, "wip_invoiced_on_account": -1000,
    }  # fmt: skip
    story.holds()


def test_an_advance_on_a_fixed_price_follows_the_profile_of_its_milestones(story: Story) -> None:
    advance(story, 1000, "FIXED")

    _, invoice = invoiced(story, "FIXED")

    assert story.ledger(invoice.voucher) == {
        "customer_balance": 6000, "invoiced_revenue_on_account": -6000,
    }  # fmt: skip
    story.holds()


def test_a_retainer_is_taxed_like_a_milestone_at_the_rates_of_its_own_invoice(tell: Tell) -> None:
    story = tell(finance=finance_changed(**SETUP))
    retainer = advance(story, 1000, "POUNDS")
    _, bill = invoiced(story, "POUNDS")
    refund(story, retainer)
    (draft,) = story.draft("POUNDS")
    story.confirm([draft], on=LATER)

    (paid_back,) = story.post_proposals(story.import_().ready_proposal_ids)
    story.deliver()

    # 10 percent tax at 140 in November, 12 percent at 150 when it is paid back.
    assert (bill.tax_amount, bill.total_amount) == (100, 1100)
    assert (paid_back.tax_amount, paid_back.total_amount) == (-120, -1120)
    assert story.ledger(bill.voucher)["wip_invoiced_on_account"] == -1400
    assert story.ledger(paid_back.voucher)["wip_invoiced_on_account"] == 1500
    assert story.in_finance(
        "SELECT sum(transaction_amount) AS pounds FROM finance.ledger_entry"
        " WHERE posting_type = 'wip_invoiced_on_account'"
    ) == [{"pounds": 0}]
    story.holds()


def test_a_credited_advance_is_taken_back_whatever_the_rates_say_now(tell: Tell) -> None:
    story = tell(finance=finance_changed(**SETUP))
    advance(story, 1000, "POUNDS")
    draft, bill = invoiced(story, "POUNDS")

    (credit,) = story.correct(draft, on=LATER)

    assert credit.total_amount == -bill.total_amount == -1100
    assert story.ledger() == {}
    assert lines(story) == [("prepayment", 1000), (None, -1000)]
    story.holds()
    # It may be billed again.
    _, anew = invoiced(story, "POUNDS")
    assert anew.total_amount == 1100
    story.holds()


def test_a_credited_application_is_on_account_again(story: Story) -> None:
    advance(story, 1000)
    invoiced(story)
    work(story, 3)
    draft, _ = invoiced(story)

    (credit,) = story.correct(draft)

    assert credit.total_amount == 0
    assert balance(story) == (0, 1000)
    assert left(story) == {
        "customer_balance": 1000, "wip_invoiced_on_account": -1000,
        "wip_sales_value": 600, "accrued_revenue": -600,
    }  # fmt: skip
    story.holds()
