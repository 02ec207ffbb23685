"""Due dates: payment terms applied to the date of an invoice.

The finance book computes many due dates at once with ``finance.due_date``, which follows the
same two rules; a test holds one to the other.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Literal

PaymentMethod = Literal["net", "current_month"]


def due_date(invoiced_on: date, *, method: PaymentMethod, months: int, days: int) -> date:
    """Apply payment terms to an invoice date.

    ``net`` counts from the invoice date, ``current_month`` from the end of its month: first the
    months, then the days. A day that the month reached does not have becomes its last day.
    """
    month_end = _month_end(invoiced_on, months)
    if method == "net":
        reached = month_end.replace(day=min(invoiced_on.day, month_end.day))
        return reached + timedelta(days)
    return month_end + timedelta(days)


def _month_end(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, calendar.monthrange(year, month + 1)[1])
