"""The tables of the finance setup, each as the merge sees it, in the order of ``rows.KEYS``.

Rows of a table that carries a change set travel to operations: one set per table, so that the
rows of one table arrive in the order in which they were changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from twofold.database.merge import (
    Difference,
    Shape,
    Stored,
    Verdict,
    difference_statement,
    merge_statement,
    stored_statement,
)
from twofold.database.statement import Query, SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.finance.setup.rows import KEYS, Counts, Row, as_json

SQL: Final = SqlFile(__name__)
NUMBER_SEQUENCES: Final = SQL.command("number_sequences")
FISCAL_PERIODS: Final = SQL.command("fiscal_periods")
LOCK_SETUP: Final = SQL.command("lock_setup")

# A tax group holds exactly the codes stated for it: these statements also remove.
_WHOLE: Final[Mapping[str, Query[Counts]]] = {
    "tax_group_code": SQL.query("put_tax_group_code", gives=Counts),
    "item_tax_group_code": SQL.query("put_item_tax_group_code", gives=Counts),
}

# What a row holds besides its key.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "legal_entity": ("name", "accounting_currency", "reporting_currency"),
    "main_account": ("name", "kind"),
    "fiscal_period": ("period_end", "state"),
    "exchange_rate": ("rate",),
    "fixed_rate_agreement": ("rate",),
    "number_sequence": (
        "prefix",
        "digits",
        "next_number",
        "is_continuous",
        "lowest_number",
        "highest_number",
        "is_blocked",
    ),
    "payment_terms": ("method", "months", "days", "cutoff_day", "buffer_days"),
    "posting_profile": ("receivable_account",),
    "tax_code": ("name", "payable_account", "nondeductible_percent"),
    "tax_rate": ("rate", "valid_to"),
    "line_property": ("name", "is_chargeable", "is_accruable"),
    "billing_type_line_property": ("line_property",),
    "project_category": ("category_group", "item_tax_group", "is_active"),
    "category_default": ("category_number",),
    "cost_template": ("name", "completion_based_on", "lines"),
    "estimate_period": ("name", "every"),
    "revenue_profile": (
        "name",
        "billing_method",
        "hour_costs",
        "expense_costs",
        "item_costs",
        "on_account",
        "accrues_hours",
        "accrues_expenses",
        "accrues_items",
        "accrues_fees",
        "completion",
        "matching",
        "template",
        "period",
        "sales_value_category",
    ),
    "profile_rule": ("profile",),
    "posting_setup": ("account",),
    "expense_offset": ("account",),
    "funding_limit": ("amount",),
    "funding_rule": ("shares",),
    "parameter": (
        "tax_group_method",
        "item_tax_group_method",
        "milestone_item_tax_group",
        "line_discount_category",
        "moves_accounting_date_to_open_period",
        "period_unit",
        "journal_lines_max",
        "voucher_per",
        "profile_rule_order",
        "tax_on",
        "payment_buffer_days",
        "purchase_tax_is_cost",
        "proposals_need_approval",
        "posting_workers",
        "posting_profile",
        "receivable_dimensions_may_change",
    ),
    "customer_accounting": (
        "name",
        "currency",
        "payment_terms",
        "customer_group",
        "invoice_account",
        "is_on_hold",
        "tax_group",
        "posting_profile",
    ),
    "contract_accounting": ("tax_group",),
    "project_accounting": ("tax_group", "project_group", "account_search"),
    "item_accounting": ("item_tax_group",),
    "dimension_value": (),
    "account_structure": ("account_from", "account_to", "required", "optional", "allowed"),
    "default_dimension": ("dimensions",),
    "dimension_rule": ("priority",),
}
_TRAVELS: Final = frozenset({"legal_entity", "exchange_rate", "customer_accounting"})
_KEY_HAS_NULLS: Final = frozenset({
    "profile_rule", "posting_setup", "expense_offset", "dimension_rule",
})  # fmt: skip


# Where the rows of the file are not taken as they are.
_GIVEN: Final = {"number_sequence": NUMBER_SEQUENCES, "fiscal_period": FISCAL_PERIODS}


def _shape(table: str) -> Shape:
    return Shape(
        key=KEYS[table],
        columns=_COLUMNS[table],
        set_column="change_set_id" if table in _TRAVELS else "",
        key_has_nulls=table in _KEY_HAS_NULLS,
    )


_MERGE: Final[Mapping[str, Query[Verdict]]] = {
    table: merge_statement(f"finance.{table}", _shape(table), given=_GIVEN.get(table))
    for table in _COLUMNS
}
_COMPARE: Final[Mapping[str, Query[Difference]]] = {
    "tax_group_code": SQL.query("compare_tax_group_code", gives=Difference),
    "item_tax_group_code": SQL.query("compare_item_tax_group_code", gives=Difference),
    **{
        table: difference_statement(f"finance.{table}", _shape(table), given=_GIVEN.get(table))
        for table in _COLUMNS
    },
}


# Each code of a tax group is a row of its own.
_CODES: Final = {
    "tax_group_code": Shape(key=("tax_group", "tax_code")),
    "item_tax_group_code": Shape(key=("item_tax_group", "tax_code")),
}
_SHAPES: Final[Mapping[str, Shape]] = {
    table: _CODES[table] if table in _CODES else _shape(table) for table in KEYS
}
_STORED: Final[Mapping[str, Query[Stored]]] = {
    table: stored_statement(f"finance.{table}", shape) for table, shape in _SHAPES.items()
}
TABLES: Final = tuple(KEYS)


def fields_of(table: str) -> tuple[str, ...]:
    """Name what a row of a table says: its key first."""
    return (*_SHAPES[table].key, *_SHAPES[table].columns)


def read_rows(reader: Reader, table: str, *, company: str) -> list[Stored]:
    """Give one table of the setup in force, by key."""
    return reader.all(_STORED[table], company=company)


def put_rows(
    transaction: Transaction,
    table: str,
    rows: list[Row],
    *,
    company: str,
    set_id: Callable[[], int],
) -> tuple[Counts, list[Difference]]:
    """Bring one table of a company to what the rows say; give what became of which value too.

    ``set_id`` is asked only if rows that travel change.
    After   rows that are as the file says are untouched.
    """
    arguments: dict[str, object] = {"company": company, "rows": as_json(rows)}
    if table in _WHOLE:
        return transaction.one(_WHOLE[table], **arguments), []
    merge = _MERGE[table]
    told = _ask(transaction, merge, {**arguments, "first_key": None, "set_id": None})
    changed: list[Difference] = []
    if told.changed:
        found = read_differences(transaction, table, rows, company=company)
        changed = [one for one in found if one.verdict == "changed"]
    if told.added or told.changed:
        travelling = set_id() if table in _TRAVELS else None
        _ask(transaction, merge, {**arguments, "first_key": 1, "set_id": travelling})
    return told, changed


def read_differences(
    reader: Reader, table: str, rows: list[Row], *, company: str
) -> list[Difference]:
    """Give what the rows say differently from the book, row by row and field by field."""
    return reader.all(_COMPARE[table], company=company, rows=as_json(rows))


def _ask(
    transaction: Transaction, merge: Query[Verdict], arguments: Mapping[str, object]
) -> Counts:
    given = {name: arguments[name] for name in merge.parameters}
    counts = {row.verdict: row.row_count for row in transaction.all(merge, **given)}
    return Counts(
        added=counts.get("added", 0),
        changed=counts.get("changed", 0),
        removed=0,
        unchanged=counts.get("unchanged", 0),
    )
