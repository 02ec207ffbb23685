"""Settle an open payment or credit note with an open invoice.

Before  both are of one customer, and something of each is open.
After   as much as both have open, or the amount given, is settled; where the two came in at other
        rates the realised difference is posted (spec P31.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.recording import record_posting
from twofold.finance.receivables.settlements import (
    Settled,
    lock_receivables,
    open_settling,
    post_settlements,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.kernel.money import round_half_away


@dataclass(frozen=True, slots=True)
class _Position:
    voucher: str
    document: str
    customer_id: int
    currency: str
    open_amount: Decimal
    rate: Decimal | None
    precision: int


@dataclass(frozen=True, slots=True)
class _Open:
    is_open: bool


SQL: Final = SqlFile(__name__)
READ_POSITIONS: Final = SQL.query("read_positions", gives=_Position)
DAY_IS_OPEN: Final = SQL.query("day_is_open", gives=_Open)
ADD_PAIR: Final = SQL.command("add_pair")


def settle(
    transaction: Transaction,
    *,
    company: str,
    credit: str,
    debit: str,
    amount: Decimal | None,
    actor: str,
    at: datetime,
) -> Settled:
    """Settle ``debit`` with ``credit``, each an invoice number, bank reference or voucher.

    ``amount`` is in the currency of the debit; left out: as much as can be. Dated as ``at``.
    Refused with ERR-L25 (unknown, or more than one), ERR-L26 (the sides, their customer or the
    amount do not fit), ERR-L24 (the day is not open), ERR-I04 (no rate between two currencies).
    """
    day = at.date()
    given = {"company": company, "documents": [credit, debit]}
    lock_receivables(transaction, company=company)
    positions = transaction.all(READ_POSITIONS, **given, day=day)
    found = [_one_of(positions, name) for name in (credit, debit)]
    refusals = [one for one in found if isinstance(one, Refusal)]
    if not transaction.one(DAY_IS_OPEN, company=company, day=day).is_open:
        refusals.append(refuse("ERR-L24", f"settlement/{debit}", field="date", value=str(day)))
    if refusals:
        raise Refused(*refusals)
    paid, owed = (one for one in found if isinstance(one, _Position))
    debit_amount, credit_amount = _amounts(paid, owed, amount)
    open_settling(transaction)
    transaction.run(
        ADD_PAIR,
        debit_voucher=owed.voucher,
        credit_voucher=paid.voucher,
        day=day,
        debit_amount=debit_amount,
        credit_amount=credit_amount,
    )
    (settled,) = post_settlements(transaction, company=company, actor=actor, at=at)
    record_posting(
        transaction,
        company=company,
        kind="settlement",
        document=str(settled.settlement_id),
        actor=actor,
        at=at,
    )
    _record(transaction, company, settled, credit, debit, debit_amount, (actor, at))
    return settled


def _record(
    transaction: Transaction,
    company: str,
    settled: Settled,
    credit: str,
    debit: str,
    debit_amount: Decimal,
    by: tuple[str, datetime],
) -> None:
    """Keep who settled what with what."""
    record_deed(
        transaction,
        company=company,
        act="settled",
        by=by,
        number=str(settled.settlement_id),
        detail={"keys": [credit, debit], "total": debit_amount},
    )


def _one_of(positions: list[_Position], name: str) -> _Position | Refusal:
    found = [one for one in positions if name in {one.voucher, one.document}]
    if len(found) != 1:
        return refuse("ERR-L25", f"document/{name}", field="found", value=str(len(found)))
    return found[0]


def _amounts(paid: _Position, owed: _Position, amount: Decimal | None) -> tuple[Decimal, Decimal]:
    """Give what leaves the debit and the credit, each in its own currency."""
    record = f"settlement/{owed.document}"
    if owed.open_amount <= 0 or paid.open_amount >= 0 or paid.customer_id != owed.customer_id:
        raise Refused(
            refuse("ERR-L26", record, field="open", value=f"{owed.open_amount} {paid.open_amount}")
        )
    if paid.rate is None or owed.rate is None:
        raise Refused(
            refuse(
                "ERR-I04", record, field="exchange_rate", value=f"{paid.currency} {owed.currency}"
            )
        )
    available = -paid.open_amount
    factor = Decimal(1) if paid.currency == owed.currency else paid.rate / owed.rate
    payable = round_half_away(available * factor, owed.precision)
    debit_amount = min(owed.open_amount, payable) if amount is None else amount
    if not 0 < debit_amount <= min(owed.open_amount, payable):
        raise Refused(refuse("ERR-L26", record, field="amount", value=str(debit_amount)))
    if debit_amount == payable:
        return debit_amount, available
    return debit_amount, round_half_away(debit_amount / factor, paid.precision)
