"""A line of an entry journal, as somebody writes it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

TransactionType = Literal[
    "cost",
    "unbilled_sales",
    "billed_sales",
    "interorganizational_sales",
    "resourcing_unit_cost",
]
TransactionClass = Literal["time", "expense", "material", "fee", "milestone", "retainer"]


@dataclass(frozen=True, slots=True)
class NewJournalLine:
    """One line. ``quantity`` may be negative; without ``price`` the price lists decide.

    ``customer`` is the account of who pays an unbilled sale: without one it is never invoiced.
    """

    transaction_type: TransactionType
    cls: TransactionClass
    work_on: date
    project: str
    quantity: Decimal
    task: str | None = None
    person: str | None = None
    role: str | None = None
    category: str | None = None
    unit: str = "hour"
    price: Decimal | None = None
    currency: str | None = None
    customer: str | None = None
    description: str | None = None
