"""Rows as files: CSV and JSON for programs, XLSX for people. Made row by row, never held whole.

Figures have a decimal point and days are ISO 8601 in CSV and JSON, whoever reads; in a workbook
they are numbers and days. Text stays text: nothing that somebody typed becomes a formula.

This is the one module of the pages that knows the workbook library, which comes without types.
"""

# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportMissingModuleSource=false

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, Final

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

CSV_TYPE: Final = "text/csv; charset=utf-8"
JSON_TYPE: Final = "application/json"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Rows that one sheet takes, its heading counted.
SHEET_ROWS_MAX: Final = 1_048_576
_BLOCK: Final = 500
_CHUNK_BYTES: Final = 64 * 1024
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# XML has no place for these.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NO_TITLE: Final = re.compile(r"[\[\]:*?/\\]")


def csv_file(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Give a CSV file (RFC 4180, UTF-8 with its mark, by which spreadsheets know it)."""
    yield b"\xef\xbb\xbf"
    source = iter(rows)
    while block := list(islice(source, _BLOCK)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([_plain(value) for value in row] for row in block)
        yield text.getvalue().encode()


# Figures with all their digits, as numbers.
_JSON: Final = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def json_file(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Give an array of objects, named by the headings (RFC 8259)."""
    source = iter(rows)
    heads = [str(head) for head in next(source)]
    mark = b"["
    while block := list(islice(source, _BLOCK)):
        objects = [_JSON.encode(dict(zip(heads, row, strict=True))) for row in block]
        yield mark + b",\n".join(objects)
        mark = b",\n"
    yield b"[]\n" if mark == b"[" else b"]\n"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
    text = f"{value:f}" if isinstance(value, Decimal) else str("" if value is None else value)
    # Spreadsheets take it for text then.
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text


def xlsx_file(rows: Iterable[Sequence[object]], *, title: str) -> Iterator[bytes]:
    """Give a workbook; what one sheet does not take goes on the next, under the same heading."""
    book = Workbook(write_only=True)
    source = iter(rows)
    heads = next(source)
    for number in range(1, 1_000_000):
        first = next(source, None)
        if first is None and number > 1:
            break
        sheet: Any = book.create_sheet(_NO_TITLE.sub(" ", title)[:25] + f" {number}" * (number > 1))
        sheet.freeze_panes = "A2"
        sheet.append([_heading(sheet, head) for head in heads])
        rest = islice(source, SHEET_ROWS_MAX - 2)
        for row in chain(() if first is None else (first,), rest):
            sheet.append([_cell(sheet, value) for value in row])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _heading(sheet: Any, head: object) -> Any:  # noqa: ANN401 - the library has no types
    cell: Any = WriteOnlyCell(sheet, value=str(head))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: object) -> Any:  # noqa: ANN401 - the library has no types
    given: Any = value
    if isinstance(value, datetime):
        # A workbook knows no time zones: the moment is in UTC.
        given = value.replace(tzinfo=None)
    elif value is not None and not isinstance(value, (date, Decimal, int)):
        given = _CONTROL.sub(" ", str(value))
    cell: Any = WriteOnlyCell(sheet, value=given)
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
    elif isinstance(value, Decimal):
        cell.number_format = "#,##0.00##"
    elif isinstance(given, str):
        # As text now, and as text still after somebody has edited the cell.
        cell.data_type = "s"
        cell.quotePrefix = given.startswith(_FORMULA)
    return cell
