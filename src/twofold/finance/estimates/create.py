"""Create revenue estimates: how far each fixed price is at the end of a period, to look at first.

Before  the costs of the period are posted, and forecasts are loaded.
After   every estimate project of the period code has a draft that nothing speaks against; an older
        draft of it is gone. An eliminated one without costs since then is left alone.
Next    look, and post; a draft that is out of date by then is not posted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import only_one, record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.estimates.calculation import (
    calculate,
    close_calculation,
    lock_estimates,
    open_calculation,
    place_estimates,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class CreatedEstimate:
    """A draft: percent complete, and what posting it would recognise and move.

    Amounts in the accounting currency; ``moved_amount`` is cost into work in progress.
    """

    number: str
    estimated_through: date
    percent: Decimal
    contract_amount: Decimal
    accrued_amount: Decimal
    moved_amount: Decimal


@dataclass(frozen=True, slots=True)
class CreatedEstimates:
    """The drafts, and the estimate projects that none could be made for, with the reason."""

    created: tuple[CreatedEstimate, ...]
    declined: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Unknown:
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class _Problem:
    number: str
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
FIND_UNKNOWN: Final = SQL.query("find_unknown", gives=_Unknown)
ASK: Final = SQL.command("ask")
LEAVE_OTHERS: Final = SQL.command("leave_others")
DELETE_OLDER: Final = SQL.command("delete_older")
ADD_DRAFTS: Final = SQL.command("add_drafts")
READ_CREATED: Final = SQL.query("read_created", gives=CreatedEstimate)
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)


def create_estimates(
    transaction: Transaction,
    *,
    company: str,
    period: str,
    day: date,
    complete: tuple[str, ...],
    actor: str,
    at: datetime,
) -> CreatedEstimates:
    """Create the estimates of a period code, through the end of the period that holds ``day``.

    ``complete`` names estimate projects that nothing more is spent on: they are at 100 percent.

    Refused with ERR-F81 where the period code or one of them is unknown. Declined one by one: the
    profile (ERR-F82), no forecast (ERR-F83), an estimate as late stands (ERR-F84), no rate
    (ERR-I04).
    """
    lock_estimates(transaction, company=company)
    unknown = transaction.all(FIND_UNKNOWN, company=company, period=period, numbers=list(complete))
    if unknown:
        raise Refused(
            *(
                refuse("ERR-F81", f"company/{company}", field=u.field, value=u.value)
                for u in unknown
            )
        )
    open_calculation(transaction)
    transaction.run(ASK, company=company, period=period, day=day, numbers=list(complete))
    place_estimates(transaction, company=company)
    transaction.run(LEAVE_OTHERS, period=period)
    calculate(transaction, company=company)
    transaction.run(DELETE_OLDER, company=company)
    transaction.run(ADD_DRAFTS, company=company, actor=actor, at=at)
    created = CreatedEstimates(
        created=tuple(transaction.all(READ_CREATED)),
        declined=tuple(
            refuse(one.code, f"estimate/{one.number}", field=one.field, value=one.value)
            for one in transaction.all(READ_PROBLEMS)
        ),
    )
    close_calculation(transaction)
    numbers = [one.number for one in created.created]
    if numbers:
        _record(transaction, company, numbers, period, day, (actor, at))
    return created


def _record(
    transaction: Transaction,
    company: str,
    numbers: list[str],
    period: str,
    day: date,
    by: tuple[str, datetime],
) -> None:
    """Keep who made drafts of which projects."""
    record_deed(
        transaction,
        company=company,
        act="estimates_created",
        by=by,
        number=only_one(numbers),
        detail={**those(numbers), "selection": {"period": period, "day": day}},
    )
