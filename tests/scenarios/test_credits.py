"""Corrections through both books: a posted credit, and the work that is open again.

The work is of October, at 131 dollars for 100 pounds; its invoice is of 2 November, at 140 and
10 % tax; the corrections are of 12 November, at 150 and 12 % tax. The reporting currency is euro.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.support import Story, Work, finance_changed
from tests.support.clock import TODAY
from twofold.finance.posting.invoices import PostedInvoice
from twofold.finance.setup.records import (
    CustomerAccounting,
    ExchangeRate,
    PostingRule,
    ProfileRule,
    TaxCode,
    TaxRate,
)
from twofold.journey.trace import trace
from twofold.operations.proforma.edit_details import DetailChange

JANUARY: Final = date(2026, 1, 1)
NOVEMBER: Final = date(2026, 11, 1)
LATER: Final = date(2026, 11, 12)
RATES: Final = (
    ExchangeRate("GBP", JANUARY, Decimal(131)),
    ExchangeRate("GBP", NOVEMBER, Decimal(140)),
    ExchangeRate("GBP", LATER, Decimal(150)),
    ExchangeRate("EUR", JANUARY, Decimal("108.5")),
    ExchangeRate("EUR", NOVEMBER, Decimal(115)),
    ExchangeRate("EUR", LATER, Decimal("117.3")),
)
TAX: Final = TaxCode(
    "TAX", "Sales tax", "2100", (TaxRate(JANUARY, Decimal(10)), TaxRate(LATER, Decimal(12)))
)
SETUP: Final[dict[str, Any]] = {
    "reporting_currency": "EUR",
    "exchange_rates": RATES,
    "tax_codes": (TAX,),
    "customers": (
        CustomerAccounting("ADATUM", "TAXED"),
        CustomerAccounting("NORTHWIND", "TAXED"),
    ),
}


@pytest.fixture
def taxed(tell: Tell) -> Story:
    """Give a story in three currencies, whose rates and taxes change between the invoices."""
    return tell(finance=finance_changed(**SETUP))


def invoiced(story: Story, contract: str, *work: Work) -> tuple[int, PostedInvoice]:
    """Give a posted invoice over work, and its proforma."""
    if work:
        story.approve(*work)
    story.post_work()
    (draft,) = story.draft(contract)
    (invoice,) = story.invoice([draft])
    return draft, invoice


def balances(story: Story) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """Add up what the ledger keeps open by posting type, without costs: in three currencies."""
    found = story.in_finance("""
        SELECT posting_type::text, trim_scale(sum(transaction_amount)) AS transaction,
            trim_scale(sum(accounting_amount)) AS accounting,
            trim_scale(sum(reporting_amount)) AS reporting
        FROM finance.ledger_entry
        WHERE posting_type NOT IN ('cost', 'payroll_allocation', 'expense_offset', 'cost_item')
        GROUP BY posting_type
    """)
    return {
        row["posting_type"]: (row["transaction"], row["accounting"], row["reporting"])
        for row in found
        if (row["transaction"], row["accounting"], row["reporting"]) != (0, 0, 0)
    }


def money(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


# What was invoiced is 2,000 pounds: change, total of the credit, and what is left in the ledger.
CASES: Final = {
    "nothing": (
        DetailChange(),
        "-2200",
        {
            "wip_sales_value": ("2000", "3000", "2557.54"),
            "accrued_revenue": ("-2000", "-3000", "-2557.54"),
        },
    ),
    "less": (
        DetailChange(quantity=Decimal(6)),
        "-520",
        {
            "customer_balance": ("1680", "2520", "2148.34"),
            "invoiced_revenue": ("-1500", "-2250", "-1918.16"),
            "sales_tax_payable": ("-180", "-270", "-230.18"),
            "wip_sales_value": ("500", "750", "639.39"),
            "accrued_revenue": ("-500", "-750", "-639.39"),
        },
    ),
    "more": (
        DetailChange(quantity=Decimal(10)),
        "600",
        {
            "customer_balance": ("2800", "4200", "3580.56"),
            "invoiced_revenue": ("-2500", "-3750", "-3196.93"),
            "sales_tax_payable": ("-300", "-450", "-383.63"),
        },
    ),
    "another price": (
        DetailChange(quantity=Decimal(8), price=Decimal(200)),
        "-408",
        {
            "customer_balance": ("1792", "2688", "2291.56"),
            "invoiced_revenue": ("-1600", "-2400", "-2046.04"),
            "sales_tax_payable": ("-192", "-288", "-245.52"),
        },
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_correction_leaves_in_three_currencies_what_is_right(taxed: Story, case: str) -> None:
    change, total, left = CASES[case]
    proforma, invoice = invoiced(taxed, "POUNDS", Work("ROLLOUT", 8))
    before = taxed.in_finance("SELECT * FROM finance.ledger_entry ORDER BY voucher, entry_number")

    (credit,) = taxed.correct(proforma, change, on=LATER)

    assert (invoice.invoice_number, credit.invoice_number) == ("INV07001", "INV07002")
    assert (invoice.total_amount, credit.total_amount) == (2200, Decimal(total))
    assert (credit.invoice_date, credit.due_date) == (LATER, date(2026, 12, 12))
    assert balances(taxed) == {name: money(*amounts) for name, amounts in left.items()}
    after = taxed.in_finance("SELECT * FROM finance.ledger_entry ORDER BY voucher, entry_number")
    assert [row for row in after if row in before] == before


@pytest.mark.parametrize("case", CASES)
def test_when_the_rest_is_invoiced_no_work_is_in_progress(taxed: Story, case: str) -> None:
    change, _, left = CASES[case]
    proforma, _ = invoiced(taxed, "POUNDS", Work("ROLLOUT", 8))
    taxed.correct(proforma, change, on=LATER)

    if "wip_sales_value" in left:
        taxed.invoice(taxed.draft("POUNDS"))

    assert not {"wip_sales_value", "accrued_revenue"} & taxed.ledger().keys()
    (told,) = taxed.in_operations(
        "SELECT count(*) AS bills, count(detail.voucher) AS vouchers FROM operations.actual"
        " LEFT JOIN operations.actual_accounting AS detail USING (company, actual_id)"
        " WHERE transaction_type = 'billed_sales'"
    )
    assert told["bills"] == told["vouchers"]


def test_eight_hours_less_three_and_a_half_and_one_more_are_billed_once(story: Story) -> None:
    # 8 h invoiced, 3.5 h credited, 1 h more worked: the next invoice is over exactly 4.5 h.
    proforma, invoice = invoiced(story, "TM", Work("ARM", 8))
    (credit,) = story.correct(proforma, DetailChange(quantity=Decimal("4.5")))
    story.approve(Work("ARM", 1))
    story.post_work()

    (following,) = story.invoice(story.draft("TM"))

    assert [one.net_amount for one in (invoice, credit, following)] == [1600, -700, 900]
    (hours,) = story.in_finance(
        "SELECT sum(quantity) AS billed FROM finance.staged_actual"
        " JOIN finance.invoice_line USING (company, actual_id)"
    )
    assert hours["billed"] == 9
    assert story.ledger() == {
        "cost": 900, "payroll_allocation": -900,
        "customer_balance": 1800, "invoiced_revenue": -1800,
    }  # fmt: skip


@pytest.mark.parametrize(
    "work",
    [
        (Work("ARM", cls="expense", category="Travel", unit_price=50),),
        (Work("ARM", 2, cls="fee", category="Licence fee"),),
        (Work("ARM", 3, cls="material", category="Servo motor", unit_price=40),),
        (Work("ARM", cls="expense", category="Travel", unit_price=-30),),
        (Work("ARM", 3, cls="material", category="Gift", unit_price=7), Work("ARM", 8)),
    ],
    ids=["expense", "fee", "material", "refund", "gift"],
)
def test_every_kind_of_work_is_credited_and_billed_again(
    taxed: Story, work: tuple[Work, ...]
) -> None:
    proforma, invoice = invoiced(taxed, "TM", *work)

    (credit,) = taxed.correct(proforma)
    assert credit.total_amount == -invoice.total_amount
    assert not {"customer_balance", "invoiced_revenue", "sales_tax_payable"} & taxed.ledger().keys()

    (again,) = taxed.invoice(taxed.draft("TM"))
    assert again.total_amount == invoice.total_amount
    assert "wip_sales_value" not in taxed.ledger()


def test_a_correction_can_be_corrected(taxed: Story) -> None:
    proforma, _ = invoiced(taxed, "POUNDS", Work("ROLLOUT", 8))
    first = taxed.revise(proforma, DetailChange(quantity=Decimal(6)))
    taxed.confirm([first], on=LATER)
    taxed.post_work()
    (note,) = taxed.post_proposals(taxed.import_().ready_proposal_ids)
    taxed.deliver()
    (journey,) = trace(taxed.system, number=note.invoice_number, companies=("USPM",))
    start = journey.stations[0]
    assert (start.name, start.note) == ("corrections", "of USPM-PF-000001")
    assert all(one.reached for one in journey.stations)

    (second,) = taxed.correct(first, DetailChange(quantity=Decimal(5)), on=LATER)

    assert second.net_amount == -250
    assert balances(taxed)["invoiced_revenue"][0] == -1250
    assert balances(taxed)["wip_sales_value"][0] == 750
    taxed.invoice(taxed.draft("POUNDS"))
    assert "wip_sales_value" not in taxed.ledger()


def test_a_credit_is_posted_as_its_original_whatever_the_setup_says_by_then(tell: Tell) -> None:
    story = tell(finance=finance_changed(**SETUP))
    proforma, invoice = invoiced(story, "POUNDS", Work("ROLLOUT", 8))
    setup = story.company_setup
    story.change_finance(
        tax_codes=(
            TaxCode(
                "TAX",
                "Sales tax",
                "2450",
                (TaxRate(JANUARY, Decimal(10)), TaxRate(LATER, Decimal(25))),
            ),
        ),
        exchange_rates=(ExchangeRate("GBP", NOVEMBER, Decimal(99)), *RATES[2:4], *RATES[5:]),
        posting_setup=(
            *setup.posting_setup,
            PostingRule("invoiced_revenue", "4100", category_number="LABOUR"),
        ),
        profile_rules=(
            ProfileRule("time_and_material", "TM_NoWIP"),
            *(one for one in setup.profile_rules if one.billing_method == "fixed_price"),
        ),
    )

    (credit,) = story.correct(proforma, on=LATER)

    def entries(voucher: str) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
        return {
            row["account"]: (row["transaction"], row["accounting"], row["reporting"])
            for row in story.in_finance(
                "SELECT account, transaction_amount AS transaction,"
                " accounting_amount AS accounting, reporting_amount AS reporting"
                " FROM finance.ledger_entry WHERE voucher = %s"
                " AND posting_type NOT IN ('wip_sales_value', 'accrued_revenue')",
                voucher,
            )
        }

    original = entries(invoice.voucher)
    assert original["4000"] == money("-2000", "-2800", "-2434.78")
    assert entries(credit.voucher) == {
        account: tuple(-amount for amount in amounts) for account, amounts in original.items()
    }


def test_a_credit_waits_for_the_invoice_it_corrects_and_goes_on_by_itself(story: Story) -> None:
    story.approve(Work("ARM", 8))
    story.post_work()
    (proforma,) = story.draft("TM")
    story.confirm([proforma])
    (ready,) = story.import_().ready_proposal_ids
    story.confirm([story.revise(proforma)])
    story.post_work()

    waiting = story.import_()
    (problem,) = waiting.refusals
    number = story.in_finance("SELECT number FROM finance.proposal ORDER BY proposal_id")[0]
    assert (problem.code, problem.field, problem.value) == (
        "ERR-I01", "corrects_number", number["number"],
    )  # fmt: skip
    assert number["number"] in problem.reason
    story.holds()

    story.post_proposals([ready])
    (credit,) = story.post_proposals(story.import_().ready_proposal_ids)
    story.deliver()
    assert credit.net_amount == -1600


def test_a_credit_waits_until_the_work_is_open_again(story: Story) -> None:
    proforma, _ = invoiced(story, "TM", Work("ARM", 8))
    story.confirm([story.revise(proforma, DetailChange(quantity=Decimal(6)))])

    waiting = story.import_()

    (problem,) = waiting.refusals
    assert (problem.code, problem.field, problem.value) == ("ERR-I01", "unbilled_sales", "2 rows")
    assert "together 1600" in problem.reason
    story.post_journals()
    (credit,) = story.post_proposals(story.import_().ready_proposal_ids)
    story.deliver()
    assert credit.net_amount == -400
    assert story.import_().waiting_proposal_count == 0


def test_a_credited_milestone_is_open_again(taxed: Story) -> None:
    proforma, invoice = invoiced(taxed, "FIXED")

    def state() -> str:
        (row,) = taxed.in_finance(
            "SELECT state FROM finance.on_account_status"
            " JOIN finance.on_account_transaction USING (company, milestone_id)"
            " WHERE description = 'Cell accepted'"
        )
        return row["state"]

    assert state() == "invoiced"
    taxed.confirm([taxed.revise(proforma)], on=LATER)
    (again,) = taxed.draft("FIXED")
    taxed.confirm([again], on=LATER)

    run = taxed.import_()
    assert [(one.code, one.field) for one in run.refusals] == [("ERR-F03", "on_account")]
    (credit,) = taxed.post_proposals(run.ready_proposal_ids)
    assert (credit.net_amount, credit.total_amount) == (-5000, -5500)
    assert (taxed.ledger(), state()) == ({}, "open")

    (rebilled,) = taxed.post_proposals(taxed.import_().ready_proposal_ids)
    taxed.deliver()
    assert (rebilled.total_amount, state()) == (5600, "invoiced")
    assert invoice.total_amount == 5500
    taxed.correct(again)
    assert state() == "open"


@pytest.mark.parametrize("contract", ["FIXED", "PERCENT"])
def test_a_milestone_leaves_the_account_it_went_to(taxed: Story, contract: str) -> None:
    proforma, _ = invoiced(taxed, contract)

    taxed.correct(proforma)

    assert taxed.ledger() == {}


def test_credits_and_bills_of_one_correction_are_one_invoice(taxed: Story) -> None:
    proforma, invoice = invoiced(
        taxed, "TM", Work("ARM", 8), Work("ARM", cls="expense", category="Travel", unit_price=50)
    )
    draft = taxed.revise(proforma)
    details = {
        row["class"]: row["proforma_detail_id"]
        for row in taxed.in_operations(
            "SELECT class::text, proforma_detail_id FROM operations.proforma_detail"
            " WHERE proforma_id = %s",
            draft,
        )
    }
    taxed.edit(
        draft,
        DetailChange(details["time"], quantity=Decimal(9)),
        DetailChange(details["expense"], quantity=Decimal(1)),
    )
    taxed.confirm([draft], on=LATER)
    taxed.post_work()

    (credit,) = taxed.post_proposals(taxed.import_().ready_proposal_ids)
    taxed.deliver()

    assert invoice.total_amount == Decimal("1815")
    assert (credit.net_amount, credit.tax_amount) == (200, Decimal("57"))
    rates = taxed.in_finance(
        "SELECT rate, base_amount FROM finance.tax_transaction WHERE voucher = %s ORDER BY rate",
        credit.voucher,
    )
    assert [(row["rate"], row["base_amount"]) for row in rates] == [(10, -1650), (12, 1850)]
    assert TODAY < LATER
