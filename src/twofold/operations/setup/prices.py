"""Price lists, the prices on them, and whom they belong to: merged after all other tables.

Nothing here travels: finance gets priced transactions, never a price list.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.operations.setup.merging import Row, Table, Verdict, rows_of_company
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
    Table(
        "price_list",
        SQL.query("merge_price_lists", gives=Verdict),
        rows_of_company(lambda setup: setup.price_lists),
    ),
    Table(
        "role_price",
        SQL.query("merge_role_prices", gives=Verdict),
        rows_of_company(lambda setup: setup.role_prices),
        key_sequence=None,
    ),
    Table(
        "category_price",
        SQL.query("merge_category_prices", gives=Verdict),
        rows_of_company(lambda setup: setup.category_prices),
        key_sequence=None,
    ),
    Table(
        "contract_price_list",
        SQL.query("merge_contract_price_lists", gives=Verdict),
        _owners,
        key_sequence=None,
    ),
    Table(
        "unit_price_list",
        SQL.query("merge_unit_price_lists", gives=Verdict),
        _owners,
        key_sequence=None,
    ),
)
