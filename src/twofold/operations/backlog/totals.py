"""The billing backlog added up by customer, by project or by age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader

Dimension = Literal["customer", "project", "age"]


@dataclass(frozen=True, slots=True)
class BacklogTotal:
    """Open work of a customer, a project or an age in one currency; amounts are chargeable only.

    ``number`` is an account, a project's number or an age; work nobody pays is of «nobody». Of
    all there is, ``ready_count`` items are ready to be invoiced. ``oldest`` is the day of the
    oldest work, milestone or retainer.
    """

    number: str
    name: str
    currency: str
    item_count: int
    amount: Decimal
    ready_count: int
    ready_amount: Decimal
    oldest: date


SQL: Final = SqlFile(__name__)
BACKLOG_BY: Final = SQL.query("backlog_by", gives=BacklogTotal)


def backlog_by(
    reader: Reader, *, company: str, dimension: Dimension, as_of: date
) -> list[BacklogTotal]:
    """Give the totals of everything that is still to be invoiced; ages are as of a day (P08.7)."""
    return reader.all(BACKLOG_BY, company=company, dimension=dimension, as_of=as_of)
