"""Clockify's detailed report as CSV.

Dates and times are written as the workspace prefers. The duration comes twice, exact and as a
decimal; the exact one is billed, and the other must be its rounding.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from twofold.operations.entries.formats.cells import RowCells
from twofold.operations.entries.formats.dates import DateReader
from twofold.operations.entries.formats.fields import (
    DURATION_MISMATCH,
    Problem,
    read_decimal,
    read_duration,
)
from twofold.operations.entries.formats.layout import Layout
from twofold.operations.entries.formats.records import ExportRow, ImportKeys
from twofold.operations.entries.formats.tracked import TrackedColumns, read_tracked_row

_EXACT: Final = "Duration (h)"
_ROUNDED: Final = "Duration (decimal)"
_COLUMNS: Final = TrackedColumns(
    start_date="Start Date",
    start_time="Start Time",
    end_date="End Date",
    end_time="End Time",
    duration=_EXACT,
)


def read_clockify_row(
    cells: RowCells, line: int, dates: DateReader, keys: ImportKeys
) -> ExportRow | None:
    """Read one time entry of Clockify."""
    rounded = cells.given(_ROUNDED, read_decimal)
    seconds = read_duration(cells.text(_EXACT))
    if rounded is not None and isinstance(seconds, int) and not _rounds_to(seconds, rounded):
        cells.refuse(
            _ROUNDED,
            Problem(
                DURATION_MISMATCH,
                f"is not {cells.text(_EXACT)} rounded",
                f"correct {_EXACT} or {_ROUNDED} so that the two agree",
            ),
        )
    return read_tracked_row(_COLUMNS, cells, line, dates, keys)


def _rounds_to(seconds: int, rounded: Decimal) -> bool:
    """Whether hours differ from the exact duration by half of their last digit at most."""
    exponent = rounded.as_tuple().exponent
    assert isinstance(exponent, int), rounded
    # In whole seconds times two: nothing is divided, so nothing is rounded here.
    return 2 * abs(rounded * 3600 - seconds) <= Decimal(3600).scaleb(exponent)


CLOCKIFY: Final = Layout(
    name="clockify",
    title="Clockify, detailed report",
    needed=(
        "Project",
        "Client",
        "Description",
        "Task",
        "User",
        "Email",
        "Billable",
        "Start Date",
        "Start Time",
        "End Date",
        "End Time",
        _EXACT,
        _ROUNDED,
    ),
    optional=("Group", "Tags", "Date of creation"),
    optional_pattern=re.compile(r"(?:Billable|Cost) (?:Rate|Amount) \([A-Z]{3}\)"),
    date_columns=("Start Date", "End Date"),
    date_format=None,
    read_row=read_clockify_row,
)
