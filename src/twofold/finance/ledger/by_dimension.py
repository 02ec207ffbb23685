"""What the ledger says of one dimension: balance and movement per account and value.

Amounts are in the accounting currency, debit positive. Entries without the dimension stand under
an empty value, so that the values of an account add up to its balance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class DimensionBalance:
    """One account and value in a period."""

    account: str
    name: str
    value: str
    opening_amount: Decimal
    movement_amount: Decimal
    closing_amount: Decimal


SQL: Final = SqlFile(__name__)
DIMENSION_BALANCES: Final = SQL.query("dimension_balances", gives=DimensionBalance)


def dimension_balances(
    reader: Reader, *, company: str, attribute: str, period_from: date, period_to: date
) -> tuple[DimensionBalance, ...]:
    """Give every account and value with a balance before the period, or a net movement in it."""
    return tuple(
        reader.all(
            DIMENSION_BALANCES,
            company=company,
            attribute=attribute,
            period_from=period_from,
            period_to=period_to,
        )
    )
