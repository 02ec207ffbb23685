"""What was agreed: contracts, who pays, projects and tasks, contract lines, milestones."""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import MILESTONE_KEY, Row, Table, Verdict, rows_of_company
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
    Table(
        "contract",
        SQL.query("merge_contracts", gives=Verdict),
        rows_of_company(lambda setup: setup.contracts),
        travels=True,
    ),
    Table(
        "contract_customer",
        SQL.query("merge_contract_customers", gives=Verdict),
        rows_of_company(lambda setup: setup.contracts),
        travels=True,
    ),
    Table(
        "project",
        SQL.query("merge_projects", gives=Verdict),
        rows_of_company(lambda setup: setup.projects),
        travels=True,
    ),
    Table(
        "task",
        SQL.query("merge_tasks", gives=Verdict),
        rows_of_company(lambda setup: setup.tasks),
    ),
    Table(
        "contract_line",
        SQL.query("merge_contract_lines", gives=Verdict),
        _contract_lines,
        travels=True,
    ),
    Table(
        "milestone",
        SQL.query("merge_milestones", gives=Verdict),
        rows_of_company(lambda setup: setup.milestones),
        key_sequence=MILESTONE_KEY,
        travels=True,
    ),
)
