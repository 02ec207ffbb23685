"""A fiscal period and its state: found, locked, changed, with who did it and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from twofold.database.deeds import Act, record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

PeriodState = Literal["open", "on_hold", "closed"]


@dataclass(frozen=True, slots=True)
class Period:
    """A fiscal period, both days inclusive."""

    period_start: date
    period_end: date
    state: str


@dataclass(frozen=True, slots=True)
class ShownPeriod:
    """A period with what happened to it last."""

    period_start: date
    period_end: date
    state: str
    actor: str | None
    at: datetime | None
    reason: str | None


SQL: Final = SqlFile(__name__)
LOCK_PERIOD: Final = SQL.query("lock_period", gives=Period)
PUT_STATE: Final = SQL.command("put_state")
ADD_EVENT: Final = SQL.command("add_event")
_ACTS: Final[dict[PeriodState, Act]] = {
    "open": "period_opened",
    "on_hold": "period_held",
    "closed": "period_closed",
}
LIST_PERIODS: Final = SQL.query("list_periods", gives=ShownPeriod)


def lock_period(transaction: Transaction, *, company: str, day: date, to: PeriodState) -> Period:
    """Lock the period that holds a day; refused with ERR-L01, or ERR-L02 when it is ``to``."""
    period = transaction.first(LOCK_PERIOD, company=company, day=day)
    if period is None:
        raise Refused(refuse("ERR-L01", f"period/{day}", field="day", value=str(day)))
    if period.state == to:
        raise Refused(
            refuse("ERR-L02", f"period/{period.period_start}", field="state", value=period.state)
        )
    return period


def record_state(
    transaction: Transaction,
    *,
    company: str,
    period: Period,
    state: PeriodState,
    reason: str,
    actor: str,
    at: datetime,
) -> None:
    """Put a locked period into a state, and keep who did it and why."""
    given = {"company": company, "period_start": period.period_start, "state": state}
    transaction.run(PUT_STATE, **given)
    transaction.run(ADD_EVENT, **given, reason=reason, actor=actor, at=at)
    record_deed(
        transaction,
        company=company,
        act=_ACTS[state],
        by=(actor, at),
        number=str(period.period_start),
        detail={"reason": reason} if reason else None,
    )


def list_periods(reader: Reader, *, company: str) -> tuple[ShownPeriod, ...]:
    """Give the periods of a company in order, each with its last change."""
    return tuple(reader.all(LIST_PERIODS, company=company))
