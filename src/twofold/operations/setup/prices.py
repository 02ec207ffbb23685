"""Price lists, the prices on them, and whom they belong to: merged after all other tables.

Nothing here travels: finance gets priced transactions, never a price list.
"""

from __future__ import annotations

from typing import Final

from twofold.database.merge import Shape, Verdict
from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import Row, Table, merged_table, rows_of_company
from twofold.operations.setup.records import OperationsSetup

SQL: Final = SqlFile(__name__)


def _owners(setup: OperationsSetup, company: str) -> list[Row]:
    return [
        {"price_list": price_list.name, "context": price_list.context, "owner": owner}
        for price_list in setup.price_lists
        if price_list.company == company
        for owner in price_list.owners
    ]


PRICE_TABLES: Final = (
    merged_table(
        "price_list",
        SQL.command("price_lists"),
        Shape(
            key=("name",),
            columns=("context", "currency", "effective_from", "effective_to"),
            number="price_list_id",
        ),
        rows_of_company(lambda setup: setup.price_lists),
    ),
    merged_table(
        "role_price",
        SQL.command("role_prices"),
        Shape(
            key=(
                "price_list_id",
                "role_id",
                "resourcing_company",
                "resourcing_unit_id",
                "contract_id",
                "customer_id",
                "effective_from",
            ),
            columns=("time_unit", "method", "price", "percent"),
            key_has_nulls=True,
        ),
        rows_of_company(lambda setup: setup.role_prices),
    ),
    merged_table(
        "category_price",
        SQL.command("category_prices"),
        Shape(
            key=("price_list_id", "category_id", "unit"),
            columns=("method", "price", "percent"),
            key_has_nulls=True,
        ),
        rows_of_company(lambda setup: setup.category_prices),
    ),
    merged_table(
        "product_price",
        SQL.command("product_prices"),
        Shape(
            key=("price_list_id", "product_id", "unit"),
            columns=("method", "price", "percent"),
            key_has_nulls=True,
        ),
        rows_of_company(lambda setup: setup.product_prices),
    ),
    Table(
        "contract_price_list",
        SQL.query("merge_contract_price_lists", gives=Verdict),
        _owners,
    ),
    Table(
        "unit_price_list",
        SQL.query("merge_unit_price_lists", gives=Verdict),
        _owners,
    ),
)
