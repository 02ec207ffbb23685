"""Worked cases of invoice proposals: what a preview shows, and which legs an invoice posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from tests.scenarios.support import Story, Work, finance_cast, operations_cast
from tests.support.clock import NOW, TODAY
from tests.vectors.case import CONTRACTS, Case, vector
from tests.vectors.staging import POUNDS, agreement, setup
from twofold.finance.estimates.create import create_estimates
from twofold.finance.estimates.eliminate import eliminate_estimates
from twofold.finance.estimates.post import post_estimates
from twofold.finance.setup.records import ProfileRule
from twofold.journey.preview_posting import preview_posting
from twofold.operations.setup.records import OperationsSetup

# What the data file abbreviates.
TYPES: Final = {"accrued_revenue_sales_value": "accrued_revenue"}
METHODS: Final = {"TM": "time_and_material", "FP": "fixed_price"}
# A project and its contract for each, so that nothing else bills its milestones.
FIXED_PRICES: Final = {
    "FP_NoWIP": ("CELL", "FIXED"),
    "FP_CompC": ("UPGRADE", "MIXED"),
    "FP_CompP": ("TRAIN", "PERCENT"),
}
LEGS: Final = """
    SELECT
        CASE WHEN entry.accounting_amount > 0 THEN 'dr ' ELSE 'cr ' END
        || entry.posting_type::text AS leg
    FROM finance.ledger_entry AS entry
    LEFT JOIN finance.project_transaction AS posted USING (company, voucher)
    LEFT JOIN finance.staged_actual AS actual USING (company, actual_id)
    WHERE entry.voucher <> ALL(%s) AND coalesce(actual.class::text, 'invoice') = %s
"""
POSTED: Final = """
    SELECT CASE WHEN accounting_amount > 0 THEN 'dr ' ELSE 'cr ' END || posting_type::text AS leg
    FROM finance.ledger_entry WHERE voucher = %s
"""


@vector("FX-01")
def previewed_at_the_agreed_rate(case: Case) -> None:
    # The preview shows the revenue in the currency of the contract, and at the agreed rate per 100
    # units in that of the company: dollars, where the article's picture says pounds.
    given, wanted = case.given, case.expect
    assert given["rate_quoted_per_100"] == given["agreement_rate"] * 100
    story = case.story(
        bill=given["price"],
        finance=setup(fixed_rate_agreements=agreement(given["rate_quoted_per_100"])),
    )
    story.approve(Work("ROLLOUT", given["hours"], on=date(TODAY.year, 8, 27)))
    story.post_work()
    story.confirm(story.draft(POUNDS))
    (proposal_id,) = story.import_().ready_proposal_ids

    preview = preview_posting(
        story.system, company=story.company, proposal_id=proposal_id, invoice_date=None,
        actor="clerk", limit=10,
    )  # fmt: skip

    named = {"project-invoiced-revenue": "invoiced_revenue"}
    (revenue,) = [
        one for one in preview.entries if one.posting_type == named[wanted["posting_type"]]
    ]
    assert -revenue.transaction_amount == wanted["amount_cur"]
    assert -revenue.accounting_amount == wanted["amount_acct"]
    assert revenue.currency == given["sales_currency"]
    assert story.company_setup.accounting_currency == wanted["acct_currency"]
    assert not story.in_finance("SELECT FROM finance.customer_invoice")
    story.holds()


@vector("AC-04")
def legs_by_profile(case: Case) -> None:
    # Each profile posts its own legs for an hour, an expense and an invoice; some recognise revenue
    # or cost by estimates, and eliminate them in the end.
    story = case.story(operations=fixed_prices_apart())
    for profile in case.given["profiles"]:
        method = METHODS[profile.partition("_")[0]]
        project, contract = "ARM", CONTRACTS["tm"]
        if method == "fixed_price":
            project, contract = FIXED_PRICES[profile]
        use(story, method, profile)
        before = [row["voucher"] for row in vouchers(story)]
        story.approve(Work(project), Work(project, cls="expense", category="Travel", unit_price=50))
        story.post_work()
        story.ready(contract_id=story.contract_id(contract))
        story.invoice([one.proforma_id for one in story.create(contract).proformas])

        for event, cls in (
            ("time_journal", "time"), ("expense_journal", "expense"), ("invoice", "invoice"),
        ):  # fmt: skip
            found = {row["leg"] for row in story.in_finance(LEGS, before, cls)}
            assert found == legs(case.expect[event][profile]), (event, profile)

        number = f"{contract}/1"
        estimated = estimate(story, *([number] if method == "fixed_price" else []))
        eliminated = eliminate(story)
        for event, posted in (("post_estimate", estimated), ("eliminate", eliminated)):
            found = {row["leg"] for row in story.in_finance(POSTED, posted.get(number, ""))}
            assert found == legs(case.expect[event][profile] or []), (event, profile)
    story.holds()


def fixed_prices_apart() -> OperationsSetup:
    """Give the cast's setup, each fixed price with hours and expenses of its project to itself."""
    setup = operations_cast()
    return replace(
        setup,
        contract_lines=tuple(
            replace(one, classes=("time", "expense"))
            if one.billing_method == "fixed_price"
            else one
            for one in setup.contract_lines
            if (one.contract, one.line_number) != ("MIXED", 2)
        ),
        milestones=tuple(replace(one, milestone_date=TODAY) for one in setup.milestones),
    )


def estimate(story: Story, *complete: str) -> dict[str, str]:
    """Create and post the estimates of the month; give the vouchers by estimate project."""
    with story.books.finance.transaction() as transaction:
        create_estimates(
            transaction, company=story.company, period="EstMonth", day=TODAY, complete=complete,
            actor="accountant", at=NOW,
        )  # fmt: skip
        done = post_estimates(transaction, company=story.company, actor="accountant", at=NOW)
    assert not done.declined
    return {one.number: one.voucher for one in done.posted}


def eliminate(story: Story) -> dict[str, str]:
    """Eliminate what is complete; give the vouchers by estimate project."""
    with story.books.finance.transaction() as transaction:
        done = eliminate_estimates(
            transaction, company=story.company, day=date(TODAY.year, 11, 30), actor="accountant",
            at=NOW,
        )  # fmt: skip
    assert not done.declined
    return {one.number: one.voucher for one in done.eliminated}


def use(story: Story, method: str, profile: str) -> None:
    """Have every contract of this billing method posted by this profile."""
    rules = [one for one in finance_cast().company[0].profile_rules if one.billing_method != method]
    named = [
        replace(one, profile=profile)
        for one in finance_cast().company[0].profile_rules
        if one.billing_method == method
    ]
    story.change_finance(profile_rules=(*rules, *named))
    assert ProfileRule(method, profile) in named  # pyright: ignore[reportArgumentType]


def vouchers(story: Story) -> list[dict[str, str]]:
    return story.in_finance("SELECT DISTINCT voucher FROM finance.ledger_entry")


def legs(wanted: list[str]) -> set[str]:
    """Give the legs in the words of the ledger."""
    sides = (leg.split() for leg in wanted)
    return {f"{side} {TYPES.get(name, name)}" for side, name in sides}
