"""Put what every posting needs: accounts, periods, rates, sequences, terms, receivables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from twofold.database.statement import Query, SqlFile
from twofold.finance.setup.rows import Counts

SQL: Final = SqlFile(__name__)

# By table, in the order in which one refers to another.
PUT: Final[Mapping[str, Query[Counts]]] = {
    "main_account": SQL.query("put_main_account", gives=Counts),
    "fiscal_period": SQL.query("put_fiscal_period", gives=Counts),
    "exchange_rate": SQL.query("put_exchange_rate", gives=Counts),
    "fixed_rate_agreement": SQL.query("put_fixed_rate_agreement", gives=Counts),
    "number_sequence": SQL.query("put_number_sequence", gives=Counts),
    "payment_terms": SQL.query("put_payment_terms", gives=Counts),
    "posting_profile": SQL.query("put_posting_profile", gives=Counts),
}
