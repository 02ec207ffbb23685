"""What was agreed: contracts, who pays, how often, projects and tasks, lines, milestones.

Rows that a file leaves out stay as they are. A contract or line that lists its customers lists
them all: one that it leaves out pays 0 percent from now on. A line's tasks, roles and categories
are those of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Final

from twofold.database.merge import Shape, Verdict
from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import (
    MILESTONE_KEY,
    Row,
    Rows,
    Table,
    merged_table,
    rows_of_company,
)
from twofold.operations.setup.records import (
    ContractLine,
    LineComponent,
    LineCustomer,
    OperationsSetup,
)

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
    }


def _contract_customers(setup: OperationsSetup, company: str) -> list[Row]:
    """Every contract, then its customers, then those that only its lines name (S-2)."""
    contracts = [
        {"contract": one.number, "account": None}
        for one in setup.contracts
        if one.company == company
    ]
    listed = [asdict(one) for one in setup.contract_customers if one.company == company]
    of_lines = [
        {"contract": one.contract, "account": one.account}
        for one in setup.line_customers
        if one.company == company
    ]
    return [*contracts, *listed, *of_lines]


def _of_lines(pick: Callable[[OperationsSetup], Iterable[LineCustomer | LineComponent]]) -> Rows:
    """Every line, by its number alone, then what the file lists of its customers or components."""

    def rows(setup: OperationsSetup, company: str) -> list[Row]:
        lines = [
            {"contract": one.contract, "line_number": one.line_number}
            for one in setup.contract_lines
            if one.company == company
        ]
        return [*lines, *(asdict(one) for one in pick(setup) if one.company == company)]

    return rows


LINE_COMPONENTS: Final = (
    Table(
        "contract_line_task",
        SQL.query("remove_line_tasks", gives=Verdict),
        _of_lines(lambda setup: setup.line_tasks),
    ),
    merged_table(
        "contract_line_task",
        SQL.command("line_tasks"),
        Shape(key=("contract_line_id", "task_id"), columns=("billing_type",)),
        rows_of_company(lambda setup: setup.line_tasks),
    ),
    Table(
        "contract_line_role",
        SQL.query("remove_line_roles", gives=Verdict),
        _of_lines(lambda setup: setup.line_roles),
    ),
    merged_table(
        "contract_line_role",
        SQL.command("line_roles"),
        Shape(key=("contract_line_id", "role_id"), columns=("billing_type",)),
        rows_of_company(lambda setup: setup.line_roles),
    ),
    Table(
        "contract_line_category",
        SQL.query("remove_line_categories", gives=Verdict),
        _of_lines(lambda setup: setup.line_categories),
    ),
    merged_table(
        "contract_line_category",
        SQL.command("line_categories"),
        Shape(key=("contract_line_id", "category_id"), columns=("billing_type",)),
        rows_of_company(lambda setup: setup.line_categories),
    ),
)

CONTRACT_TABLES: Final = (
    merged_table(
        "invoice_frequency",
        SQL.command("invoice_frequencies"),
        Shape(
            key=("name",),
            columns=("period", "days", "weekdays", "occurrences"),
            number="invoice_frequency_id",
        ),
        rows_of_company(lambda setup: setup.invoice_frequencies),
    ),
    merged_table(
        "contract",
        SQL.command("contracts"),
        Shape(
            key=("number",),
            columns=(
                "name",
                "customer_id",
                "organizational_unit_id",
                "payment_terms",
                "not_to_exceed",
                "requested_delivery_date",
            ),
            once=("currency", "state"),
            number="contract_id",
            set_column="change_set_id",
        ),
        rows_of_company(lambda setup: setup.contracts),
    ),
    merged_table(
        "contract_customer",
        SQL.command("contract_customers"),
        Shape(
            key=("contract_id", "customer_id"),
            columns=(
                "split_percent",
                "is_rounding",
                "is_primary",
                "not_to_exceed",
                "payment_terms",
                "bill_to_name",
            ),
            number="contract_customer_id",
            set_column="change_set_id",
        ),
        _contract_customers,
    ),
    merged_table(
        "project",
        SQL.command("projects"),
        Shape(
            key=("number",),
            columns=("name", "customer_id", "contract_id", "project_type", "state"),
            number="project_id",
            set_column="change_set_id",
        ),
        rows_of_company(lambda setup: setup.projects),
    ),
    merged_table(
        "task",
        SQL.command("tasks"),
        Shape(
            key=("project_id", "name"),
            columns=("wbs",),
            number="task_id",
            set_column="change_set_id",
        ),
        rows_of_company(lambda setup: setup.tasks),
    ),
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
        _of_lines(lambda setup: setup.line_customers),
    ),
    *LINE_COMPONENTS,
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
