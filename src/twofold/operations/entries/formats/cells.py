"""One raw row under its header: fields are asked for by column, problems pile up.

A reader asks for every field it needs and looks at ``troubles`` once at the end, so that a row
with three mistakes is reported with three.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from twofold.operations.entries.formats.fields import Problem, empty_problem

_Value = TypeVar("_Value")


class Trouble(NamedTuple):
    """A problem and the column and text that have it."""

    column: str
    text: str
    problem: Problem


class RowCells:
    """The texts of one row, by column; a column that the file lacks reads as empty."""

    __slots__ = ("_cells", "_columns", "troubles")

    def __init__(self, columns: Mapping[str, int], cells: Sequence[str]) -> None:
        self._columns = columns
        self._cells = cells
        self.troubles: list[Trouble] = []

    def text(self, column: str) -> str:
        """Text of a field that may be empty, without the space around it."""
        index = self._columns.get(column)
        return "" if index is None else self._cells[index].strip()

    def needed_text(self, column: str) -> str:
        """Text of a field that must not be empty."""
        text = self.text(column)
        if not text:
            self.refuse(column, empty_problem())
        return text

    def needed(self, column: str, read: Callable[[str], _Value | Problem]) -> _Value | None:
        """Value of a field that must be given; None after a problem."""
        if not self.text(column):
            self.refuse(column, empty_problem())
            return None
        return self.given(column, read)

    def given(self, column: str, read: Callable[[str], _Value | Problem]) -> _Value | None:
        """Value of a field that may be empty; None if it is, or after a problem."""
        text = self.text(column)
        if not text:
            return None
        value = read(text)
        if isinstance(value, Problem):
            self.troubles.append(Trouble(column, text, value))
            return None
        return value

    def refuse(self, column: str, problem: Problem) -> None:
        """Note a problem of a field, for rules that look at more than its text."""
        self.troubles.append(Trouble(column, self.text(column), problem))
