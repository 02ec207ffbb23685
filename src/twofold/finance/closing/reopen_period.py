"""Open a period again, or put it on hold: for a reason that is kept.

Before  the period is in another state.
After   it is open and takes postings, or on hold and takes none; nothing that was posted changed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from twofold.database.transaction import Transaction
from twofold.finance.closing.periods import Period, lock_period, record_state
from twofold.finance.posting.recording import hold_postings


def reopen_period(
    transaction: Transaction,
    *,
    company: str,
    day: date,
    to: Literal["open", "on_hold"],
    reason: str,
    actor: str,
    at: datetime,
) -> Period:
    """Put the period that holds a day into ``to``. Refused with ERR-L01, ERR-L02."""
    hold_postings(transaction, company=company)
    period = lock_period(transaction, company=company, day=day, to=to)
    record_state(
        transaction,
        company=company,
        period=period,
        state=to,
        reason=reason,
        actor=actor,
        at=at,
    )
    return period
