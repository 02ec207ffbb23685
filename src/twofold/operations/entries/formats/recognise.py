"""Read a file that people exported: find out by its header what it is, then read every row.

Before  nothing is known about the file but its name.
After   every row is either an export row or has at least one refusal, all of them at once; a
        file that cannot be read as a whole (unknown header, no text, dates that may mean two
        things) is refused with what to do about it.
Next    the process that imports entries looks up people, projects and tasks and records them;
        ``rejects.py`` writes the rows that were left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from typing import Final

from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.formats.cells import RowCells, Trouble
from twofold.operations.entries.formats.clockify import CLOCKIFY
from twofold.operations.entries.formats.dates import (
    ISO,
    DateReader,
    Sighting,
    choose_date_format,
    known_date_format,
)
from twofold.operations.entries.formats.fields import Problem
from twofold.operations.entries.formats.harvest import HARVEST
from twofold.operations.entries.formats.layout import Layout
from twofold.operations.entries.formats.own import OWN
from twofold.operations.entries.formats.records import Export, ExportRow, ImportKeys
from twofold.operations.entries.formats.source import open_table
from twofold.operations.entries.formats.table import (
    PROBLEM_COLUMN,
    ROW_BROKEN,
    WHOLE_ROW,
    Flaw,
    TableRow,
    TextTable,
    unreadable,
)
from twofold.operations.entries.formats.toggl import TOGGL
from twofold.operations.entries.formats.workbook import WorkbookTable

FORMAT_UNKNOWN: Final = "ERR-E02"

_LAYOUTS: Final = (TOGGL, CLOCKIFY, HARVEST, OWN)


def read_export(path: Path, *, date_format: str | None = None) -> Export:
    """Read an exported file; ``date_format`` is for files whose dates may mean two things."""
    table = open_table(path)
    header = _fields(table.header)
    layout = _recognised(path.name, header)
    if isinstance(table, WorkbookTable) and layout is not OWN:
        raise unreadable(
            path.name,
            f"is a workbook of {layout.title}, which is read as CSV",
            "export the report as CSV: a workbook may have reformatted its dates and durations",
        )
    dates = DateReader(_date_format(path.name, table, layout, date_format))
    with path.open("rb") as raw:
        digest = file_digest(raw, "sha256").digest()

    rows: list[ExportRow] = []
    refusals: list[Refusal] = []
    columns = {column: index for index, column in enumerate(header)}
    keys = ImportKeys(layout.name)
    for raw_row in table.rows():
        cells = RowCells(columns, raw_row.cells)
        row = None if _is_broken(raw_row) else layout.read_row(cells, raw_row.line, dates, keys)
        if row is not None and not raw_row.flaws:
            rows.append(row)
            continue
        record = f"{path.name}:{raw_row.line}"
        refusals.extend(_refusals(record, raw_row, cells.troubles, header))
    if not rows and not refusals:
        raise unreadable(path.name, "has a header and no rows", "export a period with entries")
    return Export(
        format=layout.name,
        file=path.name,
        rows=tuple(rows),
        refusals=tuple(refusals),
        date_format=dates.format,
        source=path,
        digest=digest,
    )


def _fields(header: tuple[str, ...]) -> tuple[str, ...]:
    """Header without the trailing column that a rejects file adds."""
    return header[:-1] if header[-1] == PROBLEM_COLUMN else header


def _recognised(file: str, header: tuple[str, ...]) -> Layout:
    for layout in _LAYOUTS:
        if not layout.missing(header) and not layout.surplus(header):
            return layout
    nearest = max(_LAYOUTS, key=lambda layout: _likeness(layout, header))
    if not _likeness(nearest, header):
        known = "; ".join(layout.title for layout in _LAYOUTS)
        reason, remedy = "is the header of no format that is known", f"export one of: {known}"
    else:
        differences = (
            ("misses", nearest.missing(header)),
            ("has besides", nearest.surplus(header)),
        )
        told = " and ".join(
            f"{what} {', '.join(columns)}" for what, columns in differences if columns
        )
        reason = f"is nearest to {nearest.title}, but {told}"
        remedy = "export the report again with exactly the columns of the format"
    raise Refused(
        Refusal(
            code=FORMAT_UNKNOWN,
            record=f"{file}:1",
            field="header",
            value=",".join(header),
            reason=reason,
            remedy=remedy,
        )
    )


def _likeness(layout: Layout, header: tuple[str, ...]) -> float:
    """Share of the columns that header and format have in common."""
    common = len(layout.needed) - len(layout.missing(header))
    return common / (len(layout.needed) + len(layout.surplus(header)))


def _date_format(
    file: str, table: TextTable | WorkbookTable, layout: Layout, asked: str | None
) -> str:
    wanted = known_date_format(asked) if asked is not None else None
    if layout is OWN and wanted not in {None, ISO}:
        raise unreadable(
            file,
            f"is Twofold's own format, whose dates are written {ISO}, not {wanted}",
            "leave out --date-format",
        )
    fixed = wanted or layout.date_format
    if fixed is not None:
        return fixed
    return choose_date_format(file, _dates(table, layout))


def _dates(table: TextTable | WorkbookTable, layout: Layout) -> dict[str, Sighting]:
    """Different texts in the date columns, with the place where each is seen first."""
    places = [(table.header.index(column), column) for column in layout.date_columns]
    dates: dict[str, Sighting] = {}
    for row in table.rows():
        if _is_broken(row):
            continue
        for index, column in places:
            text = row.cells[index].strip()
            if text and text not in dates:
                dates[text] = Sighting(row.line, column)
    return dates


def _is_broken(row: TableRow) -> bool:
    """Whether the row as a whole cannot be trusted to have its texts in the right columns."""
    return any(flaw.column == WHOLE_ROW for flaw in row.flaws)


def _refusals(
    record: str, row: TableRow, troubles: list[Trouble], header: tuple[str, ...]
) -> Iterator[Refusal]:
    """Flaws of the file first, then what the texts have wrong, each field named once."""
    flawed = [_flaw_trouble(row, flaw, header) for flaw in row.flaws]
    known = {trouble.column for trouble in flawed}
    for column, text, problem in (*flawed, *troubles):
        if column in known and problem.code != ROW_BROKEN:
            continue
        yield Refusal(
            code=problem.code,
            record=record,
            field=column,
            value=text,
            reason=problem.reason,
            remedy=problem.remedy,
        )


def _flaw_trouble(row: TableRow, flaw: Flaw, header: tuple[str, ...]) -> Trouble:
    index, reason, remedy = flaw
    problem = Problem(ROW_BROKEN, reason, remedy)
    if index == WHOLE_ROW:
        return Trouble("", "", problem)
    column = header[index] if index < len(header) else PROBLEM_COLUMN
    return Trouble(column, row.cells[index], problem)
