"""Open a file as the kind of table that its first bytes say it is."""

from __future__ import annotations

from pathlib import Path

from twofold.operations.entries.formats.table import TextTable, open_text_table, read_head
from twofold.operations.entries.formats.workbook import (
    WORKBOOK_MARK,
    WorkbookTable,
    open_workbook_table,
)


def open_table(path: Path) -> TextTable | WorkbookTable:
    """Open a CSV or XLSX file; the name's ending is not asked, because people rename files."""
    if read_head(path).startswith(WORKBOOK_MARK):
        return open_workbook_table(path)
    return open_text_table(path)
