"""Worked cases of setup: what may be saved, and when an invoice is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from tests.scenarios.support import Story, Work, finance_cast, operations_cast
from tests.vectors.case import CONTRACTS, Case, vector
from twofold.finance.posting.reads import list_invoices
from twofold.finance.setup.categories import list_shared_categories
from twofold.finance.setup.records import (
    CategoryDefault,
    FinanceSetup,
    FiscalYear,
    ProjectCategory,
)
from twofold.kernel.calendar import due_date
from twofold.kernel.errors import Refused

EXAMPLES: Final = Path(__file__).parents[2] / "examples"


@vector("CP-01")
def currency_guard(case: Case) -> None:
    # A contract's unit keeps its company's currency.
    setup = operations_cast()
    finance = finance_cast()
    assert finance.company[0].accounting_currency == case.given["company_currency"]
    units = tuple(replace(one, currency=case.given["unit_currency"]) for one in setup.units)

    with pytest.raises(Refused) as refused:
        case.story(operations=replace(setup, units=units), finance=finance)

    assert set(refused.value.codes) == {case.expect["error"]}


@vector("AC-05")
def sample_profiles(case: Case) -> None:
    # The profiles of the example setup are the sample profiles.
    story = Story(case.books, finance=finance_cast(EXAMPLES / "finance.toml"))

    found = story.in_finance(
        "SELECT profile, billing_method::text, hour_costs::text, expense_costs::text,"
        " item_costs::text, on_account::text, accrues_hours, accrues_expenses, accrues_items,"
        " accrues_fees, completion::text, matching::text, template, period, sales_value_category"
        " FROM finance.revenue_profile WHERE company = %s",
        story.company,
    )

    methods = {"time_and_material": "tm", "fixed_price": "fixed"}
    short = {"profit_and_loss": "pl", "balance": "balance"}
    profiles = {
        row["profile"]: {
            "method": methods[row["billing_method"]],
            "post_cost": [short[row[f"{kind}_costs"]] for kind in ("hour", "expense", "item")],
            "on_account": short[row["on_account"]],
            "accrue": [row[f"accrues_{kind}"] for kind in ("hours", "expenses", "items", "fees")],
            "principle": row["completion"],
            "matching": row["matching"],
            **{
                key: row[key]
                for key in ("template", "period", "sales_value_category")
                if row[key] is not None
            },
        }
        for row in found
    }
    assert profiles == case.expect


@vector("CT-01")
def shared_categories(case: Case) -> None:
    # One transaction category becomes a shared category per kind, with the kind in its number.
    number, name = case.given["id"], case.given["category"]
    setup = operations_cast()
    category = replace(setup.categories[0], number=number, name=name)
    company = finance_cast().company[0]
    assert case.given["on_account_feature"]
    on_account = ProjectCategory("LABOUR", ("milestone",))
    story = case.story(
        operations=replace(setup, categories=(*setup.categories, category)),
        finance=FinanceSetup(
            (
                replace(
                    company,
                    project_categories=(*company.project_categories, on_account),
                    category_defaults=(
                        *company.category_defaults,
                        CategoryDefault("milestone", "LABOUR"),
                    ),
                ),
            )
        ),
    )

    with story.books.finance.reader() as reader:
        found = list_shared_categories(reader, company=story.company)

    kinds = {"time": "hour", "material": "item", "milestone": "on_account"}
    shared = {one.number.removeprefix(number): one for one in found if one.name == name}
    assert {suffix: kinds.get(one.class_, one.class_) for suffix, one in shared.items()} == (
        case.expect
    )
    assert not any(one.is_set_up for one in shared.values())


@vector("AC-06")
def accrual_needs_cost_in_profit_and_loss(case: Case) -> None:
    # A profile that accrues hours but keeps their cost in the balance sheet is not saved.
    story = case.story()
    accrued = next(one for one in story.company_setup.revenue_profiles if one.profile == "TM_WIP")
    profile = replace(
        accrued,
        hour_costs=case.given["post_cost_hour"],
        accrues_hours=case.given["accrue_hour"],
    )

    try:
        story.change_finance(revenue_profiles=(profile,))
        valid = True
    except Refused:
        valid = False

    assert valid == case.expect["valid"]


@vector("DD-01")
def due(case: Case) -> None:
    # An invoice is due as its terms say, from its date; its money is expected after two buffers.
    invoice_date: date = case.given["invoice_date"]
    cast = finance_cast().company[0]
    company = replace(
        cast,
        parameters=replace(cast.parameters, payment_buffer_days=3),
        payment_terms=tuple(replace(one, buffer_days=10) for one in cast.payment_terms),
    )
    years = (*company.fiscal_years, FiscalYear(starts_on=invoice_date.replace(month=1, day=1)))
    story = case.story(finance=FinanceSetup((replace(company, fiscal_years=years),)))
    story.approve(Work("ARM"))
    story.post_work()
    drafts = story.draft(CONTRACTS["tm"])
    story.confirm(drafts)
    (terms,) = {
        one.payment_terms for one in story.operations.contracts if one.number == CONTRACTS["tm"]
    }
    assert terms == case.given["terms"]

    (invoice,) = story.post_proposals(story.import_().ready_proposal_ids, invoice_date=invoice_date)

    assert invoice.invoice_date == invoice_date
    assert invoice.due_date == case.expect["due"]
    with case.books.finance.reader() as reader:
        (shown,) = list_invoices(reader, company=company.code)
    assert shown.expected_on == case.expect["expected_payment_with_buffers_3_and_10"]


@vector("DD-03")
def terms_applied(case: Case) -> None:
    # Terms applied to a date: one answer, wherever it is computed.
    story = case.story()
    terms = {one.payment_terms: one for one in story.company_setup.payment_terms}
    asked = [terms[name] for name in case.given["terms"]]
    invoiced_on: date = case.given["date"]

    found = [
        due_date(invoiced_on, method=one.method, months=one.months, days=one.days) for one in asked
    ]
    stored = [
        row["due"]
        for one in asked
        for row in story.in_finance(
            "SELECT finance.due_date(%s::date, method, months, days) AS due"
            " FROM finance.payment_terms WHERE payment_terms = %s",
            invoiced_on,
            one.payment_terms,
        )
    ]

    assert found == stored == case.expect["due"]
