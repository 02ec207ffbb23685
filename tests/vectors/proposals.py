"""Worked cases of invoice proposals: what a preview shows, and which legs an invoice posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from tests.scenarios.support import Story, Work, finance_cast
from tests.support.clock import TODAY
from tests.vectors.case import CONTRACTS, Case, vector
from tests.vectors.staging import POUNDS, agreement, setup
from twofold.finance.setup.records import ProfileRule
from twofold.journey.preview_posting import preview_posting

# What the data file abbreviates.
TYPES: Final = {"accrued_revenue_sales_value": "accrued_revenue"}
METHODS: Final = {"TM": "time_and_material", "FP": "fixed_price"}
# Each bills milestones that nothing else bills.
MILESTONES_OF: Final = {"FP_NoWIP": "FIXED", "FP_CompC": "MIXED", "FP_CompP": "PERCENT"}
LEGS: Final = """
    SELECT
        CASE WHEN entry.accounting_amount > 0 THEN 'dr ' ELSE 'cr ' END
        || entry.posting_type::text AS leg
    FROM finance.ledger_entry AS entry
    LEFT JOIN finance.project_transaction AS posted USING (company, voucher)
    LEFT JOIN finance.staged_actual AS actual USING (company, actual_id)
    WHERE entry.voucher <> ALL(%s) AND coalesce(actual.class::text, 'invoice') = %s
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


@vector("AC-04", not_built=("post_estimate", "eliminate"))
def legs_by_profile(case: Case) -> None:
    # Each profile posts its own legs for an hour, an expense and an invoice. Estimates of fixed
    # price are recognised and eliminated outside the invoice flow (spec P40).
    story = case.story()
    for profile in case.given["profiles"]:
        method = METHODS[profile.partition("_")[0]]
        project, contract = "ARM", CONTRACTS["tm"]
        if method == "fixed_price":
            project, contract = "CELL", MILESTONES_OF[profile]
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
    story.holds()


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
