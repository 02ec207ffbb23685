"""Who works, sells and buys, and in which role or category: merged before all other tables.

Roles and categories are shared by all companies; the others are merged company by company. What
a company knows of a shared record is a row of its own, which travels to finance for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Final

from twofold.database.merge import Shape
from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import Row, Rows, merged_table, of_the_book, rows_of_company
from twofold.operations.setup.records import Category, OperationsSetup, Product, Role, TimeUnit

SQL: Final = SqlFile(__name__)


def _shared(
    pick: Callable[[OperationsSetup], Iterable[Role | Category | Product | TimeUnit]],
) -> Rows:
    """Rows of a table that has no company."""

    def rows(setup: OperationsSetup, _company: str) -> list[Row]:
        return [asdict(record) for record in pick(setup)]

    return rows


SHARED_TABLES: Final = (
    merged_table(
        "role",
        SQL.command("roles"),
        Shape(key=("name",), columns=("billing_type",), number="role_id", is_shared=True),
        _shared(lambda setup: setup.roles),
    ),
    merged_table(
        "transaction_category",
        SQL.command("categories"),
        Shape(
            key=("number",),
            columns=("name", "billing_type"),
            number="category_id",
            is_shared=True,
        ),
        _shared(lambda setup: setup.categories),
    ),
    merged_table(
        "product",
        SQL.command("products"),
        Shape(key=("number",), columns=("name",), number="product_id", is_shared=True),
        _shared(lambda setup: setup.products),
    ),
    merged_table(
        "time_unit",
        SQL.command("time_units"),
        Shape(key=("time_unit",), columns=("hours",), is_shared=True),
        _shared(lambda setup: setup.time_units),
    ),
)

# Merged for every company of the book, whatever the file names: a new company gets all of them.
COMPANY_TABLES: Final = (
    merged_table(
        "company_role",
        SQL.command("company_roles"),
        Shape(key=("role_id",), columns=("name",), set_column="change_set_id"),
        of_the_book,
    ),
    merged_table(
        "company_category",
        SQL.command("company_categories"),
        Shape(key=("category_id",), columns=("number", "name"), set_column="change_set_id"),
        of_the_book,
    ),
)

MASTER_TABLES: Final = (
    merged_table(
        "organizational_unit",
        SQL.command("units"),
        Shape(key=("name",), columns=("currency",), number="organizational_unit_id"),
        rows_of_company(lambda setup: setup.units),
    ),
    merged_table(
        "customer",
        SQL.command("customers"),
        Shape(
            key=("account",),
            columns=("name", "currency", "payment_terms"),
            number="customer_id",
            set_column="change_set_id",
        ),
        rows_of_company(lambda setup: setup.customers),
    ),
    merged_table(
        "customer",
        SQL.command("created_customers"),
        Shape(
            key=("account",),
            once=("name", "currency", "payment_terms"),
            number="customer_id",
            set_column="change_set_id",
        ),
        of_the_book,
    ),
    merged_table(
        "resource",
        SQL.command("resources"),
        Shape(
            key=("name",),
            columns=("email", "role_id", "organizational_unit_id"),
            once=("lent_by",),
            number="resource_id",
            set_column="change_set_id",
        ),
        rows_of_company(lambda setup: setup.resources),
    ),
)
