"""Refund what is available of a retainer: mark it, put it on a draft at once, or take that back.

What is marked goes onto the customer's next draft, or onto one that is refreshed; until then it is
kept, and no proforma can apply it. A refund of all that is available ends the retainer; after one
of a part, the rest stays available.

Before  the retainer is invoiced, and no refund of it is under way.
After   the refund is ready, or on the draft that was named; taken back, neither.
Next    proforma/create.py opens a draft of it, confirm.py refunds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class RefundState:
    """A retainer and its refund; amounts in ``currency``."""

    retainer_id: int
    description: str
    currency: str
    precision: int
    amount: Decimal
    available_amount: Decimal
    refund_state: str | None
    refund_amount: Decimal | None
    proforma_number: str | None


SQL: Final = SqlFile(__name__)
LOCK: Final = SQL.query("lock", gives=RefundState)
MARK: Final = SQL.command("mark")
CANCEL: Final = SQL.command("cancel")


def refund_retainer(
    transaction: Transaction,
    *,
    company: str,
    retainer_id: int,
    amount: Decimal | None,
    actor: str,
    at: datetime,
) -> RefundState:
    """Mark a refund as ready; None refunds all that is available. Give the retainer as it is then.

    Raises  Refused: ERR-B22 no such retainer; ERR-C06 nothing is available, or less than this, or a
            refund is under way or confirmed already; ERR-B32 not above zero, or too many decimals.
    Source: functional specification R-4, R-5, P27.7.
    """
    retainer = _locked(transaction, company, retainer_id)
    record = f"retainer/{retainer_id}"
    wanted = retainer.available_amount if amount is None else amount
    if retainer.refund_state is not None or not 0 < retainer.available_amount >= wanted:
        reason = (
            f"Its refund is {retainer.refund_state.replace('_', ' ')}."
            if retainer.refund_state is not None
            else f"Available are {retainer.available_amount:f}."
        )
        raise Refused(refuse("ERR-C06", record, field="amount", value=f"{wanted:f}", reason=reason))
    if wanted <= 0 or wanted % Decimal(1).scaleb(-retainer.precision):
        raise Refused(refuse("ERR-B32", record, field="amount", value=f"{wanted:f}"))
    transaction.run(MARK, company=company, retainer_id=retainer_id, amount=wanted)
    record_deed(
        transaction,
        company=company,
        act="refund_marked",
        by=(actor, at),
        number=str(retainer_id),
        detail={"total": wanted},
    )
    return _locked(transaction, company, retainer_id)


def cancel_refund(
    transaction: Transaction, *, company: str, retainer_id: int, actor: str, at: datetime
) -> RefundState:
    """Take back a refund that is ready; the amount is available again.

    Raises  Refused: ERR-B22 no such retainer; ERR-B06 it is on a draft, off which it is taken
            first; ERR-C06 none is under way, or it is confirmed.
    """
    retainer = _locked(transaction, company, retainer_id)
    record = f"retainer/{retainer_id}"
    if retainer.refund_state == "on_proforma":
        number = retainer.proforma_number or ""
        raise Refused(refuse("ERR-B06", record, field="proforma", value=number))
    if retainer.refund_state != "ready":
        state = retainer.refund_state or ""
        raise Refused(refuse("ERR-C06", record, field="refund_state", value=state))
    transaction.run(CANCEL, company=company, retainer_id=retainer_id)
    record_deed(
        transaction,
        company=company,
        act="refund_cancelled",
        by=(actor, at),
        number=str(retainer_id),
        detail={"total": retainer.refund_amount},
    )
    return _locked(transaction, company, retainer_id)


def _locked(transaction: Transaction, company: str, retainer_id: int) -> RefundState:
    retainer = transaction.first(LOCK, company=company, retainer_id=retainer_id)
    if retainer is None:
        raise Refused(refuse("ERR-B22", f"retainer/{retainer_id}"))
    return retainer
