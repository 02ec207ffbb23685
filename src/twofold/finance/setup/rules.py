"""What must hold of a company's setup as a whole, judged together with what the book knows.

``problems`` refuse the file; ``warnings`` tell what postings will miss. Pure: no database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast, get_args

from twofold.finance.setup.dimensions import KnownDimensions, dimension_problems
from twofold.finance.setup.numbers_and_days import number_and_day_problems, periods_that_stay
from twofold.finance.setup.profiles import profile_problems
from twofold.finance.setup.records import (
    BillingMethod,
    BillingType,
    CompanySetup,
    FiscalPeriod,
    PostingType,
)
from twofold.finance.setup.rows import KEYS, Row, rows_of
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Name:
    """Something that exists: ``kind`` as in ``_REFERENCES``; ``detail`` is its method or prefix."""

    kind: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """What the file would change and may not: ``value`` is that of the book."""

    table_name: str
    key: str
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a company has already, and what of the file changes what is fixed by use."""

    names: tuple[Name, ...]
    periods: tuple[FiscalPeriod, ...]
    fixed: tuple[Fixed, ...]
    dimensions: KnownDimensions


# Columns that name something of this setup, by table. What operations owns (customers,
# contracts, projects, category numbers) may be named before it arrives.
_REFERENCES: Final = {
    "exchange_rate": {"currency": "currency"},
    "fixed_rate_agreement": {"currency": "currency"},
    "posting_profile": {"receivable_account": "account"},
    "tax_code": {"payable_account": "account"},
    "billing_type_line_property": {"line_property": "line_property"},
    "project_category": {"item_tax_group": "item_tax_group"},
    "revenue_profile": {
        "template": "cost_template",
        "period": "estimate_period",
        "sales_value_category": "category",
    },
    "profile_rule": {"profile": "profile"},
    "posting_setup": {"account": "account", "tax_group": "tax_group"},
    "expense_offset": {"account": "account"},
    "parameter": {
        "posting_profile": "posting_profile",
        "milestone_item_tax_group": "item_tax_group",
    },
    "customer_accounting": {
        "tax_group": "tax_group",
        "posting_profile": "posting_profile",
        "currency": "currency",
    },
    "contract_accounting": {"tax_group": "tax_group"},
    "project_accounting": {"tax_group": "tax_group"},
    "item_accounting": {"item_tax_group": "item_tax_group"},
    "dimension_rule": {"profile": "profile"},
}

# Least values of numbers; a rate of exchange is more than nothing.
_LEAST: Final = {
    ("number_sequence", "digits"): 1,
    ("number_sequence", "next_number"): 1,
    ("number_sequence", "lowest_number"): 1,
    ("number_sequence", "highest_number"): 1,
    ("payment_terms", "months"): 0,
    ("payment_terms", "days"): 0,
    ("payment_terms", "buffer_days"): 0,
    ("parameter", "payment_buffer_days"): 0,
    ("tax_rate", "rate"): 0,
    ("tax_code", "nondeductible_percent"): 0,
    ("exchange_rate", "rate"): Decimal("0.000000001"),
    ("fixed_rate_agreement", "rate"): Decimal("0.000000001"),
    ("funding_limit", "amount"): 0,
    ("funding_rule", "priority"): 1,
    ("parameter", "journal_lines_max"): 1,
    ("parameter", "posting_workers"): 1,
}

_WHOLE: Final = 100

# Without these no posting misses an account.
_OPTIONAL_POSTING_TYPES: Final = frozenset({
    "penny_difference", "customer_balance", "sales_tax_payable", "exchange_rate_difference",
    "retained_earnings", "contract_variance", "vendor_balance", "sales_tax_receivable",
})  # fmt: skip


def problems(setup: CompanySetup, known: Known) -> Iterator[Refusal]:
    """Give every reason why this setup cannot be applied."""
    for table, rows in rows_of(setup).items():
        yield from _stated_twice(setup.code, table, rows)
        yield from _numbers_too_small(setup.code, table, rows)
    yield from _unknown_references(setup, known)
    yield from _half_created_customers(setup)
    prefixes = {name.name: name.detail for name in known.names if name.kind == "number_sequence"}
    yield from number_and_day_problems(setup, known_prefixes=prefixes, periods=known.periods)
    yield from _fixed_currencies(setup, known)
    for one in known.fixed:
        record = f"{setup.code}/{one.table_name}/{one.key}"
        yield refuse("ERR-S01", record, field=one.field, value=one.value, reason=one.reason)
    yield from profile_problems(
        setup, {n.name: n.detail for n in known.names if n.kind == "profile"}
    )
    yield from _funding_shares(setup)
    yield from dimension_problems(setup, known.dimensions)


def warnings(setup: CompanySetup, known: Known) -> Iterator[Refusal]:
    """Give what is missing and will hold postings up, though the setup can be applied."""
    named = {(name.kind, name.name) for name in known.names}
    mapped = {row.billing_type for row in setup.billing_types}
    for billing_type in get_args(BillingType):
        if billing_type not in mapped and ("billing_type", billing_type) not in named:
            yield refuse(
                "ERR-D02",
                f"{setup.code}/billing_types",
                value=billing_type,
                field="billing_type",
            )
    posted = {row.posting_type for row in setup.posting_setup} | _OPTIONAL_POSTING_TYPES
    for posting_type in get_args(PostingType):
        if posting_type not in posted and ("posting_type", posting_type) not in named:
            yield refuse(
                "ERR-J03",
                f"{setup.code}/posting_setup",
                value=posting_type,
                field="posting_type",
            )
    yield from periods_that_stay(setup, known.periods)
    ruled = {row.billing_method for row in setup.profile_rules}
    for method in get_args(BillingMethod):
        if method not in ruled and ("profile_rule", method) not in named:
            yield refuse(
                "ERR-I08", f"{setup.code}/profile_rules", value=method, field="billing_method"
            )


