"""Actuals that finance should have posted by now: sent long enough ago, and without a voucher.

Left out are actuals that stay in operations (skip sync), what is left of a retainer, which finance
notes and never posts, and what is older than a month (spec P39).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader

_AGE_MIN: Final = timedelta(hours=1)
_AGE_MAX: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class OutOfSync:
    """An actual without a voucher; ``applied_at`` is None where finance has not even its set."""

    actual_id: int
    transaction_type: str
    transaction_class: str
    project_number: str
    transaction_date: date
    amount: Decimal
    currency: str
    set_id: int
    created_at: datetime
    applied_at: datetime | None


SQL: Final = SqlFile(__name__)
OUT_OF_SYNC: Final = SQL.query("out_of_sync", gives=OutOfSync)


def out_of_sync(
    reader: Reader, *, company: str, at: datetime, after: int = 0, limit: int = 200
) -> tuple[OutOfSync, ...]:
    """Give them by key; ``after`` is an actual's key. Older than an hour at ``at``."""
    return tuple(
        reader.all(
            OUT_OF_SYNC,
            company=company,
            created_from=at - _AGE_MAX,
            created_to=at - _AGE_MIN,
            after=after,
            rows_max=limit,
        )
    )
