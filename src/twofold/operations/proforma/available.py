"""Apply what is available of a customer's retainers to drafts, oldest first.

Each retainer goes onto a draft once. What other open drafts apply already, and what is kept for a
refund, is left to them; confirming judges it again, under the retainer's lock.

Before  the drafts have their details; whoever opened or filled them holds their contract or header.
After   what was applied is on the drafts as details of class retainer with negative amount, and the
        headers add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.operations.keys import take_keys


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied to one draft: ``detail_count`` retainers, ``amount`` in all, above zero."""

    proforma_id: int
    detail_count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class _Offered:
    retainer_count: int


SQL: Final = SqlFile(__name__)
COUNT_OFFERED: Final = SQL.query("count_offered", gives=_Offered)
APPLY: Final = SQL.query("apply", gives=Applied)


def apply_available(
    transaction: Transaction, *, company: str, proforma_ids: Sequence[int], on: date
) -> dict[int, Applied]:
    """Apply retainers to the drafts, dated ``on``; give what each draft that got one got.

    Source: functional specification P09.7: the smaller of what is available and what is still
    chargeable. Drafts of one call have different customers or contracts.
    """
    asked = {"company": company, "proforma_ids": list(proforma_ids)}
    offered = transaction.one(COUNT_OFFERED, **asked).retainer_count
    if not offered:
        return {}
    first = take_keys(transaction, "operations.proforma_detail_key", how_many=offered)
    applied = transaction.all(APPLY, first_detail_id=first, applied_on=on, **asked)
    return {one.proforma_id: one for one in applied}
