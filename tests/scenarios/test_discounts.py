"""Discount and fee of a contract line, through both books to the ledger and back by credits (P33).

Bob's hour is 200 dollars. The contract gives 10 percent off and adds 5 percent: of 1,000 dollars it
bills 1,000 - 100 + 50. Sales tax is 10 percent.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.discounted import GROSS, NET, TAXED, agreed, posting
from tests.scenarios.support import Story, Work, operations_cast
from tests.support.clock import NOW
from twofold.finance.setup.records import (
    CustomerAccounting,
    ExchangeRate,
    FinanceSetup,
)
from twofold.kernel.errors import Refused
from twofold.operations.contracts.re_evaluate import re_evaluate_contract
from twofold.operations.proforma.edit_details import DetailChange
from twofold.operations.retainers.add import RetainerPlan, add_retainers
from twofold.operations.setup.records import ContractCustomer, LineCustomer


def balances(story: Story) -> dict[str, Decimal]:
    """Add up the ledger by account, without costs: 4000 is revenue, 4010 fees, 4300 discounts."""
    found = story.in_finance("""
        SELECT account, trim_scale(sum(accounting_amount)) AS amount
        FROM finance.ledger_entry
        WHERE posting_type NOT IN ('cost', 'payroll_allocation', 'expense_offset', 'cost_item')
        GROUP BY account HAVING sum(accounting_amount) <> 0 OR sum(transaction_amount) <> 0
    """)
    return {row["account"]: row["amount"] for row in found}


def money(**amounts: str) -> dict[str, Decimal]:
    """Give expected balances: ``a4000`` is account 4000."""
    return {account[1:]: Decimal(amount) for account, amount in amounts.items()}


# What the ledger has after posting the work, its invoice, a credit of two of five hours, and the
# invoice over those two: 1470 is work in progress, 4200 accrued revenue, 1100 the receivable.
LEDGER: Final = {
    NET: (
        money(a1470="950", a4200="-950"),
        money(a1100="1045", a2100="-95", a4000="-900", a4010="-50"),
        money(a1100="627", a2100="-57", a4000="-540", a4010="-30", a1470="380", a4200="-380"),
    ),
    GROSS: (
        money(a1470="1050", a4200="-1050"),
        money(a1100="1045", a2100="-95", a4000="-1000", a4010="-50", a4300="100"),
        money(
            a1100="627", a2100="-57", a4000="-600", a4010="-30", a4300="60",
            a1470="420", a4200="-420",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", [NET, GROSS])
def test_discount_and_fee_reach_the_ledger_and_come_back_by_a_credit(tell: Tell, how: str) -> None:
    posted, invoiced, credited = LEDGER[how]
    story = tell(operations=agreed(), finance=posting(how))
    story.approve(Work("ARM", 5))

    (journal,) = story.post_work()
    assert (journal.posted_count, balances(story)) == (3, posted)

    (draft,) = story.draft("TM")
    (invoice,) = story.invoice([draft])
    assert (invoice.net_amount, invoice.tax_amount) == (950, 95)
    assert balances(story) == invoiced

    (credit,) = story.correct(draft, DetailChange(quantity=Decimal(3)))
    assert (credit.net_amount, credit.tax_amount) == (-380, -38)
    assert balances(story) == credited

    (rest,) = story.draft("TM")
    (invoice,) = story.invoice([rest])
    assert invoice.net_amount == 380
    assert balances(story) == invoiced


@pytest.mark.parametrize("how", [NET, GROSS])
def test_a_full_credit_and_a_cancellation_leave_nothing(tell: Tell, how: str) -> None:
    story = tell(operations=agreed("7.5", "2.25"), finance=posting(how))
    entries = story.approve(Work("ARM", Decimal("3.33")))
    story.post_work()
    (draft,) = story.draft("TM")
    story.invoice([draft])

    story.correct(draft)
    story.cancel(entries)
    story.post_work()

    assert balances(story) == {}


def test_an_edited_draft_is_billed_with_the_discount_and_fee_of_what_it_says(tell: Tell) -> None:
    story = tell(operations=agreed(), finance=posting(GROSS))
    story.approve(Work("ARM", 5))
    story.post_work()
    (draft,) = story.draft("TM")
    story.edit(draft, DetailChange(quantity=Decimal(4), price=Decimal("210.10")))

    story.confirm([draft])
    story.import_()
    story.post_journals()
    run = story.import_()
    (invoice,) = story.post_proposals(run.ready_proposal_ids)
    story.deliver()

    # 840.40 less 84.04, plus 42.02; the fifth hour is written off, and has neither.
    assert invoice.net_amount == Decimal("798.38")
    assert balances(story) == money(
        a1100="878.22", a2100="-79.84", a4000="-840.40", a4010="-42.02", a4300="84.04"
    )


def test_a_fee_that_is_not_posted_holds_the_whole_proposal(tell: Tell) -> None:
    finance = posting(NET)
    defaults = finance.company[0].category_defaults
    without_fees = tuple(one for one in defaults if one.class_ != "fee")
    finance = FinanceSetup((replace(finance.company[0], category_defaults=without_fees),))
    story = tell(operations=agreed(), finance=finance)
    story.approve(Work("ARM", 5))
    story.post_work()
    (draft,) = story.draft("TM")
    story.confirm([draft])

    run = story.import_()
    shown = [(one.code, one.field, one.value) for one in run.refusals]

    assert run.ready_proposal_ids == ()
    assert ("ERR-I10", "fee", "2026-10-05 50.00 USD") in shown
    assert balances(story) == money(a1470="900", a4200="-900")
    story.holds()

    story.change_finance(category_defaults=defaults)
    story.import_()
    story.post_journals()
    (invoice,) = story.post_proposals(story.import_().ready_proposal_ids)
    story.deliver()

    assert invoice.net_amount == 950
    assert balances(story) == LEDGER[NET][1]


def test_a_discount_that_the_journal_took_off_is_not_posted_again(tell: Tell) -> None:
    story = tell(operations=agreed(), finance=posting(NET))
    story.approve(Work("ARM", 5))
    story.post_work()
    (draft,) = story.draft("TM")
    story.confirm([draft])
    run = story.import_()
    story.set_up_finance(posting(GROSS))

    story.post_proposals(run.ready_proposal_ids)
    story.deliver()

    assert balances(story) == LEDGER[NET][1]


def test_without_its_category_a_discount_on_its_own_is_refused(tell: Tell) -> None:
    story = tell(operations=agreed(), finance=posting(GROSS))
    story.approve(Work("ARM", 5))
    story.post_work()
    (draft,) = story.draft("TM")
    story.confirm([draft])
    run = story.import_()
    story.set_up_finance(posting(NET))

    with pytest.raises(Refused, match="ERR-J03"):
        story.post_proposals(run.ready_proposal_ids)


def test_work_without_charge_has_no_discount_and_no_fee(tell: Tell) -> None:
    story = tell(operations=agreed(), finance=posting(NET))
    story.approve(Work("ARM", 5, billable=False))

    assert story.in_operations("""
        SELECT trim_scale(amount) AS amount, trim_scale(discount_amount) AS discount,
            trim_scale(fee_amount) AS fee
        FROM operations.actual WHERE transaction_type = 'unbilled_sales'
    """) == [{"amount": Decimal(1000), "discount": Decimal(0), "fee": Decimal(0)}]


def test_another_currency_is_credited_at_the_rates_it_was_posted_with(tell: Tell) -> None:
    setup = operations_cast()
    lines = tuple(
        replace(one, discount_percent=Decimal("12.5"), fee_percent=Decimal("3.3"))
        if one.contract == "POUNDS"
        else one
        for one in setup.contract_lines
    )
    (company,) = posting(GROSS).company
    rates = [
        ExchangeRate(currency, on, Decimal(rate))
        for currency, on, rate in (
            ("GBP", date(2026, 1, 1), "131.37"), ("GBP", date(2026, 11, 1), "140.11"),
            ("EUR", date(2026, 1, 1), "108.53"), ("EUR", date(2026, 11, 1), "115.07"),
        )
    ]  # fmt: skip
    customers = (*TAXED, CustomerAccounting("NORTHWIND", "TAXED"))
    finance = FinanceSetup(
        (
            replace(
                company, reporting_currency="EUR", exchange_rates=tuple(rates), customers=customers
            ),
        )
    )
    story = tell(operations=replace(setup, contract_lines=lines), finance=finance)
    entries = story.approve(Work("ROLLOUT", Decimal("3.17")), Work("ROLLOUT", Decimal("0.01")))
    story.post_work()
    (draft,) = story.draft("POUNDS")
    story.invoice([draft])
    story.holds()

    story.correct(draft)
    story.cancel(entries)
    story.post_work()

    assert balances(story) == {}


def test_odd_hours_of_three_payers_have_one_discount_and_one_fee(tell: Tell) -> None:
    setup = agreed("3.33", "7.77")
    payers = tuple(
        LineCustomer("USPM", "TM", 1, account, Decimal(percent), account == "ADATUM", None)
        for account, percent in (("ADATUM", "33.34"), ("PARTNER", "33.33"), ("OTHER", "33.33"))
    )
    customers = tuple(
        replace(setup.customers[0], account=account, name=account)
        for account in ("PARTNER", "OTHER")
    )
    on_contract = tuple(
        ContractCustomer(
            "USPM", "TM", one.account, one.split_percent, one.is_rounding, None, None, None
        )
        for one in payers
    )
    setup = replace(
        setup,
        customers=(*setup.customers, *customers),
        contract_customers=(*setup.contract_customers, *on_contract),
        line_customers=(*setup.line_customers, *payers),
    )
    story = tell(operations=setup, finance=posting(NET))
    hours = [Decimal(text) for text in ("0.01", "0.07", "1.13", "7.77")]
    story.approve(*(Work("ARM", one) for one in hours))
    story.post_work()

    found = story.in_operations("""
        SELECT sum(quantity) AS quantity, sum(discount_amount) AS discount, sum(fee_amount) AS fee,
            sum(amount) AS amount
        FROM operations.actual WHERE transaction_type = 'unbilled_sales'
        GROUP BY entry_id ORDER BY entry_id
    """)

    cent = Decimal("0.01")
    assert [row["quantity"] for row in found] == hours
    for row in found:
        for name, percent in (("discount", "3.33"), ("fee", "7.77")):
            whole = row["amount"] * Decimal(percent) / 100
            assert row[name] == whole.quantize(cent, ROUND_HALF_UP)
    story.holds()
    assert len(story.invoice(story.draft("TM"))) == len(payers)


def test_a_contract_is_made_anew_with_the_percents_it_has_now(tell: Tell) -> None:
    story = tell(operations=agreed(), finance=posting(NET))
    story.approve(Work("ARM", 5), Work("ARM", 1))
    story.post_work()
    story.set_up_operations(agreed("20", "0"))

    with story.books.operations.transaction() as transaction:
        done = re_evaluate_contract(
            transaction, company=story.company, number="TM", actor="manager", at=NOW
        )
    story.post_work()

    assert done.made is not None
    assert done.made.entry_count == 2
    assert balances(story) == money(a1470="960", a4200="-960")


@pytest.mark.parametrize(
    ("limit", "state", "exceeds"),
    [("950", "committed", None), ("949.99", "failed", "contract_line")],
)
def test_a_limit_is_about_what_the_customer_pays(
    tell: Tell, limit: str, state: str, exceeds: str | None
) -> None:
    setup = agreed()
    lines = tuple(
        replace(one, not_to_exceed=Decimal(limit)) if one.contract == "TM" else one
        for one in setup.contract_lines
    )
    story = tell(operations=replace(setup, contract_lines=lines), finance=posting(NET))

    story.approve(Work("ARM", 5))

    assert story.in_operations(
        "SELECT not_to_exceed::text AS state, exceeds::text FROM operations.backlog_item"
    ) == [{"state": state, "exceeds": exceeds}]


def test_an_advance_is_applied_to_no_more_than_discount_and_fee_leave(tell: Tell) -> None:
    story = tell(operations=agreed(), finance=posting(GROSS))
    with story.books.operations.transaction() as transaction:
        add_retainers(
            transaction,
            company=story.company,
            contract_id=story.contract_id("TM"),
            customer=None,
            plan=RetainerPlan(Decimal(2000), date(2026, 10, 1), "Advance", number=1),
            actor="ann",
            at=NOW,
        )
    story.deliver()
    story.invoice(story.draft("TM"))
    story.approve(Work("ARM", 5))
    story.post_work()

    (invoice,) = story.invoice(story.draft("TM"))

    assert invoice.net_amount == 0
    used = story.in_operations("SELECT trim_scale(used_amount) AS used FROM operations.retainer")
    assert used == [{"used": Decimal(950)}]
