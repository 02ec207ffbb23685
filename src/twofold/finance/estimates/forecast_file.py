"""A forecast as a table: estimate project, class, category, quantity, amount.

The project is the number of the contract and of its line, such as ``C-100/1``. Amounts are in the
accounting currency; category and quantity may be left empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from twofold.finance.csv_table import NotATable, read_table
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused

_COLUMNS: Final = ("project", "class", "category", "quantity", "amount")
_CLASSES: Final = frozenset({"time", "expense", "material"})
_DECIMALS: Final = 4
_LARGEST: Final = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """What an estimate project will have cost in the end, of one class or one category of it."""

    project: str
    class_: str
    category: str
    quantity: Decimal
    amount: Decimal


def read_forecast(content: bytes) -> tuple[ForecastLine, ...]:
    """Read a CSV in UTF-8; its first line names the columns, in any order.

    Refused with every mistake of form (ERR-F80).
    """
    try:
        table = read_table(content)
    except NotATable as error:
        raise Refused(_bad("file", "", "", str(error))) from error
    if sorted(table.columns) != sorted(_COLUMNS):
        raise Refused(_bad("file", "columns", "", f"The columns are {', '.join(_COLUMNS)}."))
    refusals: list[Refusal] = []
    lines = [_line(row, f"line/{number}", refusals) for number, row in table.rows]
    if refusals:
        raise Refused(*refusals)
    return tuple(lines)


def _line(row: dict[str | None, str | None], place: str, refusals: list[Refusal]) -> ForecastLine:
    cells = {name: (row.get(name) or "").strip() for name in _COLUMNS}
    if None in row:
        refusals.append(_bad(place, "columns", "", "The line has more cells than columns."))
    if not cells["project"]:
        refusals.append(_bad(place, "project", "", "It names no estimate project."))
    if cells["class"] not in _CLASSES:
        refusals.append(
            _bad(place, "class", cells["class"], f"It is one of {', '.join(sorted(_CLASSES))}.")
        )
    return ForecastLine(
        project=cells["project"],
        class_=cells["class"],
        category=cells["category"],
        quantity=_number(place, "quantity", cells["quantity"] or "0", refusals),
        amount=_number(place, "amount", cells["amount"], refusals),
    )


def _number(place: str, field: str, text: str, refusals: list[Refusal]) -> Decimal:
    try:
        number = Decimal(text)
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -_DECIMALS and 0 <= number < _LARGEST:
            return number
    except InvalidOperation:
        pass
    reason = f"It is a number from zero up, with at most {_DECIMALS} decimals, such as 1250.50."
    refusals.append(_bad(place, field, text, reason))
    return Decimal(0)


def _bad(record: str, field: str, value: str, reason: str) -> Refusal:
    return refuse("ERR-F80", record, field=field, value=value[:80], reason=reason)
