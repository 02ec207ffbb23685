"""What was agreed: contracts and who pays, how often, projects and tasks.

Rows that a file leaves out stay as they are. A contract that lists its customers lists them all:
one that it leaves out pays 0 percent from now on.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from twofold.database.merge import Shape
from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import Row, merged_table, rows_of_company
from twofold.operations.setup.records import OperationsSetup

SQL: Final = SqlFile(__name__)


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
)
