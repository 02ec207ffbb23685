"""Where accrued revenue and its reversal differ: by transaction, by project, by account.

Of sales that invoices of the period bill. Amounts in the accounting currency: an accrual above
zero, its reversal below; the imbalance is what is left of both (spec P37).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader

View = Literal["transaction", "project", "account"]


@dataclass(frozen=True, slots=True)
class Imbalance:
    """One line of a view: ``name`` is an actual's key, a project's number, or an account's."""

    name: str
    transaction_count: int
    accrued_amount: Decimal
    reversed_amount: Decimal
    adjusted_amount: Decimal
    imbalance_amount: Decimal


SQL: Final = SqlFile(__name__)
IMBALANCES: Final = SQL.query("imbalances", gives=Imbalance)


def imbalances(
    reader: Reader,
    *,
    company: str,
    period_from: date,
    period_to: date,
    view: View,
    project: str | None = None,
) -> tuple[Imbalance, ...]:
    """Give what does not balance, invoiced from a day to a day; nothing when all is well.

    ``project`` is the number of one project.
    """
    return tuple(
        reader.all(
            IMBALANCES,
            company=company,
            period_from=period_from,
            period_to=period_to,
            view=view,
            project=project,
        )
    )
