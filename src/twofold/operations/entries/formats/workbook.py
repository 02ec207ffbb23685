"""XLSX workbooks as tables of text, and rows written back as XLSX.

Only the first sheet is looked at. Dates, numbers and truth values become the text that a CSV
file would have, so that one reader serves both. A formula counts with the value that the
spreadsheet program stored for it; one that was never calculated is a flaw of its cell, not an
empty cell.

This is the one module that knows the workbook library, which comes without types.
"""

# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import repeat, zip_longest
from pathlib import Path
from typing import Any, Final, cast
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from twofold.operations.entries.formats.table import WHOLE_ROW, Flaw, TableRow, unreadable

WORKBOOK_MARK: Final = b"PK\x03\x04"
# What the library gives for a cell, as far as spreadsheet programs write it.
CellValue = str | int | float | bool | Decimal | date | datetime | time | None

# Number of the row from 1, values of its cells, and flaws of its cells.
_SheetRow = tuple[int, list[CellValue], tuple[Flaw, ...]]

_CHUNK_BYTES: Final = 1024 * 1024
_ERROR_FLAW: Final = "holds the error of a formula"
_UNCALCULATED_FLAW: Final = "holds a formula that was never calculated"
_FORMULA_REMEDY: Final = "open the file in a spreadsheet program, correct the formula and save"
_SAVE_REMEDY: Final = "open the file in a spreadsheet program and save it as XLSX, or as CSV"


@dataclass(frozen=True, slots=True)
class WorkbookTable:
    """First sheet of a workbook. Rows are streamed: a workbook is never held as a whole."""

    path: Path
    header: tuple[str, ...]

    def rows(self) -> Iterator[TableRow]:
        """Rows after the header, in text."""
        for line, values, flaws in _sheet_rows(self.path):
            cells = [_text(value) for value in values]
            if line == 1 or not (any(cells) or flaws):
                continue
            yield _fitted(TableRow(line, cells, flaws), len(self.header))

    def values(self) -> Iterator[tuple[int, list[CellValue]]]:
        """Rows after the header as the cells have them, to be written back unchanged."""
        for line, values, _ in _sheet_rows(self.path):
            if line > 1:
                yield line, values


def open_workbook_table(path: Path) -> WorkbookTable:
    """Recognise the header of a workbook's first sheet."""
    for _, values, _ in _sheet_rows(path):
        header = _trimmed([_text(value) for value in values])
        if header:
            return WorkbookTable(path, tuple(header))
        break
    raise unreadable(
        path.name, "has no header in the first row of its first sheet", "write the header there"
    )


def write_workbook(path: Path, rows: Iterable[Iterable[CellValue]]) -> int:
    """Write rows as a new workbook, and give their number.

    Text stays text: nothing in it becomes a formula.
    """
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Entries")
    count = 0
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
    with path.open("xb") as target:
        book.save(target)
    return count


def _cell(sheet: Any, value: CellValue) -> Any:  # noqa: ANN401 - the library has no types
    cell: Any = WriteOnlyCell(sheet, value=cast("Any", value))
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@")):
        # As text now, and as text still after somebody has edited the cell.
        cell.data_type = "s"
        cell.quotePrefix = True
    elif isinstance(value, date):
        cell.number_format = "yyyy-mm-dd" if not isinstance(value, datetime) else _moment(value)
    return cell


def _moment(value: datetime) -> str:
    return "yyyy-mm-dd" if value.time() == time() else "yyyy-mm-dd hh:mm:ss"


def _sheet_rows(path: Path) -> Iterator[_SheetRow]:
    try:
        has_formulas = _has_formulas(path)
        with _first_sheet(path, data_only=True) as stored:
            if not has_formulas:
                yield from _paired(stored.iter_rows(), repeat(()))
                return
            with _first_sheet(path, data_only=False) as written:
                yield from _paired(stored.iter_rows(), written.iter_rows())
    except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, EOFError) as error:
        raise unreadable(path.name, f"is not a whole workbook: {error}", _SAVE_REMEDY) from error


def _paired(stored: Iterable[Any], written: Iterable[Any]) -> Iterator[_SheetRow]:
    """Give each row its number, and tell empty cells from formulas that nobody has calculated."""
    pairs = zip(stored, written, strict=False)
    for line, (cells, formulas) in enumerate(pairs, start=1):
        values, flaws = _values(cells, formulas)
        yield line, values, flaws


@contextmanager
def _first_sheet(path: Path, *, data_only: bool) -> Generator[Any, None, None]:
    book: Any = load_workbook(path, read_only=True, data_only=data_only)
    try:
        if not book.worksheets:
            raise unreadable(path.name, "has no sheet with cells", _SAVE_REMEDY)
        sheet = book.worksheets[0]
        # Some programs write a wrong size into the file, and rows would be cut by it.
        sheet.reset_dimensions()
        yield sheet
    finally:
        book.close()


def _has_formulas(path: Path) -> bool:
    """Whether any sheet has a formula; the second look at each cell is saved if not."""
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(_names_formula(archive, name) for name in sheets)


def _names_formula(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as sheet:
        tail = b""
        while chunk := sheet.read(_CHUNK_BYTES):
            seen = tail + chunk
            if b"<f>" in seen or b"<f " in seen:
                return True
            # The mark may lie across two chunks.
            tail = seen[-2:]
    return False


def _values(
    cells: Iterable[Any], formulas: Iterable[Any]
) -> tuple[list[CellValue], tuple[Flaw, ...]]:
    values: list[CellValue] = []
    flaws: list[Flaw] = []
    for column, (cell, formula) in enumerate(zip_longest(cells, formulas)):
        value = cast("CellValue", cell.value)
        if cell.data_type == "e":
            flaws.append(Flaw(column, _ERROR_FLAW, _FORMULA_REMEDY))
        elif value is None and formula is not None and formula.value is not None:
            flaws.append(Flaw(column, _UNCALCULATED_FLAW, _FORMULA_REMEDY))
            value = str(formula.value)
        values.append(value)
    return values, tuple(flaws)


def _text(value: CellValue) -> str:
    """Text of a cell as a CSV file would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        # Spreadsheets keep 15 digits; what a float has beyond them is noise (0.1 + 0.2).
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _fitted(row: TableRow, width: int) -> TableRow:
    """Row as wide as the header. Sheets end ragged; only text beyond the header is a flaw."""
    cells = (row.cells + [""] * (width - len(row.cells)))[:width]
    flaws = tuple(flaw for flaw in row.flaws if flaw.column < width)
    if any(row.cells[width:]):
        flaws = (Flaw(WHOLE_ROW, "has cells to the right of the header", "clear them"),)
    return TableRow(row.line, cells, flaws)


def _trimmed(cells: list[str]) -> list[str]:
    """Cells without the empty ones at the end, which are only formatted."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]
