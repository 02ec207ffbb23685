"""What a contract line covers: its tasks, roles and categories, each those of the file.

A line that a file states takes what the file lists and loses what it does not.
"""

from __future__ import annotations

from typing import Final

from twofold.database.merge import Shape, Verdict
from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import Table, merged_table, rows_of_company, rows_of_lines

SQL: Final = SqlFile(__name__)

LINE_COMPONENTS: Final = (
    Table(
        "contract_line_task",
        SQL.query("remove_line_tasks", gives=Verdict),
        rows_of_lines(lambda setup: setup.line_tasks),
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
        rows_of_lines(lambda setup: setup.line_roles),
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
        rows_of_lines(lambda setup: setup.line_categories),
    ),
    merged_table(
        "contract_line_category",
        SQL.command("line_categories"),
        Shape(key=("contract_line_id", "category_id"), columns=("billing_type",)),
        rows_of_company(lambda setup: setup.line_categories),
    ),
)
