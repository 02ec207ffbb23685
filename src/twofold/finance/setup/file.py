"""Read a setup file: TOML in, records out, every mistake of form at once.

The records of ``records.py`` are the format: a table has the keys that its record has fields,
an array of tables becomes a tuple of records. Numbers with a decimal point become Decimal.
What the values mean together is judged by ``rules.py``.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from twofold.finance.setup.records import FinanceSetup
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R")


def read_setup(content: bytes, *, file: str) -> FinanceSetup:
    """Read a setup file, TOML in UTF-8; ``file`` is the name shown in refusals.

    After   the setup is complete and every value has the type of its field, or the request is
            refused with all mistakes.
    """
    try:
        found = tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        reason = f"This is not UTF-8: {error.reason} at byte {error.start}."
        raise Refused(refuse("ERR-A30", file, reason=reason)) from error
    except tomllib.TOMLDecodeError as error:
        raise Refused(refuse("ERR-A30", file, reason=f"This is not TOML: {error}")) from error
    reading = _Reading(file)
    setup = reading.record(FinanceSetup, found, file)
    if reading.problems or setup is None:
        raise Refused(*reading.problems)
    return setup


# The simple types: what they are called, and what is a value of them.
_SIMPLE: Final[Mapping[type, tuple[str, Callable[[object], bool]]]] = {
    str: ("a text that is not empty", lambda value: isinstance(value, str) and value != ""),
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int: ("a whole number", lambda value: type(value) is int),
    date: ("a date such as 2026-07-01", lambda value: type(value) is date),
    Decimal: (
        "a number",
        lambda value: type(value) is int or (isinstance(value, Decimal) and value.is_finite()),
    ),
}


class _Reading:
    """One reading of one file: collects what is wrong while it makes records."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Refusal] = []

    def record(self, kind: type[R], found: object, where: str) -> R | None:
        """Make a record of a table; None when something is wrong with it."""
        if not isinstance(found, dict):
            return self._wrong(where, "", found, "This is not a table.")
        table = cast("dict[str, object]", found)  # keys of TOML are text
        hints = get_type_hints(kind)
        fields = _fields(kind)
        before = len(self.problems)
        for key in sorted(table.keys() - fields.keys()):
            known = ", ".join(fields)
            self._wrong(where, key, table[key], f"There is no such key. Known are: {known}.")
        values: dict[str, object] = {}
        for key, field in fields.items():
            if key in table:
                values[field.name] = self._value(hints[field.name], table[key], where, key)
            elif field.default is dataclasses.MISSING:
                self._wrong(where, key, None, "The key is missing.")
        return kind(**values) if len(self.problems) == before else None

    def _value(self, kind: Any, found: object, where: str, key: str) -> object:  # noqa: ANN401 - a type at run time has no type
        if isinstance(kind, UnionType):
            kind = get_args(kind)[0]  # only «… | None» is used, and TOML has no null
        if get_origin(kind) in {tuple, Mapping}:
            read = self._words if get_origin(kind) is Mapping else self._values
            return read(get_args(kind)[0], found, where, key)
        if dataclasses.is_dataclass(kind):
            return self.record(cast("type[object]", kind), found, f"{where}, {key}")
        if get_origin(kind) is Literal:
            name, is_value = f"one of: {', '.join(get_args(kind))}", get_args(kind).__contains__
        else:
            name, is_value = _SIMPLE[kind]
        if not is_value(found):
            return self._wrong(where, key, found, f"It must be {name}.")
        return Decimal(cast("int | Decimal", found)) if kind is Decimal else found

    def _words(self, kind: Any, found: object, where: str, key: str) -> object:  # noqa: ANN401 - see _value
        """Read a table of names and texts, such as ``{ Department = "D10" }``."""
        if not isinstance(found, dict):
            return self._wrong(where, key, found, "It must be a table of names and texts.")
        words = cast("dict[str, object]", found)  # keys of TOML are text
        name, is_value = _SIMPLE[kind]
        for word, value in words.items():
            if not is_value(value):
                self._wrong(where, f"{key} {word}", value, f"It must be {name}.")
        return words

    def _values(self, kind: Any, found: object, where: str, key: str) -> object:  # noqa: ANN401 - see _value
        if not isinstance(found, list):
            return self._wrong(where, key, found, "It must be a list.")
        values: list[object] = []
        for number, value in enumerate(cast("list[object]", found), start=1):
            if dataclasses.is_dataclass(kind):
                place = f"{where}, {key} {number}{_label(value)}"
                values.append(self.record(cast("type[object]", kind), value, place))
            else:
                values.append(self._value(kind, value, where, f"{key} {number}"))
        return tuple(values)

    def _wrong(self, where: str, key: str, value: object, reason: str) -> None:
        shown = "" if value is None else str(value)
        self.problems.append(refuse("ERR-A30", where, field=key, value=shown[:80], reason=reason))


def _fields(kind: type[object]) -> dict[str, dataclasses.Field[object]]:
    """Give the fields of a record by their keys: Python's own words carry an underscore there."""
    record = cast("type[DataclassInstance]", kind)  # records.py has nothing else
    return {field.name.removesuffix("_"): field for field in dataclasses.fields(record)}


def _label(table: object) -> str:
    """Name a table by its first value, so that a reader finds it."""
    if isinstance(table, dict) and table:
        first = next(iter(cast("dict[str, object]", table).values()))
        if isinstance(first, str) and first:
            return f" ({first})"
    return ""
