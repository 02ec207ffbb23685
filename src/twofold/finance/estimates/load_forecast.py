"""Load a forecast: what estimate projects will have cost in the end.

Before  the contract lines have arrived from operations, each with a milestone.
After   every project that the forecast names has exactly the costs it states; others keep theirs.
        Estimates that were posted stay; drafts are out of date where they depend on it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.estimates.calculation import lock_estimates
from twofold.finance.estimates.forecast_file import ForecastLine
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class LoadedForecast:
    """How many projects got a forecast, in how many lines."""

    project_count: int
    line_count: int


@dataclass(frozen=True, slots=True)
class _Problem:
    code: str
    project: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
CREATE_STATED: Final = SQL.command("create_stated")
FILL_STATED: Final = SQL.command("fill_stated")
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
DELETE_OLDER: Final = SQL.command("delete_older")
ADD_FORECAST: Final = SQL.command("add_forecast")
SUM_UP: Final = SQL.query("sum_up", gives=LoadedForecast)
DROP_STATED: Final = SQL.command("drop_stated")


def load_forecast(
    transaction: Transaction,
    *,
    company: str,
    lines: tuple[ForecastLine, ...],
    actor: str,
    at: datetime,
) -> LoadedForecast:
    """Put the forecast of the projects named in the place of what they had.

    Refused with everything at once: no such estimate project (ERR-F81), an unknown category or a
    line stated twice (ERR-F80).
    """
    lock_estimates(transaction, company=company)
    stated = [
        {
            "project": one.project,
            "class": one.class_,
            "category": one.category,
            "quantity": str(one.quantity),
            "amount": str(one.amount),
        }
        for one in lines
    ]
    transaction.run(CREATE_STATED)
    transaction.run(FILL_STATED, company=company, lines=json.dumps(stated))
    problems = transaction.all(READ_PROBLEMS, company=company)
    if problems:
        raise Refused(
            *(
                refuse(one.code, f"forecast/{one.project}", field=one.field, value=one.value)
                for one in problems
            )
        )
    transaction.run(DELETE_OLDER, company=company)
    transaction.run(ADD_FORECAST, company=company, actor=actor, at=at)
    loaded = transaction.one(SUM_UP)
    transaction.run(DROP_STATED)
    record_deed(
        transaction,
        company=company,
        act="forecast_loaded",
        by=(actor, at),
        detail={**those(sorted({one.project for one in lines})), "count": len(lines)},
    )
    return loaded
