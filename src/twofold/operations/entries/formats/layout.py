"""How a format is known: the columns that its header must have, and those that it may have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from twofold.operations.entries.formats.cells import RowCells
from twofold.operations.entries.formats.dates import DateReader
from twofold.operations.entries.formats.records import ExportRow, FormatName, ImportKeys

RowReader = Callable[[RowCells, int, DateReader, ImportKeys], ExportRow | None]


@dataclass(frozen=True, slots=True)
class Layout:
    """One format: its name, its columns, where its dates are, and the reader of its rows.

    ``date_format`` is set where the format has only one; else the file's dates decide.
    """

    name: FormatName
    title: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    optional_pattern: re.Pattern[str] | None
    date_columns: tuple[str, ...]
    date_format: str | None
    read_row: RowReader

    def missing(self, header: tuple[str, ...]) -> tuple[str, ...]:
        """Columns that the format must have and the header lacks."""
        return tuple(column for column in self.needed if column not in header)

    def surplus(self, header: tuple[str, ...]) -> tuple[str, ...]:
        """Columns of the header that the format does not know, or that come twice."""
        return tuple(
            column
            for index, column in enumerate(header)
            if column in header[:index] or not self._knows(column)
        )

    def _knows(self, column: str) -> bool:
        if column in self.needed or column in self.optional:
            return True
        return self.optional_pattern is not None and bool(self.optional_pattern.fullmatch(column))
