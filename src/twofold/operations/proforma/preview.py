"""See what confirming proformas would make, by confirming them in a transaction that is not kept.

Before  the transaction will be rolled back (``Book.trial``).
After   the proformas are confirmed in it, and what that wrote was read: the very statements of
        ``confirm`` ran, so nothing else will be written when it is done in earnest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.operations.actuals.reads import ShownActual, show_actuals
from twofold.operations.proforma.confirm import Confirmed, confirm_proformas


@dataclass(frozen=True, slots=True)
class PreviewTotal:
    """New actuals of one proforma and kind, in its currency; whether they travel to finance."""

    number: str
    kind: str
    event: str
    billing_type: str
    travels: bool
    actual_count: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Preview:
    """Proformas as they would be confirmed, what that would write, and its first actuals."""

    proformas: tuple[Confirmed, ...]
    totals: tuple[PreviewTotal, ...]
    actuals: tuple[ShownActual, ...]


@dataclass(frozen=True, slots=True)
class _Key:
    actual_id: int


SQL: Final = SqlFile(__name__)
TOTALS: Final = SQL.query("totals", gives=PreviewTotal)
KEYS: Final = SQL.query("keys", gives=_Key)


def preview_confirmation(
    transaction: Transaction,
    *,
    company: str,
    proforma_ids: tuple[int, ...],
    actor: str,
    at: datetime,
    on: date,
    limit: int,
) -> Preview:
    """Confirm the proformas and give what came of it, with at most ``limit`` actuals.

    Raises  Refused: as ``confirm_proformas``.
    """
    before = len(transaction.sets)
    confirmed = confirm_proformas(
        transaction, company=company, proforma_ids=proforma_ids, actor=actor, at=at, on=on
    )
    sets = transaction.sets[before:]
    block = {
        "company": company,
        "first_key": min(one.key_first for one in sets if one.key_first is not None),
        "last_key": max(one.key_last for one in sets if one.key_last is not None),
    }
    totals = transaction.all(TOTALS, **block)
    keys = [one.actual_id for one in transaction.all(KEYS, rows_max=limit, **block)]
    actuals = show_actuals(transaction, company=company, actual_ids=keys)
    return Preview(confirmed, tuple(totals), tuple(actuals))
