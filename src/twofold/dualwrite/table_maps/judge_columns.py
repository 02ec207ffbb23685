"""Judge the columns of a map one by one: what would be refused, lost or guessed on the way.

Findings, each with its own code: see ``check``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from twofold.dualwrite.table_maps.facts import ColumnFact, Conversion, Side
from twofold.dualwrite.table_maps.language import Column, Lookup, TableMap
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

_LIMIT: Final = re.compile(r"character(?: varying)?\((\d+)\)")
_NUMERIC: Final = re.compile(r"numeric\((\d+),(-?\d+)\)")
_WHOLE: Final = {"smallint": 5, "integer": 10, "bigint": 19}
_NUMBERS: Final = (*_WHOLE, "numeric")
_FLOATS: Final = ("real", "double precision")


def finding(code: str, table_map: TableMap, field: str, value: str, reason: str) -> Refusal:
    """Make a finding about a map."""
    return refuse(code, f"map/{table_map.id}", field=field, value=value, reason=reason)


@dataclass(frozen=True, slots=True)
class Found:
    """A map and what both books say: columns, what is sent (types by column), conversions."""

    map: TableMap
    source: Side
    target: Side
    sent: Mapping[str, ColumnFact]
    conversions: Mapping[str, Conversion]

    def wanted(self, name: str) -> ColumnFact | None:
        """Give the column that must take what is sent: the target's, or the looked-up one."""
        part = self.map.part(name)
        if part.lookup and (part.gives or isinstance(part, Lookup)):
            table, _, column = part.lookup.rpartition(".")
            return self.target.of(table).get(column)
        return self.target.of(self.map.target.table).get(name)

    def given(self, name: str) -> ColumnFact | None:
        """Give the column whose value a lookup gives, if it gives one."""
        part = self.map.part(name)
        table = part.lookup.rpartition(".")[0]
        return self.target.of(table).get(part.gives) if part.gives else None


def judge_columns(found: Found) -> Iterator[Refusal]:
    """Judge what travels, column by column."""
    for name in (*found.map.columns, *found.map.lookups):
        part = found.map.part(name)
        place = f"{'columns' if name in found.map.columns else 'lookups'}.{name}"
        sent, wanted = found.sent.get(name), found.wanted(name)
        if sent is not None and wanted is not None:
            yield from _types(found, place, name, sent, wanted)
            yield from _codes(found, place, name, wanted)
        yield from _given(found, place, name)
        yield from _absent(found, place, name)
        target = found.target.of(found.map.target.table).get(name)
        if isinstance(part, Column) and target is not None and target.is_computed:
            reason = f"{found.map.target.table}.{name} is computed there"
            yield finding("ERR-D69", found.map, place, name, reason)


def _types(
    found: Found, place: str, name: str, sent: ColumnFact, wanted: ColumnFact
) -> Iterator[Refusal]:
    part = found.map.part(name)
    conversion = found.conversions.get(name)
    if conversion is not None and not conversion.is_hashed:
        reason = f"rows with a {wanted.type} cannot be compared"
        yield finding("ERR-D68", found.map, place, wanted.type, reason)
        return
    if isinstance(part, Column) and (part.constant or part.values):
        return  # literals: the server reads them as what they are to be
    if conversion is None or not conversion.converts or _loses_the_time(sent, wanted):
        reason = f"{sent.type} does not become {wanted.type} by itself"
        yield finding("ERR-D44", found.map, place, sent.type, reason)
        return
    code, reason = _narrowed(part, sent.travels_as, wanted.travels_as)
    if code:
        yield finding(code, found.map, place, sent.type, reason)


def _loses_the_time(sent: ColumnFact, wanted: ColumnFact) -> bool:
    return sent.type.startswith("timestamp") and wanted.type == "date"


def _narrowed(part: Column | Lookup, sent: str, wanted: str) -> tuple[str, str]:
    """Give the code and reason when the target takes less than what may be sent."""
    cut, rounded = (part.cut, part.round) if isinstance(part, Column) else (None, None)
    limit = _LIMIT.fullmatch(wanted)
    if limit:
        sent_limit = _LIMIT.fullmatch(sent)
        width = cut or (int(sent_limit[1]) if sent_limit else None)
        fits = width is not None and width <= int(limit[1])
        return ("", "") if fits else ("ERR-D45", f"{wanted} does not hold every {sent}")
    if _is_number(sent) and _is_number(wanted):
        return _narrowed_number(sent, wanted, rounded)
    return "", ""


