"""Costs that finance posted on projects itself, the newest first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.finance.costs.stated_cost import DocumentKind


@dataclass(frozen=True, slots=True)
class CostsAsked:
    """Which posted lines are asked for; '' and None are no limit, ``after`` is a line's key."""

    project: str = ""
    period_from: date | None = None
    period_to: date | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class ShownCost:
    """A posted line. ``cost_amount`` and ``recoverable_tax_amount`` are in ``currency``."""

    posted_cost_id: int
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
    description: str | None


SQL: Final = SqlFile(__name__)
LIST_COSTS: Final = SQL.query("list_costs", gives=ShownCost)


def list_costs(
    reader: Reader, *, company: str, kind: DocumentKind, limit: int, asked: CostsAsked
) -> tuple[ShownCost, ...]:
    """Give the posted lines of general journals, or of vendor invoices, the newest first."""
    return tuple(
        reader.all(LIST_COSTS, company=company, kind=kind, rows_max=limit, **asdict(asked))
    )
