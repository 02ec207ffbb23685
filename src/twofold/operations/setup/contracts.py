"""What was agreed: contracts, who pays, projects and tasks, contract lines, milestones."""

from __future__ import annotations

from typing import Final

from twofold.database.merge import Shape
from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import MILESTONE_KEY, Row, merged_table, rows_of_company
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
        "contracted_amount": line.contracted_amount,
    }


CONTRACT_TABLES: Final = (
    merged_table(
        "contract",
        SQL.command("contracts"),
        Shape(
            key=("number",),
            columns=("name", "organizational_unit_id", "payment_terms"),
            once=("customer_id", "currency", "state"),
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
            columns=("payment_terms", "bill_to_name"),
            once=("split_percent", "is_rounding", "is_primary"),
            number="contract_customer_id",
            set_column="change_set_id",
        ),
        rows_of_company(lambda setup: setup.contracts),
    ),
    merged_table(
        "project",
        SQL.command("projects"),
        Shape(
            key=("number",),
            columns=("name", "customer_id", "contract_id", "state"),
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
                "contracted_amount",
            ),
            number="contract_line_id",
            set_column="change_set_id",
        ),
        _contract_lines,
    ),
    merged_table(
        "milestone",
        SQL.command("milestones"),
        Shape(
            key=("contract_line_id", "name"),
            columns=("milestone_date", "amount", "tax_amount"),
            once=("contract_id", "customer_id", "project_id", "currency", "state"),
            number="milestone_id",
            set_column="change_set_id",
            changeable="stored.state IN ('not_ready', 'ready')",
        ),
        rows_of_company(lambda setup: setup.milestones),
        key_sequence=MILESTONE_KEY,
    ),
)
