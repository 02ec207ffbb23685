"""What a map saw of both books when it was activated: the columns it uses, and their neighbours."""

from __future__ import annotations

import json
from collections.abc import Iterable

from twofold.dualwrite.table_maps.facts import ColumnFact, Side, looked_up_columns, source_columns
from twofold.dualwrite.table_maps.language import TableMap


def fingerprint(table_map: TableMap, source: Side, target: Side) -> str:
    """Give the fingerprint as JSON: per side, each column with what may not change unnoticed.

    A column that the map does not use is kept too, so that a new one is told from an old one.
    """
    here = source.of(table_map.source.table)
    there = target.of(table_map.target.table)
    looked_up = looked_up_columns(table_map)
    used_there = {*table_map.columns, *looked_up.get(table_map.target.table, [])}
    lookups = [
        _shape(target.of(table)[name], is_used=True, is_own=False)
        for table, names in looked_up.items()
        if table != table_map.target.table
        for name in dict.fromkeys(names)
    ]
    return json.dumps(
        {
            "source": _shapes(here.values(), set(source_columns(table_map))),
            "target": [*_shapes(there.values(), used_there), *lookups],
        }
    )


def _shapes(columns: Iterable[ColumnFact], used: set[str]) -> list[dict[str, object]]:
    return [_shape(one, is_used=one.column_name in used, is_own=True) for one in columns]


def _shape(column: ColumnFact, *, is_used: bool, is_own: bool) -> dict[str, object]:
    return {
        "table_name": column.table_name,
        "column_name": column.column_name,
        "type": column.type,
        "is_nullable": column.is_nullable,
        "is_required": column.is_required,
        "is_used": is_used,
        "is_own": is_own,
    }
