"""A file as a table: a header, and rows of text with the line each begins on.

Text files are read as a stream, row by row, so that memory does not grow with the file. What
the text itself has wrong (a quote that is never closed, a row that is too short) comes with
the row as a flaw; only a file that is no readable text at all is refused as a whole.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from twofold.kernel.errors import Refusal, Refused

FILE_UNREADABLE: Final = "ERR-E01"
ROW_BROKEN: Final = "ERR-E04"

# Rejected rows carry their problems here; readers of corrected files pass over it.
PROBLEM_COLUMN: Final = "Problem"
WHOLE_ROW: Final = -1

_DELIMITERS: Final = (",", ";", "\t")
_HEAD_BYTES: Final = 64 * 1024
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_OLD_EXCEL_MARK: Final = b"\xd0\xcf\x11\xe0"
_QUOTING_REMEDY: Final = (
    'put quotes around the whole field, write a quote inside it twice (""), and close every quote'
)


class Flaw(NamedTuple):
    """What the file itself has wrong about a row, or about the cell in one of its columns."""

    column: int
    reason: str
    remedy: str


class TableRow(NamedTuple):
    """One row as the file has it; blank rows are left out before they get here."""

    line: int
    cells: list[str]
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True)
class TextTable:
    """Text with separated columns. Encoding and delimiter are those of the header line."""

    path: Path
    header: tuple[str, ...]
    encoding: str
    delimiter: str

    def rows(self) -> Iterator[TableRow]:
        """Rows after the header, each with one cell per column."""
        width = len(self.header)
        for row in self.rows_as_written():
            yield row if len(row.cells) == width else _fitted(row, self.header)

    def rows_as_written(self) -> Iterator[TableRow]:
        """Rows after the header with the cells they really have."""
        with _reading(self.path, self.encoding) as text:
            yield from _rows(text, self.delimiter)


def open_text_table(path: Path) -> TextTable:
    """Recognise the encoding, the delimiter and the header of a text file."""
    encoding = _encoding(path.name, read_head(path))
    with _reading(path, encoding) as text:
        first = text.readline().rstrip("\r\n")
    if not first.strip():
        raise unreadable(
            path.name, "has no header in its first line", "export the file again, with its header"
        )
    headers = {sign: next(csv.reader([first], delimiter=sign)) for sign in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda sign: len(headers[sign]))
    return TextTable(path, tuple(headers[delimiter]), encoding, delimiter)


def unreadable(file: str, reason: str, remedy: str) -> Refused:
    """Refuse a file as a whole."""
    return Refused(Refusal(code=FILE_UNREADABLE, record=file, reason=reason, remedy=remedy))


def read_head(path: Path) -> bytes:
    """First bytes of a file, which tell what it is."""
    try:
        with path.open("rb") as raw:
            return raw.read(_HEAD_BYTES)
    except OSError as error:
        raise unreadable(
            path.name,
            f"cannot be read: {error.strerror}",
            "check the name of the file and the right to read it",
        ) from error


def _fitted(row: TableRow, header: tuple[str, ...]) -> TableRow:
    """Row of the wrong width with the right one, and with the flaw of having been wrong.

    In a corrected rejects file the last cell, which held the problem, may have been deleted.
    """
    width = len(header)
    missing = width - len(row.cells)
    cells = (row.cells + [""] * missing)[:width]
    if row.flaws or (missing == 1 and header[-1] == PROBLEM_COLUMN):
        return TableRow(row.line, cells, row.flaws)
    flaw = Flaw(
        WHOLE_ROW,
        f"has {len(row.cells)} columns where the header has {width}",
        "give the row one cell per column; put quotes around a text that has the delimiter in it",
    )
    return TableRow(row.line, cells, (flaw,))


@contextmanager
def _reading(path: Path, encoding: str) -> Generator[TextIO, None, None]:
    """Open a text file; what is not text after all is refused, with its line."""
    try:
        with path.open(encoding=encoding, newline="") as text:
            yield text
    except UnicodeError as error:
        name = "UTF-16" if encoding == "utf-16" else "UTF-8"
        raise unreadable(
            f"{path.name}:{_undecodable_line(path, encoding)}",
            f"is not {name} text: {error}",
            "export the file again, or save it as CSV UTF-8",
        ) from error


def _encoding(file: str, head: bytes) -> str:
    if not head.strip():
        raise unreadable(file, "is empty", "export the file again")
    if head.startswith(_OLD_EXCEL_MARK):
        raise unreadable(file, "is a workbook of Excel before 2007", "save it as XLSX or CSV")
    if head.startswith(_UTF16_MARKS):
        return "utf-16"
    if b"\0" in head:
        raise unreadable(file, "is not a text file", "give a CSV or XLSX file")
    return "utf-8-sig" if head.startswith(_UTF8_MARK) else "utf-8"


def _undecodable_line(path: Path, encoding: str) -> int:
    """Line of the first bytes that are no text; the whole file is read once more to find it."""
    whole = path.read_bytes()
    try:
        whole.decode(encoding)
    except UnicodeDecodeError as error:
        return whole[: error.start].decode(encoding, errors="replace").count("\n") + 1
    return 1


def _rows(text: TextIO, delimiter: str) -> Iterator[TableRow]:
    """Rows with the line that each begins on. Text that breaks the quoting is kept as it is."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in text:
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    next(reader)
    while True:
        taken.clear()
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            flaw = Flaw(WHOLE_ROW, _quoting_reason(error, len(taken)), _QUOTING_REMEDY)
            yield TableRow(line, ["".join(taken).rstrip("\r\n")], (flaw,))
            continue
        if not any(cells):
            continue
        if any("\0" in part for part in taken):
            flaw = Flaw(WHOLE_ROW, "has a NUL character in it", "remove the character")
            yield TableRow(line, cells, (flaw,))
            continue
        yield TableRow(line, cells, ())


def _quoting_reason(error: csv.Error, lines: int) -> str:
    if "unexpected end" in str(error):
        return f"opens a quote that is never closed; {lines} lines are lost in it"
    return f"breaks the rules of quoting: {error}"