def _funding_shares(setup: CompanySetup) -> Iterator[Refusal]:
    """Shares of a rule are above nothing, of different payers, and make 100 percent."""
    for rule in setup.funding_rules:
        percents = [share.percent for share in rule.shares]
        payers = [share.payer for share in rule.shares]
        if not percents:
            continue
        if sum(percents) != _WHOLE or min(percents) <= 0 or len(set(payers)) < len(payers):
            record = f"{setup.code}/funding_rule/{rule.contract_number}, {rule.priority}"
            shown = ", ".join(f"{share.payer} {share.percent}" for share in rule.shares)
            yield refuse("ERR-S05", record, field="shares", value=shown)


def _stated_twice(company: str, table: str, rows: list[Row]) -> Iterator[Refusal]:
    keys = KEYS[table]
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        key = tuple(row[column] for column in keys)
        if key in seen:
            shown = ", ".join(str(part) for part in key if part is not None)
            # Two rules for one project leave open which applies.
            code = "ERR-I08" if table == "profile_rule" else "ERR-A32"
            yield refuse(code, f"{company}/{table}", field=", ".join(keys), value=shown)
        seen.add(key)


def _numbers_too_small(company: str, table: str, rows: list[Row]) -> Iterator[Refusal]:
    for row in rows:
        for column, value in row.items():
            least = _LEAST.get((table, column))
            if least is not None and isinstance(value, int | Decimal) and value < least:
                reason = f"The least value is {least}."
                yield refuse(
                    "ERR-A30",
                    _record(company, table, row),
                    field=column,
                    value=str(value),
                    reason=reason,
                )


def _unknown_references(setup: CompanySetup, known: Known) -> Iterator[Refusal]:
    names = {(name.kind, name.name) for name in known.names} | _names_of(setup)
    for table, rows in rows_of(setup).items():
        for row in rows:
            record = _record(setup.code, table, row)
            found = _references(table, row)
            yield from (_unknown(record, *one) for one in found if (one[0], one[2]) not in names)
    for column, value in (
        ("accounting_currency", setup.accounting_currency),
        ("reporting_currency", setup.reporting_currency),
    ):
        if ("currency", value) not in names:
            yield _unknown(setup.code, "currency", column, value)


def _half_created_customers(setup: CompanySetup) -> Iterator[Refusal]:
    """Refuse a customer finance creates without name or currency, and any other with one."""
    for customer in setup.customers:
        if (customer.name is None) != (customer.currency is None):
            yield refuse(
                "ERR-A30",
                f"{setup.code}/customer_accounting/{customer.account}",
                field="currency" if customer.currency is None else "name",
                reason="A customer that finance creates has both a name and a currency.",
            )


def _references(table: str, row: Row) -> Iterator[tuple[str, str, object]]:
    """Give what a row names: the kind of thing, the column, the name."""
    for column, kind in _REFERENCES.get(table, {}).items():
        if row[column] is not None:
            yield kind, column, row[column]
    if table in {"tax_group_code", "item_tax_group_code"}:
        for code in cast("tuple[str, ...]", row["tax_codes"]):  # a row keeps its record's types
            yield "tax_code", "tax_codes", code
    if table == "category_default":
        yield "project_category", "category_number", _category(row)
    if table == "parameter" and row["line_discount_category"] is not None:
        name = f"{row['line_discount_category']} (fee)"
        yield "project_category", "line_discount_category", name


def _unknown(record: str, kind: str, column: str, value: object) -> Refusal:
    reason = f"There is no {kind.replace('_', ' ')} with this name."
    return refuse("ERR-A31", record, field=column, value=str(value), reason=reason)


def _names_of(setup: CompanySetup) -> set[tuple[str, object]]:
    rows = rows_of(setup)
    return {
        *(("account", row.account) for row in setup.accounts),
        *(("posting_profile", row.posting_profile) for row in setup.posting_profiles),
        *(("tax_code", row.tax_code) for row in setup.tax_codes),
        *(("tax_group", row.tax_group) for row in setup.tax_groups),
        *(("item_tax_group", row.item_tax_group) for row in setup.item_tax_groups),
        *(("line_property", row.line_property) for row in setup.line_properties),
        *(("cost_template", row.template) for row in setup.cost_templates),
        *(("estimate_period", row.period) for row in setup.estimate_periods),
        *(("profile", row.profile) for row in setup.revenue_profiles),
        *(("project_category", _category(row)) for row in rows["project_category"]),
        *(("category", row["category_number"]) for row in rows["project_category"]),
    }


def _category(row: Row) -> str:
    return f"{row['category_number']} ({row['class']})"


def _fixed_currencies(setup: CompanySetup, known: Known) -> Iterator[Refusal]:
    for name in known.names:
        if name.kind == "fixed_currency":
            if name.name != setup.accounting_currency:
                yield refuse(
                    "ERR-A35",
                    setup.code,
                    field="accounting_currency",
                    value=setup.accounting_currency,
                )
            if name.detail != setup.reporting_currency:
                yield refuse(
                    "ERR-A35",
                    setup.code,
                    field="reporting_currency",
                    value=setup.reporting_currency,
                )


def _record(company: str, table: str, row: Row) -> str:
    key = ", ".join(str(row[column]) for column in KEYS[table] if row[column] is not None)
    return f"{company}/{table}/{key}" if key else f"{company}/{table}"
