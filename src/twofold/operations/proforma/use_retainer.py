"""Say on a draft how much of a retainer it applies or refunds.

An application is lowered, raised again up to what is available and chargeable, or added after it
was removed. A refund is entered on the draft at once, instead of waiting for the next one.

Before  the draft is as the person saw it (``revision``), of the retainer's contract and customer.
After   the draft has one detail of this retainer, of this amount, and adds up.
Next    confirm.py judges the amount once more, under the retainer's lock, and uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.keys import take_keys
from twofold.operations.proforma.drafts import Draft, DraftTotals, add_up, lock_draft


@dataclass(frozen=True, slots=True)
class RetainerUse:
    """``amount`` in the draft's currency, from zero; a detail that is new is dated ``on``."""

    retainer_id: int
    use: Literal["applied", "refunded"]
    amount: Decimal
    on: date


@dataclass(frozen=True, slots=True)
class _Found:
    is_payers: bool
    refund_state: str | None
    use_on_draft: str | None
    detail_id: int | None
    available_amount: Decimal
    applicable_amount: Decimal
    chargeable_amount: Decimal


SQL: Final = SqlFile(__name__)
FIND: Final = SQL.query("find", gives=_Found)
ADD: Final = SQL.command("add")
CHANGE: Final = SQL.command("change")
CLAIM_REFUND: Final = SQL.command("claim_refund")


def use_retainer(
    transaction: Transaction,
    *,
    company: str,
    proforma_id: int,
    revision: int | None,
    wanted: RetainerUse,
    actor: str,
    at: datetime,
) -> DraftTotals:
    """Apply or refund this much of the retainer on the draft.

    Raises  Refused: as ``lock_draft``, with ERR-C06 for a refund on a confirmed one; ERR-B22 no
            such retainer; ERR-B09 more decimals than the currency has; ERR-B13 the application is
            below zero, above what is available or chargeable, or not of this customer; ERR-C06
            the refund is not above zero, above what is available, not of this customer, or under
            way.
    Source: functional specification P12.5, P27.4, P27.7.
    """
    try:
        draft = lock_draft(transaction, company=company, proforma_id=proforma_id, revision=revision)
    except Refused as refused:
        if wanted.use == "applied" or refused.codes != ("ERR-B10",):
            raise
        raise Refused(refuse("ERR-C06", refused.refusals[0].record)) from None
    asked: dict[str, object] = {
        "company": company,
        "proforma_id": proforma_id,
        "retainer_id": wanted.retainer_id,
    }
    found = transaction.first(FIND, **asked)
    record = f"proforma/{draft.number}/retainer/{wanted.retainer_id}"
    if found is None:
        raise Refused(refuse("ERR-B22", record))
    _assert_possible(record, draft, found, wanted)
    if wanted.use == "refunded":
        transaction.run(CLAIM_REFUND, amount=wanted.amount, **asked)
    _put(transaction, found, wanted, asked)
    return add_up(
        transaction,
        draft,
        company=company,
        by=(actor, at),
        act="retainer_used",
        detail={"keys": [wanted.retainer_id], "changes": {wanted.use: wanted.amount}},
    )


def _put(
    transaction: Transaction, found: _Found, wanted: RetainerUse, asked: dict[str, object]
) -> None:
    """Add the retainer's detail to the draft, or change the one it has."""
    if found.detail_id is None:
        key = take_keys(transaction, "operations.proforma_detail_key", how_many=1)
        transaction.run(
            ADD, detail_id=key, use=wanted.use, amount=-wanted.amount, used_on=wanted.on, **asked
        )
        return
    transaction.run(
        CHANGE,
        company=asked["company"],
        proforma_id=asked["proforma_id"],
        detail_id=found.detail_id,
        amount=-wanted.amount,
    )


def _assert_possible(record: str, draft: Draft, found: _Found, wanted: RetainerUse) -> None:
    value = f"{wanted.amount:f}"
    if wanted.amount % Decimal(1).scaleb(-draft.precision):
        raise Refused(refuse("ERR-B09", record, field="amount", value=value))
    if wanted.use == "refunded":
        limit, lowest, code = found.available_amount, wanted.amount > 0, "ERR-C06"
        is_free = found.refund_state is None and found.use_on_draft is None
    else:
        limit = min(found.applicable_amount, found.chargeable_amount)
        lowest, code = wanted.amount >= 0, "ERR-B13"
        is_free = found.use_on_draft in {None, "applied"}
    if found.is_payers and is_free and lowest and wanted.amount <= limit:
        return
    if not found.is_payers:
        reason = "The retainer is of another contract or customer."
    elif not is_free:
        reason = "The retainer is on a draft already, or its refund is under way."
    else:
        reason = (
            f"At most {max(limit, Decimal(0)):.{draft.precision}f} {draft.currency} are possible."
        )
    raise Refused(refuse(code, record, field="amount", value=value, reason=reason))
