"""Correct accrued revenue: take out of the accrual what its invoice did not reverse.

Before  sales that are invoiced have an imbalance: accrued 5,000 and reversed 4,500 leave 500.
After   one voucher takes the imbalance out, and the sales balance. Where both accounts of the
        accrual are off (symmetric) they correct each other; where one is, against an offset
        account (asymmetric). What was posted stays; there is no undoing but another correction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.numbering import draw_numbers
from twofold.finance.posting.recording import hold_postings, record_posting
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class Correction:
    """What to correct: sales by key, or all of the period. ``side`` both needs no offset."""

    period_from: date
    period_to: date
    actual_ids: tuple[int, ...]
    side: Literal["both", "wip", "revenue"]
    offset_account: str | None
    posted_on: date
    description: str


@dataclass(frozen=True, slots=True)
class AdjustedAccruals:
    """The voucher that was posted."""

    voucher: str
    transaction_count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class _Facts:
    is_open: bool
    knows_offset: bool


@dataclass(frozen=True, slots=True)
class _Sum:
    transaction_count: int
    amount: Decimal


SQL: Final = SqlFile(__name__)
READ_FACTS: Final = SQL.query("read_facts", gives=_Facts)
ADD_ADJUSTMENTS: Final = SQL.query("add_adjustments", gives=_Sum)
ADD_ENTRIES: Final = SQL.command("add_entries")


def adjust_accruals(
    transaction: Transaction, *, company: str, correction: Correction, actor: str, at: datetime
) -> AdjustedAccruals:
    """Post the correction.

    Refused with ERR-L24 (the day is not open), ERR-J03 (one side, and no account to set against
    it), ERR-L13 (nothing named has an imbalance).
    """
    block = draw_numbers(
        transaction, company=company, reference="accrual_adjustment_voucher", count=1
    )
    voucher = f"{block.prefix}{block.first_number:0{block.digits}}"
    hold_postings(transaction, company=company)
    offset = None if correction.side == "both" else correction.offset_account or "none"
    posted_on, record = correction.posted_on, f"company/{company}"
    facts = transaction.one(READ_FACTS, company=company, day=posted_on, offset_account=offset)
    refusals: list[Refusal] = []
    if not facts.is_open:
        refusals.append(refuse("ERR-L24", record, field="date", value=str(posted_on)))
    if not facts.knows_offset:
        refusals.append(refuse("ERR-J03", record, field="offset_account", value=offset or ""))
    if refusals:
        raise Refused(*refusals)
    summed = transaction.one(
        ADD_ADJUSTMENTS,
        company=company,
        voucher=voucher,
        period_from=correction.period_from,
        period_to=correction.period_to,
        actual_ids=list(correction.actual_ids) or None,
        side=correction.side,
        offset_account=offset,
        day=posted_on,
        description=correction.description,
        actor=actor,
        at=at,
    )
    if not summed.transaction_count:
        raise Refused(refuse("ERR-L13", record, field="imbalance_amount", value="0"))
    transaction.run(ADD_ENTRIES, company=company, voucher=voucher)
    record_posting(
        transaction,
        company=company,
        kind="accrual adjustment",
        document=voucher,
        actor=actor,
        at=at,
    )
    _record(transaction, company, voucher, summed, (actor, at))
    return AdjustedAccruals(voucher, summed.transaction_count, summed.amount)


def _record(
    transaction: Transaction,
    company: str,
    voucher: str,
    summed: _Sum,
    by: tuple[str, datetime],
) -> None:
    """Keep who corrected how much."""
    record_deed(
        transaction,
        company=company,
        act="accruals_adjusted",
        by=by,
        number=voucher,
        detail={"count": summed.transaction_count, "total": summed.amount},
    )
