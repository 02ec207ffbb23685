"""Two versions of a map side by side: field by field, and in the SQL they become."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from twofold.dualwrite.table_maps.compiled import CompiledMap


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A place of a map file and what it says before and after; None where it says nothing."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two versions. ``sql`` is a unified diff of all statements."""

    fields: tuple[FieldDifference, ...]
    sql: str


def difference(before: CompiledMap, after: CompiledMap) -> Difference:
    """Compare two versions of a map; both empty when they say and do the same."""
    one, other = _fields(before), _fields(after)
    fields = tuple(
        FieldDifference(name, one.get(name), other.get(name))
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name)
    )
    lines = difflib.unified_diff(
        _lines(before), _lines(after), before.map.version, after.map.version, lineterm="", n=2
    )
    return Difference(fields, "\n".join(lines))


def _fields(compiled: CompiledMap) -> dict[str, str]:
    return dict(_flat("", msgspec.to_builtins(compiled.map)))


def _flat(place: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():  # pyright: ignore[reportUnknownVariableType] - from a record
            yield from _flat(f"{place}.{name}".lstrip("."), inner)  # pyright: ignore[reportUnknownArgumentType]
    elif value not in (None, "", False, (), []):
        yield place, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType]


def _lines(compiled: CompiledMap) -> list[str]:
    return [
        line
        for name, text in compiled.statements()
        for line in (f"-- {name}", *text.splitlines(), "")
    ]
