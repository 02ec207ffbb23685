"""Toggl Track's detailed report as CSV.

Toggl writes dates as YYYY-MM-DD whatever its user prefers, so no format is looked for; a file
that went through a spreadsheet needs ``--date-format``. The amount column is named after the
workspace's currency, may be empty, and is not read: prices come from the contract.
"""

from __future__ import annotations

import re
from typing import Final

from twofold.operations.entries.formats.cells import RowCells
from twofold.operations.entries.formats.dates import ISO, DateReader
from twofold.operations.entries.formats.layout import Layout
from twofold.operations.entries.formats.records import ExportRow, ImportKeys
from twofold.operations.entries.formats.tracked import TrackedColumns, read_tracked_row

_COLUMNS: Final = TrackedColumns(
    start_date="Start date",
    start_time="Start time",
    end_date="End date",
    end_time="End time",
    duration="Duration",
)


def read_toggl_row(
    cells: RowCells, line: int, dates: DateReader, keys: ImportKeys
) -> ExportRow | None:
    """Read one time entry of Toggl Track."""
    return read_tracked_row(_COLUMNS, cells, line, dates, keys)


TOGGL: Final = Layout(
    name="toggl",
    title="Toggl Track, detailed report",
    needed=(
        "User",
        "Email",
        "Client",
        "Project",
        "Task",
        "Description",
        "Billable",
        "Start date",
        "Start time",
        "End date",
        "End time",
        "Duration",
    ),
    optional=("Tags",),
    # Also "Amount ()", which is what a workspace without a currency exports.
    optional_pattern=re.compile(r"Amount(?: \((?:[A-Z]{3})?\))?"),
    date_columns=("Start date", "End date"),
    date_format=ISO,
    read_row=read_toggl_row,
)
