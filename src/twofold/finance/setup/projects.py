"""Put how project work is posted: line properties, categories, profiles, accounts, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from twofold.database.statement import Query, SqlFile
from twofold.finance.setup.rows import Counts

SQL: Final = SqlFile(__name__)

# By table, in the order in which one refers to another.
PUT: Final[Mapping[str, Query[Counts]]] = {
    "line_property": SQL.query("put_line_property", gives=Counts),
    "billing_type_line_property": SQL.query("put_billing_type_line_property", gives=Counts),
    "project_category": SQL.query("put_project_category", gives=Counts),
    "category_default": SQL.query("put_category_default", gives=Counts),
    "revenue_profile": SQL.query("put_revenue_profile", gives=Counts),
    "profile_rule": SQL.query("put_profile_rule", gives=Counts),
    "posting_setup": SQL.query("put_posting_setup", gives=Counts),
    "parameter": SQL.query("put_parameter", gives=Counts),
}
