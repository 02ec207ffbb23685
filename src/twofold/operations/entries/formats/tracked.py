"""An entry of a time tracker: start, end and duration, as Toggl Track and Clockify export it.

The duration is what is billed. Start and end are there to be checked against it: two numbers
that disagree about the same hours are a mistake that only a person can decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from twofold.operations.entries.formats.cells import RowCells
from twofold.operations.entries.formats.dates import DateReader
from twofold.operations.entries.formats.fields import (
    DAY_SECONDS,
    DURATION_MISMATCH,
    Problem,
    duration_text,
    empty_problem,
    hours_of_seconds,
    read_choice,
    read_clock_time,
    read_duration,
)
from twofold.operations.entries.formats.records import ExportRow, ImportKeys

# Start and end shown without seconds are each cut by less than a minute.
_UNSHOWN_SECONDS: Final = 59


@dataclass(frozen=True, slots=True)
class TrackedColumns:
    """What a tracker calls the columns that the two do not name alike."""

    start_date: str
    start_time: str
    end_date: str
    end_time: str
    duration: str


@dataclass(frozen=True, slots=True)
class _Span:
    """Start and end in seconds, counted from the midnight before the start."""

    start: int
    end: int
    tolerance: int


def read_tracked_row(
    columns: TrackedColumns, cells: RowCells, line: int, dates: DateReader, keys: ImportKeys
) -> ExportRow | None:
    """Read one time entry; None after a problem, which ``cells`` then has."""
    on = cells.needed(columns.start_date, dates)
    seconds = cells.needed(columns.duration, read_duration)
    span = _read_span(columns, cells, dates, on)
    if span is not None:
        _check_span(columns, cells, span, seconds)
    person, email = cells.text("User"), cells.text("Email")
    if not person and not email:
        cells.refuse("User", empty_problem())
    project = cells.needed_text("Project")
    billable = cells.given("Billable", read_choice)
    if cells.troubles:
        return None

    assert on is not None, line
    assert seconds is not None, line
    client, task, description = cells.text("Client"), cells.text("Task"), cells.text("Description")
    return ExportRow(
        line=line,
        cls="time",
        on=on,
        person=person,
        person_email=email,
        client=client,
        project=project,
        task=task,
        role="",
        category="",
        quantity=hours_of_seconds(seconds),
        unit_price=None,
        currency="",
        unit="hour",
        description=description,
        external_description="",
        billable=billable,
        import_key=keys.of(
            *(on.isoformat(), f"{span.start}-{span.end}" if span else "", str(seconds)),
            # The address is the person where it is given: names are changed more often.
            *(email.casefold() or person, client, project, task, description, str(billable)),
        ),
    )


def _read_span(
    columns: TrackedColumns, cells: RowCells, dates: DateReader, on: date | None
) -> _Span | None:
    """Start and end where the row gives both, on days that can be read."""
    start = cells.given(columns.start_time, read_clock_time)
    end_on = cells.given(columns.end_date, dates)
    end = cells.given(columns.end_time, read_clock_time)
    if on is None or start is None or end_on is None or end is None:
        return None
    tolerance = 0 if start.is_exact and end.is_exact else _UNSHOWN_SECONDS
    return _Span(start.seconds, end.seconds + (end_on - on).days * DAY_SECONDS, tolerance)


def _check_span(columns: TrackedColumns, cells: RowCells, span: _Span, seconds: int | None) -> None:
    elapsed = span.end - span.start
    if elapsed < 0:
        cells.refuse(
            columns.end_time,
            Problem(
                DURATION_MISMATCH,
                f"is before the start, {cells.text(columns.start_date)}"
                f" {cells.text(columns.start_time)}",
                f"correct the start or the end; past midnight, {columns.end_date} is the next day",
            ),
        )
    elif seconds is not None and abs(elapsed - seconds) > span.tolerance:
        cells.refuse(
            columns.duration,
            Problem(
                DURATION_MISMATCH,
                f"differs from start to end, which is {duration_text(elapsed)}",
                "correct the duration, the start or the end, or clear the start and end times",
            ),
        )
