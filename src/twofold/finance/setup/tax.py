"""Put taxes: codes, their rates by date, and the groups of who and of what is taxed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from twofold.database.statement import Query, SqlFile
from twofold.finance.setup.rows import Counts

SQL: Final = SqlFile(__name__)

# By table, in the order in which one refers to another.
PUT: Final[Mapping[str, Query[Counts]]] = {
    "tax_code": SQL.query("put_tax_code", gives=Counts),
    "tax_rate": SQL.query("put_tax_rate", gives=Counts),
    "tax_group_code": SQL.query("put_tax_group_code", gives=Counts),
    "item_tax_group_code": SQL.query("put_item_tax_group_code", gives=Counts),
}
