"""Costs that finance posted on projects itself, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.finance.costs.stated_cost import DocumentKind


@dataclass(frozen=True, slots=True)
class ShownCost:
    """A posted line. ``cost_amount`` and ``recoverable_tax_amount`` are in ``currency``."""

    document: str
    line_number: int
    voucher: str
    accounting_date: date
    project_number: str
    category_number: str
    quantity: Decimal
    cost_amount: Decimal
    recoverable_tax_amount: Decimal
    currency: str
    accounting_amount: Decimal
    cost_account: str
    offset_account: str


SQL: Final = SqlFile(__name__)
LIST_COSTS: Final = SQL.query("list_costs", gives=ShownCost)


def list_costs(
    reader: Reader, *, company: str, kind: DocumentKind, limit: int
) -> tuple[ShownCost, ...]:
    """Give the posted lines of general journals, or of vendor invoices."""
    return tuple(reader.all(LIST_COSTS, company=company, kind=kind, rows_max=limit))
