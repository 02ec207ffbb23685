"""Contracts in a foreign currency: the agreed rate, the company's rate, and a missing one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.support import Story, Work, finance_changed, operations_cast
from twofold.finance.setup.records import (
    CustomerAccounting,
    ExchangeRate,
    FixedRateAgreement,
    NumberSequence,
)

JANUARY = date(2026, 1, 1)
AGREED = FixedRateAgreement("POUNDS", "GBP", Decimal(125))


@pytest.mark.parametrize(("agreements", "rate"), [((AGREED,), Decimal(125)), ((), Decimal(131))])
def test_sales_use_the_agreement_or_the_companys_rate(
    tell: Tell, agreements: tuple[FixedRateAgreement, ...], rate: Decimal
) -> None:
    story = tell(finance=finance_changed(fixed_rate_agreements=agreements))
    story.approve(Work("ROLLOUT", 8))
    story.post_work()
    dollars = 2000 * rate / 100
    assert story.ledger() == {
        "cost": 800, "payroll_allocation": -800,
        "wip_sales_value": dollars, "accrued_revenue": -dollars,
    }  # fmt: skip

    (invoice,) = story.invoice(story.draft("POUNDS"))

    assert (invoice.currency, invoice.net_amount) == ("GBP", 2000)
    assert story.ledger(invoice.voucher) == {
        "customer_balance": dollars, "invoiced_revenue": -dollars,
        "wip_sales_value": -dollars, "accrued_revenue": dollars,
    }  # fmt: skip
    (bill,) = story.in_operations(
        "SELECT detail.accounting_amount, detail.exchange_rate"
        " FROM operations.actual_accounting AS detail"
        " JOIN operations.actual USING (company, actual_id)"
        " WHERE actual.transaction_type = 'billed_sales'"
    )
    assert (bill["accounting_amount"], bill["exchange_rate"]) == (dollars, rate)


def test_an_accrual_is_reversed_at_its_own_rate(tell: Tell) -> None:
    rates = (
        ExchangeRate("GBP", JANUARY, Decimal(131)),
        ExchangeRate("GBP", date(2026, 11, 1), Decimal(140)),
    )
    story = tell(finance=finance_changed(exchange_rates=rates))
    story.approve(Work("ROLLOUT", 8, on=date(2026, 10, 5)))
    story.post_work()

    (invoice,) = story.invoice(story.draft("POUNDS"))

    # The work was done in October at 131, the invoice is of November at 140.
    assert story.ledger(invoice.voucher) == {
        "customer_balance": 2800, "invoiced_revenue": -2800,
        "wip_sales_value": -2620, "accrued_revenue": 2620,
    }  # fmt: skip
    assert "wip_sales_value" not in story.ledger()


def test_a_missing_rate_holds_back_its_row_and_says_so(tell: Tell) -> None:
    story = tell(finance=finance_changed(exchange_rates=()))
    story.approve(Work("ROLLOUT", 8), Work("ARM", 8))
    story.deliver()

    run = story.import_()

    (held,) = run.refusals
    assert (held.code, held.field, held.value) == ("ERR-I04", "exchange_rate", "GBP 2026-10-05")
    assert (run.line_count, run.held_count) == (3, 1)
    story.post_journals()
    story.deliver()
    drafts = story.draft("TM", "POUNDS")
    story.confirm(drafts)
    run = story.import_()
    # The other contract's invoice goes on; this one waits for its sale.
    assert len(run.ready_proposal_ids) == 1
    assert {refusal.code for refusal in run.refusals} == {"ERR-I04", "ERR-I01"}
    story.post_proposals(run.ready_proposal_ids)
    story.holds()

    story.change_finance(exchange_rates=(ExchangeRate("GBP", JANUARY, Decimal(131)),))
    run = story.import_()
    assert (run.line_count, run.held_count) == (1, 0)
    story.post_journals()
    run = story.import_()
    (invoice,) = story.post_proposals(run.ready_proposal_ids)
    story.deliver()

    assert (invoice.currency, invoice.net_amount) == ("GBP", 2000)
    assert run.refusals == ()


def test_a_currency_without_cents_is_rounded_to_whole_units(tell: Tell) -> None:
    setup = operations_cast()
    operations = replace(
        setup,
        contracts=tuple(
            replace(one, currency="JPY") if one.number == "POUNDS" else one
            for one in setup.contracts
        ),
        price_lists=tuple(
            replace(one, currency="JPY") if one.name == "Pounds" else one
            for one in setup.price_lists
        ),
        role_prices=tuple(
            replace(one, price=Decimal("333.5")) if one.price_list == "Pounds" else one
            for one in setup.role_prices
        ),
    )
    rates = (ExchangeRate("JPY", JANUARY, Decimal("0.655")),)
    finance = finance_changed(
        exchange_rates=rates,
        customers=(CustomerAccounting("NORTHWIND", tax_group="TAXED"),),
    )
    story = tell(operations=operations, finance=finance)
    story.approve(Work("ROLLOUT"), Work("ROLLOUT", 3))
    story.post_work()

    (invoice,) = story.invoice(story.draft("POUNDS"))

    # 333.5 becomes 334 and 1000.5 becomes 1001; ten percent of each is 33 and 100.
    assert (invoice.net_amount, invoice.tax_amount) == (1335, 133)
    # 334 and 1001 at 0.655 for a hundred are 2.19 and 6.56.
    assert story.ledger(invoice.voucher)["invoiced_revenue"] == Decimal("-8.75")


def test_vouchers_balance_in_the_reporting_currency_too(tell: Tell) -> None:
    rates = (
        ExchangeRate("GBP", JANUARY, Decimal(131)),
        ExchangeRate("EUR", JANUARY, Decimal("117.25")),
    )
    story = tell(finance=finance_changed(exchange_rates=rates, reporting_currency="EUR"))
    story.approve(*(Work("ROLLOUT", Decimal(tenths) / 10) for tenths in range(1, 40)))
    story.post_work()

    story.invoice(story.draft("POUNDS"))

    unbalanced = story.in_finance(
        "SELECT voucher FROM finance.ledger_entry GROUP BY voucher"
        " HAVING sum(reporting_amount) <> 0 OR sum(accounting_amount) <> 0"
    )
    assert unbalanced == []


def test_numbers_are_drawn_without_gaps_whoever_posts_first(story: Story) -> None:
    sequence = next(
        one for one in story.company_setup.number_sequences if one.reference == "customer_invoice"
    )
    assert sequence == NumberSequence("customer_invoice", "INV", 5, 7001)
    story.approve(Work("ARM"), Work("UPGRADE"), Work("ROLLOUT"))
    story.post_work()

    invoices = story.invoice(story.draft("TM", "MIXED", "POUNDS"))

    assert sorted(one.invoice_number for one in invoices) == ["INV07001", "INV07002", "INV07003"]
