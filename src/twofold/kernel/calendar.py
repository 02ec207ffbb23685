"""Due dates: payment terms applied to the date of an invoice.

The finance book computes many due dates at once with ``finance.due_date``, which follows the
same rules; a test holds one to the other.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Literal

PaymentMethod = Literal[
    "net", "current_month", "current_week", "current_quarter", "current_year", "cash_on_delivery"
]


def due_date(
    invoiced_on: date,
    *,
    method: PaymentMethod,
    months: int,
    days: int,
    cutoff_day: int | None = None,
) -> date:
    """Apply payment terms to an invoice date (spec P32.3).

    ``net`` counts from the invoice date; ``current_week``, ``current_month``, ``current_quarter``
    and ``current_year`` from the end of its week (a Sunday), month, quarter or year: first the
    months, then the days. A day that the month reached does not have becomes its last day. After
    the ``cutoff_day`` of its month an invoice counts as one of the next month. ``cash_on_delivery``
    is due on the invoice date.
    """
    if method == "cash_on_delivery":
        return invoiced_on
    if method == "net":
        reached = _months_later(invoiced_on, months)
    elif method == "current_week":
        reached = _months_later(invoiced_on + timedelta(6 - invoiced_on.weekday()), months)
    else:
        reached = _month_end(invoiced_on, months + _months_left(invoiced_on, method, cutoff_day))
    return reached + timedelta(days)


def _months_left(day: date, method: PaymentMethod, cutoff_day: int | None) -> int:
    """Count the months from a day's month to the one its week, month, quarter or year ends with."""
    if method == "current_quarter":
        return (12 - day.month) % 3
    if method == "current_year":
        return 12 - day.month
    return int(cutoff_day is not None and day.day > cutoff_day)


def _months_later(day: date, months: int) -> date:
    month_end = _month_end(day, months)
    return month_end.replace(day=min(day.day, month_end.day))


def _month_end(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
