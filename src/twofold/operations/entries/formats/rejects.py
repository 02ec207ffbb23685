"""Write the rows that were left out to a file that can be corrected and imported again.

The rejects file is of the kind that the source is: same header, same encoding and delimiter,
each row with its original text, and a last column ``Problem``. Readers pass over that column,
so the corrected file is imported like any other, and good rows keep their import keys.

Text is written exactly as it came. In XLSX it is marked as text, so that no cell becomes a
formula. CSV has no such mark, and an apostrophe or a space put in front would change the data
on its way back; a description such as ``=1+1`` therefore stays as the tracker exported it,
and is as harmless or harmful to a spreadsheet program as the source file was.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Final

from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.formats.records import Export
from twofold.operations.entries.formats.source import open_table
from twofold.operations.entries.formats.table import PROBLEM_COLUMN, TextTable, unreadable
from twofold.operations.entries.formats.workbook import CellValue, WorkbookTable, write_workbook

FILE_NOT_WRITTEN: Final = "ERR-E14"


def write_rejects(export: Export, path: Path, *, refusals: Iterable[Refusal]) -> int:
    """Write the rows that the refusals name, each once, in file order; give their number.

    Before  the refusals are of this export: their records are ``<file>:<line>``.
    After   ``path`` is a new file: one that exists is never written over, because it may be
            what somebody is correcting.
    """
    problems = _problems(export, refusals)
    assert problems, "there is nothing to reject"
    _check_source(export)
    table = open_table(export.source)
    _check_target(export, path)
    match table:
        case TextTable():
            return _write_text(table, problems, path)
        case WorkbookTable():
            return _write_workbook(table, problems, path)


def _problems(export: Export, refusals: Iterable[Refusal]) -> dict[int, str]:
    """Problems of each line in one text."""
    problems: dict[int, list[str]] = {}
    for refusal in refusals:
        file, _, line = refusal.record.rpartition(":")
        assert file == export.file, refusal.record
        value = f" {refusal.value!r}" if refusal.value else ""
        field = refusal.field or "Row"
        told = f"{field}{value} {refusal.reason}: {refusal.remedy}"
        problems.setdefault(int(line), []).append(told)
    return {line: "; ".join(told) for line, told in problems.items()}


def _check_source(export: Export) -> None:
    try:
        with export.source.open("rb") as raw:
            is_same = file_digest(raw, "sha256").digest() == export.digest
    except OSError as error:
        raise unreadable(export.file, f"cannot be read: {error.strerror}", "put it back") from error
    if not is_same:
        raise unreadable(export.file, "has changed since it was read", "import it again")


def _check_target(export: Export, path: Path) -> None:
    if path.suffix.lower() != export.source.suffix.lower():
        raise _not_written(path, f"is not named like the source, {export.file}")
    if path.exists():
        raise _not_written(path, "is there already")


def _not_written(path: Path, reason: str) -> Refused:
    return Refused(
        Refusal(
            code=FILE_NOT_WRITTEN,
            record=path.name,
            reason=reason,
            remedy="give a new file name with the ending of the source",
        )
    )


def _write_text(table: TextTable, problems: Mapping[int, str], path: Path) -> int:
    width = _width(table.header)
    count = 0
    with path.open("x", encoding=table.encoding, newline="") as target:
        writer = csv.writer(target, delimiter=table.delimiter)
        writer.writerow((*table.header[:width], PROBLEM_COLUMN))
        for row in table.rows_as_written():
            if row.line in problems:
                # A row that is too long keeps its cells, so that nothing of it is lost.
                is_told = len(row.cells) == len(table.header)
                cells = row.cells[:width] if is_told else row.cells
                padding = [""] * (width - len(cells))
                writer.writerow((*cells, *padding, problems[row.line]))
                count += 1
    return count


def _write_workbook(table: WorkbookTable, problems: Mapping[int, str], path: Path) -> int:
    width = _width(table.header)

    def rows() -> Iterator[Iterable[CellValue]]:
        yield (*table.header[:width], PROBLEM_COLUMN)
        for line, values in table.values():
            if line in problems:
                padding = [None] * (width - len(values))
                beyond = values[len(table.header) :]
                yield (*values[:width], *padding, problems[line], *beyond)

    return write_workbook(path, rows()) - 1


def _width(header: tuple[str, ...]) -> int:
    """Columns of the source without those problems that an earlier rejects file told."""
    return len(header) - 1 if header[-1] == PROBLEM_COLUMN else len(header)
