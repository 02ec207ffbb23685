"""Close a period: nothing is posted into it any more.

Before  the period is open or on hold, and everything dated in it is posted.
After   it is closed, and who closed it, with which explanation, is on record.

Two findings may be explained, since they can be right: accrued revenue that does not balance,
and numbers that were drawn and never used. The others have to be put right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.closing.periods import lock_period, record_state
from twofold.finance.posting.recording import hold_postings
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused

# What may be as it is, for a reason that is kept.
_EXPLAINABLE: Final = frozenset({"ERR-L04", "ERR-L06"})


@dataclass(frozen=True, slots=True)
class _Finding:
    code: str
    record: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
UNPOSTED: Final = SQL.query("unposted", gives=_Finding)
UNBALANCED_ACCRUALS: Final = SQL.query("unbalanced_accruals", gives=_Finding)
UNEQUAL_BALANCES: Final = SQL.query("unequal_balances", gives=_Finding)
MISSING_NUMBERS: Final = SQL.query("missing_numbers", gives=_Finding)


def close_period(
    transaction: Transaction,
    *,
    company: str,
    day: date,
    explanation: str,
    actor: str,
    at: datetime,
) -> tuple[Refusal, ...]:
    """Close the period that holds a day; give the findings that the explanation covers.

    Postings under way are waited for, and none can commit into the period afterwards.
    Refused with ERR-L01 and ERR-L02 (the period), ERR-L03 (not posted), ERR-L05 (balances), and
    without an explanation with ERR-L04 (accrued revenue) and ERR-L06 (numbers).
    """
    hold_postings(transaction, company=company)
    period = lock_period(transaction, company=company, day=day, to="closed")
    given = {
        "company": company,
        "period_start": period.period_start,
        "period_end": period.period_end,
    }
    found = [
        refuse(one.code, one.record, field=one.field, value=one.value)
        for query in (UNPOSTED, UNBALANCED_ACCRUALS, UNEQUAL_BALANCES, MISSING_NUMBERS)
        for one in transaction.all(query, **given)
    ]
    explained = tuple(one for one in found if explanation and one.code in _EXPLAINABLE)
    refused = [one for one in found if one not in explained]
    if refused:
        raise Refused(*refused)
    record_state(
        transaction,
        company=company,
        period=period,
        state="closed",
        reason=explanation,
        actor=actor,
        at=at,
    )
    return explained
