"""What must hold of cost and revenue profiles, and of the rules that choose and use them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from twofold.finance.setup.records import (
    CompanySetup,
    PostingRule,
    ProfileRule,
    RevenueProfile,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


def profile_problems(setup: CompanySetup, known_methods: Mapping[str, str]) -> Iterator[Refusal]:
    """Give what contradicts itself; ``known_methods`` are the billing methods of known profiles."""
    for profile in setup.revenue_profiles:
        record = f"{setup.code}/revenue_profiles/{profile.profile}"
        for field, value, reason in _contradictions(profile):
            yield refuse("ERR-A33", record, field=field, value=value, reason=reason)
    yield from _templates(setup)
    methods = {**known_methods, **{p.profile: p.billing_method for p in setup.revenue_profiles}}
    for number, rule in enumerate(setup.profile_rules, start=1):
        record = f"{setup.code}/profile_rules {number} ({rule.profile})"
        method = methods.get(rule.profile, rule.billing_method)
        if method != rule.billing_method:
            reason = f"The profile is for {method}, the rule is for {rule.billing_method}."
            yield refuse("ERR-A33", record, field="profile", value=rule.profile, reason=reason)
        yield from _more_than_one(
            record, rule, "project_number", "project_group", "contract_number"
        )
    for number, row in enumerate(setup.posting_setup, start=1):
        record = f"{setup.code}/posting_setup {number} ({row.posting_type})"
        yield from _more_than_one(record, row, "project_number", "project_group")
        yield from _more_than_one(record, row, "category_number", "category_group")
        if (row.contract_number is None) != (row.payer is None):
            reason = "A funding source is a contract and the customer who pays."
            value = row.contract_number or row.payer or ""
            yield refuse(
                "ERR-A33", record, field="contract_number, payer", value=value, reason=reason
            )


def _templates(setup: CompanySetup) -> Iterator[Refusal]:
    """Refuse templates in which a cost belongs to two lines."""
    for template in setup.cost_templates:
        parts = [
            (line.class_, category)
            for line in template.lines
            for category in line.categories or ("",)
        ]
        for class_, category in sorted({part for part in parts if parts.count(part) > 1}):
            record = f"{setup.code}/cost_templates/{template.template}"
            reason = "Two lines of the template take the same costs."
            value = f"{class_} {category}".strip()
            yield refuse("ERR-A33", record, field="lines", value=value, reason=reason)


def _contradictions(profile: RevenueProfile) -> Iterator[tuple[str, str, str]]:
    accruals = (
        ("accrues_hours", profile.accrues_hours, profile.hour_costs),
        ("accrues_expenses", profile.accrues_expenses, profile.expense_costs),
        ("accrues_items", profile.accrues_items, profile.item_costs),
        ("accrues_fees", profile.accrues_fees, "profit_and_loss"),
    )
    fixed = profile.billing_method == "fixed_price"
    for field, accrues, costs in accruals:
        if accrues and fixed:
            yield field, "true", "A fixed-price profile accrues no revenue per transaction."
        elif accrues and costs != "profit_and_loss":
            yield field, "true", "Revenue is accrued only where the cost posts to profit and loss."
    if fixed and profile.completion == "none":
        yield "completion", "none", "A fixed-price profile names a principle for completion."
    if not fixed and profile.completion != "none":
        yield "completion", profile.completion, "Only a fixed-price profile has estimates."
    if not fixed and profile.matching != "none":
        yield "matching", profile.matching, "Only a fixed-price profile has estimates."
    yield from _estimates(profile)
    if profile.completion == "no_wip" and profile.on_account != "profit_and_loss":
        yield (
            "on_account",
            profile.on_account,
            "No WIP posts invoices on account to profit and loss.",
        )


def _estimates(profile: RevenueProfile) -> Iterator[tuple[str, str, str]]:
    """Only fixed price is estimated, and only the sales value is matched with a category."""
    estimates = (
        ("template", profile.template),
        ("period", profile.period),
        ("sales_value_category", profile.sales_value_category),
    )
    for field, value in estimates:
        if value is not None and profile.billing_method != "fixed_price":
            yield field, value, "Only a fixed-price profile has estimates."
        elif (
            value is not None
            and field == "sales_value_category"
            and profile.matching
            not in {
                "sales_value",
                "production_and_profit",
            }
        ):
            yield field, value, "Only the sales value is matched with a category."


def _more_than_one(record: str, row: ProfileRule | PostingRule, *fields: str) -> Iterator[Refusal]:
    named = [field for field in fields if getattr(row, field) is not None]
    if len(named) > 1:
        value = ", ".join(str(getattr(row, field)) for field in named)
        reason = "A rule names one of these at most."
        yield refuse("ERR-A33", record, field=", ".join(named), value=value, reason=reason)
