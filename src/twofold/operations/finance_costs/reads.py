"""Costs that finance posted itself, with what became of them here, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class ShownFinanceCost:
    """A line as it arrived. ``journal_id`` and the actuals are None while it waits."""

    finance_cost_id: int
    kind: str
    document: str
    line_number: int
    voucher: str
    transaction_date: date
    project_number: str
    quantity: Decimal
    amount: Decimal
    currency: str
    sales_price: Decimal | None
    journal_id: int | None
    cost_actual_id: int | None
    sale_actual_id: int | None


SQL: Final = SqlFile(__name__)
LIST_COSTS: Final = SQL.query("list_costs", gives=ShownFinanceCost)


def list_finance_costs(
    reader: Reader, *, company: str, is_waiting: bool, after: int | None = None, limit: int
) -> tuple[ShownFinanceCost, ...]:
    """Give the costs that arrived, the newest first; only those that wait if ``is_waiting``."""
    return tuple(
        reader.all(LIST_COSTS, company=company, is_waiting=is_waiting, after=after, rows_max=limit)
    )
