"""A page of a list as the template has it: what is written, and where each heading leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

# A term is a word of the system, as in `on_proforma`: it is said in the reader's language.
Kind = Literal["text", "term", "status", "date", "moment", "quantity", "money"]
# A term, a number or a code, as in USPM-PF-000001: it is not broken at its hyphens.
_WHOLE_MAX: Final = 22
FIGURES: Final = frozenset({"quantity", "money"})


@dataclass(frozen=True, slots=True)
class Field:
    """What a list is narrowed by: a name of the query.

    The ``choices`` of a choice are terms, those of a value are shown as they are; ``value`` is
    what counts while the query does not say.
    """

    name: str
    title: str
    kind: Literal["text", "date", "choice", "value"] = "text"
    choices: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is read. ``state`` is the raw term of a status."""

    text: str
    kind: Kind
    note: str = ""
    to: str = ""
    state: str = ""
    title: str = ""

    @property
    def look(self) -> str:
        """What the style sheet goes by: figures stand right, days and numbers stay whole."""
        if not self.text and not self.note:
            return "none"
        if self.kind in FIGURES:
            return "figure"
        if self.kind in {"date", "moment", "status"}:
            return "day"
        is_whole = self.kind == "term" or " " not in self.text
        return "whole" if is_whole and len(self.text) <= _WHOLE_MAX else ""


@dataclass(frozen=True, slots=True)
class Head:
    """A heading; ``to`` asks for its order, ``order`` is the one it has now."""

    title: str
    is_figure: bool
    to: str
    order: Literal["", "ascending", "descending"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row; ``pick`` is None where nothing is chosen by rows.

    ``is_picked``: it was ticked in the form that was declined.
    """

    cells: tuple[Cell, ...]
    pick: str | None
    is_picked: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A page of a list, ready for the template."""

    key: str
    title: str
    empty: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    foot: tuple[Cell, ...]
    fields: tuple[Field, ...]
    total: int | None
    sort: str
    is_unsorted: bool
    first: str
    following: str
    csv: str
    xlsx: str
    json: str

    @property
    def width(self) -> int:
        """How many columns there are, that of checkboxes not counted."""
        return len(self.heads)


def rank(value: object) -> tuple[str, Any]:
    """Figures and days are in their own order, words as people look them up."""
    if isinstance(value, (Decimal, int)):
        return "figure", value
    if isinstance(value, date):
        return type(value).__name__, value
    return "words", str(value).casefold()
