"""Undo a settlement: both sides are open again, and its exchange rate difference is taken back.

Before  the settlement stands.
After   it stands no more, for a reason that is kept; nothing that was posted has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.numbering import draw_numbers
from twofold.finance.posting.recording import record_posting
from twofold.finance.receivables.settlements import lock_receivables
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class _Settlement:
    voucher: str | None
    is_undone: bool
    day_is_open: bool


SQL: Final = SqlFile(__name__)
READ_SETTLEMENT: Final = SQL.query("read_settlement", gives=_Settlement)
ADD_UNDONE: Final = SQL.command("add_undone")
REVERSE_DIFFERENCE: Final = SQL.command("reverse_difference")


def undo_settlement(
    transaction: Transaction,
    *,
    company: str,
    settlement_id: int,
    reason: str,
    actor: str,
    at: datetime,
) -> str | None:
    """Undo it, dated as ``at``; give the voucher that takes a difference back, if there was one.

    Refused with ERR-L27 (unknown, or undone already), ERR-L24 (the day is not open).
    """
    day = at.date()
    lock_receivables(transaction, company=company)
    found = transaction.first(
        READ_SETTLEMENT, company=company, settlement_id=settlement_id, day=day
    )
    record = f"settlement/{settlement_id}"
    if found is None or found.is_undone:
        state = "unknown" if found is None else "undone"
        raise Refused(refuse("ERR-L27", record, field="state", value=state))
    if not found.day_is_open:
        raise Refused(refuse("ERR-L24", record, field="date", value=str(day)))
    voucher = _voucher(transaction, company=company) if found.voucher else None
    transaction.run(
        ADD_UNDONE,
        company=company,
        settlement_id=settlement_id,
        day=day,
        reason=reason,
        voucher=voucher,
        actor=actor,
        at=at,
    )
    transaction.run(
        REVERSE_DIFFERENCE, company=company, reversed=found.voucher, voucher=voucher, day=day
    )
    record_posting(
        transaction,
        company=company,
        kind="settlement undone",
        document=str(settlement_id),
        actor=actor,
        at=at,
    )
    _record(transaction, company, settlement_id, reason, (actor, at))
    return voucher


def _record(
    transaction: Transaction,
    company: str,
    settlement_id: int,
    reason: str,
    by: tuple[str, datetime],
) -> None:
    """Keep who undid it, and why."""
    record_deed(
        transaction,
        company=company,
        act="settlement_undone",
        by=by,
        number=str(settlement_id),
        detail={"reason": reason},
    )


def _voucher(transaction: Transaction, *, company: str) -> str:
    block = draw_numbers(
        transaction, company=company, reference="customer_payment_voucher", count=1
    )
    return f"{block.prefix}{block.first_number:0{block.digits}}"
