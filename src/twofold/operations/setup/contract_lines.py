"""Contract lines: what is billed how, who pays which share of it, and its milestones.

A line that lists its customers lists them all: one that it leaves out pays 0 percent from now on.
"""

from __future__ import annotations

from typing import Final

from twofold.database.merge import Shape
from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import (
    MILESTONE_KEY,
    Row,
    merged_table,
    rows_of_company,
    rows_of_lines,
)
from twofold.operations.setup.records import ContractLine, OperationsSetup

SQL: Final = SqlFile(__name__)


def _contract_lines(setup: OperationsSetup, company: str) -> list[Row]:
    return [_contract_line(line) for line in setup.contract_lines if line.company == company]


def _contract_line(line: ContractLine) -> Row:
    return {
        "contract": line.contract,
        "line_number": line.line_number,
        "name": line.name,
        "billing_method": line.billing_method,
        "project": line.project,
        "includes_time": "time" in line.classes,
        "includes_expense": "expense" in line.classes,
        "includes_material": "material" in line.classes,
        "includes_fee": "fee" in line.classes,
        "included_tasks": line.included_tasks,
        "contracted_amount": line.contracted_amount,
        "not_to_exceed": line.not_to_exceed,
        "discount_percent": line.discount_percent,
        "fee_percent": line.fee_percent,
        "estimated_tax_amount": line.estimated_tax_amount,
        "billing_start_date": line.billing_start_date,
        "invoice_frequency": line.invoice_frequency,
        "schedule_type": line.schedule_type,
        "standalone_price": line.standalone_price,
    }


LINE_TABLES: Final = (
    merged_table(
        "contract_line",
        SQL.command("contract_lines"),
        Shape(
            key=("contract_id", "line_number"),
            columns=(
                "name",
                "billing_method",
                "project_id",
                "includes_time",
                "includes_expense",
                "includes_material",
                "includes_fee",
                "included_tasks",
                "contracted_amount",
                "not_to_exceed",
                "discount_percent",
                "fee_percent",
                "estimated_tax_amount",
                "billing_start_date",
                "invoice_frequency_id",
                "schedule_type",
                "standalone_price",
            ),
            number="contract_line_id",
            set_column="change_set_id",
        ),
        _contract_lines,
    ),
    merged_table(
        "contract_line_customer",
        SQL.command("line_customers"),
        Shape(
            key=("contract_line_id", "customer_id"),
            columns=("split_percent", "is_rounding", "not_to_exceed"),
        ),
        rows_of_lines(lambda setup: setup.line_customers),
    ),
)

MILESTONE_TABLES: Final = (
    merged_table(
        "milestone",
        SQL.command("milestones"),
        Shape(
            key=("contract_line_id", "name", "customer_id"),
            columns=("milestone_date", "amount", "tax_amount"),
            once=("contract_id", "project_id", "currency", "state"),
            number="milestone_id",
            set_column="change_set_id",
            changeable="stored.state IN ('not_ready', 'ready')",
        ),
        rows_of_company(lambda setup: setup.milestones),
        key_sequence=MILESTONE_KEY,
    ),
)
