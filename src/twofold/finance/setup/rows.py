"""A company's setup as rows, table by table, in the order in which one refers to another."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from twofold.finance.setup.dimensions import default_rows, structure_rows, value_rows
from twofold.finance.setup.records import (
    CategoryDefault,
    CompanySetup,
    FiscalPeriod,
    FiscalYear,
    ProjectCategory,
    TaxCode,
)
from twofold.kernel.calendar import due_date

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Counts:
    """What putting the rows of one table did."""

    added: int
    changed: int
    removed: int
    unchanged: int


# The law asks for invoices without gaps; what they are booked with follows them.
_CONTINUOUS: Final = frozenset({"customer_invoice", "customer_invoice_voucher"})

# What makes a row of each table the same row, besides the company.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "legal_entity": (),
    "main_account": ("account",),
    "fiscal_period": ("period_start",),
    "exchange_rate": ("currency", "valid_from"),
    "fixed_rate_agreement": ("contract_number", "currency"),
    "number_sequence": ("reference",),
    "payment_terms": ("payment_terms",),
    "posting_profile": ("posting_profile",),
    "tax_code": ("tax_code",),
    "tax_rate": ("tax_code", "valid_from"),
    "tax_group_code": ("tax_group",),
    "item_tax_group_code": ("item_tax_group",),
    "line_property": ("line_property",),
    "billing_type_line_property": ("billing_type",),
    "project_category": ("category_number", "class"),
    "category_default": ("class",),
    "cost_template": ("template",),
    "estimate_period": ("period",),
    "revenue_profile": ("profile",),
    "profile_rule": ("billing_method", "project_number", "project_group", "contract_number"),
    "posting_setup": (
        "posting_type",
        "project_number",
        "project_group",
        "category_number",
        "category_group",
        "contract_number",
        "payer",
        "tax_group",
    ),
    "expense_offset": ("resource_name", "project_number", "category_number"),
    "funding_limit": ("contract_number", "payer"),
    "funding_rule": ("contract_number", "priority"),
    "parameter": (),
    "customer_accounting": ("account",),
    "contract_accounting": ("contract_number",),
    "project_accounting": ("project_number",),
    "item_accounting": ("product_number",),
    "dimension_value": ("attribute", "value"),
    "account_structure": ("structure",),
    "default_dimension": ("owner", "number", "detail"),
    "dimension_rule": ("profile", "contract_number", "project_number"),
}


def rows_of(company: CompanySetup) -> Mapping[str, list[Row]]:
    """Give the rows of every table of ``KEYS``, in its order."""
    rows = {
        "legal_entity": [_legal_entity(company)],
        "main_account": _plain(company.accounts),
        "fiscal_period": _plain(periods_of(company)),
        "exchange_rate": _plain(company.exchange_rates),
        "fixed_rate_agreement": _plain(company.fixed_rate_agreements),
        "number_sequence": [_sequence(row) for row in _plain(company.number_sequences)],
        "payment_terms": _plain(company.payment_terms),
        "posting_profile": _plain(company.posting_profiles),
        "tax_code": _plain(company.tax_codes, without="rates"),
        "tax_rate": [row for code in company.tax_codes for row in _rates(code)],
        "tax_group_code": _plain(company.tax_groups),
        "item_tax_group_code": _plain(company.item_tax_groups),
        "line_property": _plain(company.line_properties),
        "billing_type_line_property": _plain(company.billing_types),
        "project_category": [
            row for category in company.project_categories for row in _per_class(category)
        ],
        "category_default": [_default(default) for default in company.category_defaults],
        "cost_template": [_template(row) for row in _plain(company.cost_templates)],
        "estimate_period": _plain(company.estimate_periods),
        "revenue_profile": _plain(company.revenue_profiles),
        "profile_rule": _plain(company.profile_rules),
        "posting_setup": _plain(company.posting_setup),
        "expense_offset": _plain(company.expense_offsets),
        "funding_limit": _plain(company.funding_limits),
        "funding_rule": _plain(company.funding_rules),
        "parameter": _plain([company.parameters]),
        "customer_accounting": _plain(company.customers),
        "contract_accounting": _plain(company.contracts),
        "project_accounting": _plain(company.projects),
        "item_accounting": _plain(company.items),
        "dimension_value": value_rows(company.dimension_attributes),
        "account_structure": structure_rows(company.account_structures),
        "default_dimension": default_rows(company.default_dimensions),
        "dimension_rule": _plain(company.dimension_rules),
    }
    assert rows.keys() == KEYS.keys()
    return rows


def as_json(rows: Iterable[Row]) -> str:
    """Write rows as the statements take them: a JSON array, days and numbers as text."""
    return json.dumps(list(rows), default=str)


def periods_of(company: CompanySetup) -> list[FiscalPeriod]:
    """Give all fiscal periods: the months of the years, and those stated on their own."""
    return [
        *(period for year in company.fiscal_years for period in _months(year)),
        *company.fiscal_periods,
    ]


def _legal_entity(company: CompanySetup) -> Row:
    return {
        "name": company.name,
        "accounting_currency": company.accounting_currency,
        "reporting_currency": company.reporting_currency,
    }


def _months(year: FiscalYear) -> list[FiscalPeriod]:
    starts = [due_date(year.starts_on, method="net", months=month, days=0) for month in range(13)]
    ends = [start - timedelta(days=1) for start in starts[1:]]
    return [
        FiscalPeriod(start, end, "closed" if end <= (year.closed_through or date.min) else "open")
        for start, end in zip(starts[:-1], ends, strict=True)
    ]


def _plain(records: Iterable[DataclassInstance], *, without: str = "") -> list[Row]:
    rows: list[dict[str, Any]] = [dataclasses.asdict(record) for record in records]
    return [{key: value for key, value in row.items() if key != without} for row in rows]


def _rates(code: TaxCode) -> list[Row]:
    return [{"tax_code": code.tax_code, **row} for row in _plain(code.rates)]


def _per_class(category: ProjectCategory) -> list[Row]:
    (row,) = _plain([category], without="classes")
    return [{**row, "class": word} for word in category.classes]


def _sequence(row: Row) -> Row:
    """Settle what the file leaves open: numbers begin at the lowest, invoices have no gap."""
    is_continuous = row["is_continuous"]
    if is_continuous is None:
        is_continuous = row["reference"] in _CONTINUOUS
    return {**row, "is_continuous": is_continuous}


def _template(row: Row) -> Row:
    """Name the class of a line as the book does."""
    lines = cast("tuple[Row, ...]", row["lines"])  # a row keeps its record's types
    return {
        **row,
        "lines": [{key.removesuffix("_"): value for key, value in line.items()} for line in lines],
    }


def _default(default: CategoryDefault) -> Row:
    return {"class": default.class_, "category_number": default.category_number}