def _narrowed_number(sent: str, wanted: str, rounded: int | None) -> tuple[str, str]:
    digits, places = _digits(sent)
    taken_digits, taken_places = _digits(wanted)
    if rounded is not None:
        places = rounded
    if taken_places is not None and (places is None or places > taken_places):
        kept = f"{taken_places} decimals" if taken_places else "no decimals"
        return "ERR-D47", f"{wanted} keeps {kept}, {sent} may have more"
    if taken_digits is not None and digits is not None and digits > taken_digits:
        return "ERR-D46", f"{wanted} does not hold every {sent}"
    return "", ""


def _is_number(type_name: str) -> bool:
    return type_name.partition("(")[0] in {*_NUMBERS, *_FLOATS}


def _digits(type_name: str) -> tuple[int | None, int | None]:
    """Give digits before and after the point; None where there is no bound."""
    if type_name in _WHOLE:
        return _WHOLE[type_name], 0
    numeric = _NUMERIC.fullmatch(type_name)
    if numeric:
        return int(numeric[1]) - int(numeric[2]), int(numeric[2])
    # No number is too long for an unbounded numeric; a float keeps some of every number.
    return (None, None) if type_name == "numeric" else (None, 0)


def _codes(found: Found, place: str, name: str, wanted: ColumnFact) -> Iterator[Refusal]:
    part = found.map.part(name)
    source = found.source.of(found.map.source.table).get(part.source)
    can_be = source.known_codes() if source is not None else []
    taken = wanted.known_codes()
    values, never = (part.values, part.never) if isinstance(part, Column) else ({}, ())
    untranslated = [
        one
        for one in can_be
        if one not in never and (one not in values if values else taken and one not in taken)
    ]
    if untranslated:
        reason = f"{found.map.source.table}.{part.source} can hold {', '.join(untranslated)}"
        yield finding("ERR-D49", found.map, place, ", ".join(untranslated), reason)
    wrong = [one for one in values.values() if taken and one not in taken]
    if wrong:
        reason = f"{found.map.target.table}.{name} holds one of {', '.join(taken)}"
        yield finding("ERR-D50", found.map, f"{place}.values", ", ".join(wrong), reason)


def _given(found: Found, place: str, name: str) -> Iterator[Refusal]:
    """Judge what a lookup gives against the column that takes it."""
    part, target = found.map.part(name), found.target.of(found.map.target.table).get(name)
    last = name if part.gives else part.of
    if not isinstance(part, Column) or not last or target is None:
        return
    gives = found.given(last)
    if gives is None:
        return
    if gives.type != target.type:
        code, reason = _narrowed(part, gives.travels_as, target.travels_as)
        same_kind = gives.type.partition("(")[0] == target.type.partition("(")[0]
        if not code and not same_kind and not (_is_number(gives.type) and _is_number(target.type)):
            code, reason = "ERR-D44", f"{gives.type} does not become {target.type} by itself"
        if code:
            yield finding(code, found.map, place, gives.type, reason)


def _absent(found: Found, place: str, name: str) -> Iterator[Refusal]:
    """Find what may be null on its way into a column that may not."""
    target = found.target.of(found.map.target.table).get(name)
    if name not in found.map.columns or target is None or target.is_nullable:
        return
    if any(found.map.looks_at_itself(one) for one in _steps(found.map, name)):
        reason = f"{name} is filled once its row is there"
        yield finding("ERR-D65", found.map, place, name, reason)
    if found.map.columns[name].required:
        return
    for table, column in _may_be_null(found, name):
        reason = f"{found.map.target.table} requires {name}, {table}.{column} may be absent"
        yield finding("ERR-D48", found.map, place, column, reason)


def _may_be_null(found: Found, name: str) -> Iterator[tuple[str, str]]:
    part = found.map.part(name)
    source = found.source.of(found.map.source.table).get(part.source)
    # A view does not know which of its columns may be null.
    if source is not None and source.is_nullable and not source.is_of_view:
        yield found.map.source.table, part.source
    gives = found.given(name)
    if gives is not None and gives.is_nullable and not gives.is_of_view:
        yield gives.table_name, gives.column_name
    if part.of:
        yield from _may_be_null(found, part.of)


def _steps(table_map: TableMap, name: str) -> list[str]:
    part = table_map.part(name)
    return [*(_steps(table_map, part.of) if part.of else []), *([name] if part.lookup else [])]
