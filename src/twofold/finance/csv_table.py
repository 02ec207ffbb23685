"""A table that somebody made in a spreadsheet and saved as CSV, as rows of named cells."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass


class NotATable(ValueError):
    """The content is no such table; says why."""


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The columns that the first line names, in lower case, and the rows below it.

    Each row has the number of its last line in the file; what a row has too much stands under None.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str | None, str | None]], ...]


def read_table(content: bytes) -> CsvTable:
    """Read a CSV in UTF-8, cut at semicolons where the first line has one, else at commas.

    Raises NotATable.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotATable(f"It is not UTF-8: {error.reason} at byte {error.start}.") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise NotATable(f"It is no text: line {line} has a character of value zero.")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = [name.strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        rows = tuple((reader.line_num, row) for row in reader)
    except csv.Error as error:
        raise NotATable(f"It is no CSV, line {reader.line_num + 1}: {error}.") from error
    return CsvTable(tuple(columns), rows)
