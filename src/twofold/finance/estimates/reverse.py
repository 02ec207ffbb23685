"""Reverse the last estimate of estimate projects, or their elimination: all it posted goes back.

Before  the estimate is the last of its project that stands; earlier ones are reversed after it.
After   a voucher negates its entries, in every currency and with their dimensions; its costs are to
        be estimated again. The estimate and its reversal stay on record, with the reason.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.estimates.vouchers import (
    draw_vouchers,
    hold_vouchers,
    record_vouchers,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class ReversedEstimate:
    """A reversed estimate: its voucher, and the one that took it back."""

    number: str
    kind: str
    reversed_voucher: str
    voucher: str


@dataclass(frozen=True, slots=True)
class _Problem:
    number: str
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
CREATE_REVERSED: Final = SQL.command("create_reversed")
FILL_REVERSED: Final = SQL.command("fill_reversed")
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
NUMBER_REVERSALS: Final = SQL.command("number_reversals")
ADD_REVERSALS: Final = SQL.command("add_reversals")
ADD_ENTRIES: Final = SQL.command("add_entries")
READ_REVERSED: Final = SQL.query("read_reversed", gives=ReversedEstimate)
DROP_REVERSED: Final = SQL.command("drop_reversed")


def reverse_estimates(
    transaction: Transaction,
    *,
    company: str,
    numbers: tuple[str, ...],
    day: date,
    reason: str,
    actor: str,
    at: datetime,
) -> tuple[ReversedEstimate, ...]:
    """Reverse the last estimate of each project, dated ``day``.

    Refused with everything at once: no such estimate project (ERR-F81), none of its estimates
    stands (ERR-F87), the day is not open (ERR-J01) or before the estimate (ERR-F84).
    """
    hold_vouchers(transaction, company=company)
    named = sorted(set(numbers))
    transaction.run(CREATE_REVERSED)
    transaction.run(FILL_REVERSED, company=company, numbers=named)
    problems = [
        refuse(one.code, f"estimate/{one.number}", field=one.field, value=one.value)
        for one in transaction.all(READ_PROBLEMS, company=company, day=day)
    ]
    if problems:
        raise Refused(*problems)
    block = draw_vouchers(transaction, company=company, count=len(named))
    transaction.run(NUMBER_REVERSALS, **asdict(block))
    transaction.run(ADD_REVERSALS, company=company, day=day, reason=reason, actor=actor, at=at)
    transaction.run(ADD_ENTRIES, company=company, day=day)
    reversed_ = tuple(transaction.all(READ_REVERSED))
    transaction.run(DROP_REVERSED)
    record_vouchers(
        transaction,
        company=company,
        kind="estimate reversal",
        vouchers=tuple(one.voucher for one in reversed_),
        actor=actor,
        at=at,
    )
    _record(transaction, company, named, reason, (actor, at))
    return reversed_


def _record(
    transaction: Transaction,
    company: str,
    named: list[str],
    reason: str,
    by: tuple[str, datetime],
) -> None:
    """Keep who took which estimates back, and why."""
    record_deed(
        transaction,
        company=company,
        act="estimates_reversed",
        by=by,
        detail={**those(named), "reason": reason},
    )
