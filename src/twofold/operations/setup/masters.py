"""Who works, sells and buys, and in which role or category: merged before all other tables.

Roles and categories are shared by all companies; the others are merged company by company.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Final

from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import Row, Rows, Table, Verdict, rows_of_company
from twofold.operations.setup.records import Category, OperationsSetup, Role

SQL: Final = SqlFile(__name__)


def _shared(pick: Callable[[OperationsSetup], Iterable[Role | Category]]) -> Rows:
    """Rows of a table that has no company."""

    def rows(setup: OperationsSetup, _company: str) -> list[Row]:
        return [asdict(record) for record in pick(setup)]

    return rows


SHARED_TABLES: Final = (
    Table(
        "role",
        SQL.query("merge_roles", gives=Verdict),
        _shared(lambda setup: setup.roles),
    ),
    Table(
        "transaction_category",
        SQL.query("merge_categories", gives=Verdict),
        _shared(lambda setup: setup.categories),
    ),
)

MASTER_TABLES: Final = (
    Table(
        "organizational_unit",
        SQL.query("merge_units", gives=Verdict),
        rows_of_company(lambda setup: setup.units),
    ),
    Table(
        "customer",
        SQL.query("merge_customers", gives=Verdict),
        rows_of_company(lambda setup: setup.customers),
        travels=True,
    ),
    Table(
        "resource",
        SQL.query("merge_resources", gives=Verdict),
        rows_of_company(lambda setup: setup.resources),
        travels=True,
    ),
)
