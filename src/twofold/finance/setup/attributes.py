"""Put what an accountant adds to customers, contracts, projects and products of operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from twofold.database.statement import Query, SqlFile
from twofold.finance.setup.rows import Counts

SQL: Final = SqlFile(__name__)

# By table, in the order in which one refers to another.
PUT: Final[Mapping[str, Query[Counts]]] = {
    "customer_accounting": SQL.query("put_customer_accounting", gives=Counts),
    "contract_accounting": SQL.query("put_contract_accounting", gives=Counts),
    "project_accounting": SQL.query("put_project_accounting", gives=Counts),
    "item_accounting": SQL.query("put_item_accounting", gives=Counts),
}
