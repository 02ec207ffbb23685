"""Read how often contract lines are invoiced: an invoice frequency of a setup file.

Its runs are days of the period (``day``), or weekdays of it (``weekday`` and ``occurrence``), one
to four of one kind. In a week every weekday is there once, in two weeks twice.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from twofold.operations.setup.records import InvoiceFrequency, InvoicePeriod, Occurrence
from twofold.operations.setup.section import VALUE_INVALID, Section

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_PERIODS: Final[tuple[InvoicePeriod, ...]] = get_args(InvoicePeriod)
_WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
_OCCURRENCES: Final[dict[InvoicePeriod, tuple[Occurrence, ...]]] = {
    "weekly": ("first", "last"),
    "biweekly": ("first", "second", "last"),
    "monthly": ("first", "second", "third", "fourth", "last"),
}
_DAYS_MAX: Final[dict[InvoicePeriod, int]] = {"weekly": 7, "biweekly": 14, "monthly": 31}
_RUNS_MAX: Final = 4


def read_frequency(section: Section, company: str) -> InvoiceFrequency:
    """Read one frequency; what is wrong with it is kept as problems of the section."""
    name, period = section.text("name"), section.choice("period", _PERIODS)
    days: list[int] = []
    weekdays: list[tuple[int, Occurrence]] = []
    runs = section.sections("run", "run", "day")
    for run in runs:
        weekday = run.text_or_none("weekday")
        if weekday is None:
            days.append(_day(run, period))
        else:
            on = run.choice("weekday", _WEEKDAYS)
            occurrence: Occurrence = run.choice("occurrence", _OCCURRENCES[period], "first")
            weekdays.append((_WEEKDAYS.index(on) + 1, occurrence))
        run.close()
    if not 1 <= len(runs) <= _RUNS_MAX:
        section.refuse(VALUE_INVALID, "run", value=str(len(runs)), reason="has not 1 to 4 runs")
    if days and weekdays:
        section.refuse(VALUE_INVALID, "run", reason="counts days and weekdays: use one of them")
    section.close()
    return InvoiceFrequency(
        company,
        name,
        period,
        days=tuple(days) or None,
        weekdays=tuple(on for on, _ in weekdays) or None,
        occurrences=tuple(occurrence for _, occurrence in weekdays) or None,
    )


def _day(run: Section, period: InvoicePeriod) -> int:
    day = run.number("day")
    if day > _DAYS_MAX[period]:
        reason = f"is after the end of every period of this length, {_DAYS_MAX[period]}"
        run.refuse(VALUE_INVALID, "day", value=str(day), reason=reason)
    return day
