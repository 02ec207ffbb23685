"""Text tables: the rows a test is about, as a reader sees them.

    operations.contract
    contract_id  name         limit_amount
    1            First phase  1000.00
    2            ''           -

A block is a table, its columns, its rows; an empty line ends it. Cells are two or more spaces
apart. ``-`` is NULL and ``''`` an empty text. A table that both databases have is prefixed by
its book: ``finance:dualwrite.inbox``.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import cast

from twofold.database.connection import BookName


@dataclass(frozen=True, slots=True)
class TextTable:
    """One block: where its rows belong, and the rows as text."""

    book: BookName
    table: tuple[str, str]
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


def read_tables(text: str) -> list[TextTable]:
    """Read all blocks of a text."""
    blocks = re.split(r"\n\s*\n", textwrap.dedent(text).strip())
    return [_read_block(block.splitlines()) for block in blocks]


def _read_block(lines: list[str]) -> TextTable:
    book, _, name = lines[0].strip().rpartition(":")
    schema, table = name.split(".")
    columns = tuple(lines[1].split())
    rows = tuple(_read_row(line, len(columns)) for line in lines[2:])
    return TextTable(cast("BookName", book or schema), (schema, table), columns, rows)


def _read_row(line: str, width: int) -> tuple[str | None, ...]:
    cells = re.split(r"\s{2,}", line.strip())
    assert len(cells) == width, f"{len(cells)} cells for {width} columns: {line!r}"
    return tuple({"-": None, "''": ""}.get(cell, cell) for cell in cells)
