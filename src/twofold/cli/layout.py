"""How rows are laid out: as a table where it fits, else as one block per row.

A terminal that is too narrow would break words and figures in pieces; a block has a line for
each column instead. Columns of running text may be folded as long as they stay readable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.markup import escape
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_GAP: Final = 2
# A column with longer texts than this may be folded, down to the width below.
_RUNNING_TEXT: Final = 20
_FOLDED_MIN: Final = 14


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its texts, whether they are figures, and their total."""

    name: str
    texts: tuple[str, ...]
    is_figure: bool
    total: str | None

    @property
    def width(self) -> int:
        """How wide its widest text is."""
        shown = (self.name, self.total or "", *self.texts)
        return max(len(line) for text in shown for line in text.splitlines() or [""])

    @property
    def width_min(self) -> int:
        """How narrow it may become: figures and short texts stay whole."""
        if self.is_figure or self.width <= _RUNNING_TEXT:
            return self.width
        return _FOLDED_MIN


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows under headings, laid out when the width is known."""

    title: str
    columns: tuple[Column, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the rows out for this console."""
        if self.title:
            yield Text(self.title, style="bold")
        needed = sum(column.width_min for column in self.columns) + _GAP * (len(self.columns) - 1)
        if needed <= options.max_width:
            yield self._table()
        else:
            yield from self._blocks()

    def _table(self) -> Table:
        has_total = any(column.total is not None for column in self.columns)
        table = Table(
            box=None,
            pad_edge=False,
            padding=(0, _GAP, 0, 0),
            header_style="bold",
            show_footer=has_total,
            footer_style="bold",
        )
        for column in self.columns:
            table.add_column(
                column.name,
                justify="right" if column.is_figure else "left",
                min_width=column.width_min,
                no_wrap=column.width_min == column.width,
                overflow="fold",
                footer=escape(column.total or ""),
            )
        for row in zip(*(column.texts for column in self.columns), strict=True):
            table.add_row(*(escape(text) for text in row))
        return table

    def _blocks(self) -> RenderResult:
        """Give one block per row, without what is empty; the totals are the last."""
        rows = list(zip(*(column.texts for column in self.columns), strict=True))
        if any(column.total is not None for column in self.columns):
            rows.append(tuple(column.total or "" for column in self.columns))
        for number, row in enumerate(rows):
            if number:
                yield Text("")
            block = Table.grid(padding=(0, _GAP, 0, 0))
            block.add_column(style="bold", no_wrap=True)
            block.add_column(overflow="fold")
            for column, text in zip(self.columns, row, strict=True):
                if text:
                    block.add_row(column.name, escape(text))
            yield block
