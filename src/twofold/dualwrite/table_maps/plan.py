"""What activating the declared maps would change, with every finding; nothing is written.

Before  both databases are migrated.
After   nothing is changed.
Next    ``activate_maps``, when the plan has no findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from twofold.database.connection import Book
from twofold.database.transaction import Reader
from twofold.dualwrite.table_maps.activate import (
    STANDING,
    ActiveMap,
    Standing,
    active_maps,
    examine_declared,
    is_kept_back,
    version_of,
)
from twofold.dualwrite.table_maps.check import Examined
from twofold.dualwrite.table_maps.declare import Declaration
from twofold.dualwrite.table_maps.drift import Drift, drift
from twofold.dualwrite.table_maps.judge_tables import judge_together
from twofold.kernel.errors import Refusal

PlannedChange = Literal["new", "changed", "unchanged", "kept back", "retired"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What activation would do to one map.

    ``kept back`` is a map that a person rolled back from the declared text: it is activated only
    by name. ``drift`` is what changed in its tables since the last activation.
    """

    map: str
    change: PlannedChange
    version_before: str | None
    version_after: str | None
    findings: tuple[Refusal, ...]
    drift: tuple[Drift, ...]


def plan_maps(
    declarations: tuple[Declaration, ...], *, operations: Book, finance: Book
) -> tuple[Planned, ...]:
    """Give what activating would do, map by map in the order of the declarations.

    Before  ``operations`` and ``finance`` are the books as the dual-write role.
    """
    with operations.reader() as here, finance.reader() as there:
        standing = {one.map: one for one in here.all(STANDING) if one.state != "retired"}
        drifted = _drifted(active_maps(here), here, there)
    together = list(judge_together(tuple(one.map for one in declarations)))
    planned = [
        _planned(
            one,
            examine_declared(one, operations=operations, finance=finance),
            standing.get(one.map.id),
            together,
            drifted,
        )
        for one in declarations
    ]
    declared = {one.map.id for one in declarations}
    gone = [one for name, one in standing.items() if name not in declared]
    return (
        *planned,
        *(Planned(one.map, "retired", one.map_version, None, (), ()) for one in gone),
    )


def standing_of(reader: Reader, *, map_id: str) -> Standing | None:
    """Give a map as a book has it, with the text of its active version."""
    return next((one for one in reader.all(STANDING) if one.map == map_id), None)


def drift_of(maps: tuple[ActiveMap, ...], *, operations: Book, finance: Book) -> tuple[Drift, ...]:
    """Give everything that changed in the tables of maps, in both books."""
    with operations.reader() as here, finance.reader() as there:
        return _drifted(maps, here, there)


def _drifted(maps: tuple[ActiveMap, ...], here: Reader, there: Reader) -> tuple[Drift, ...]:
    forward = [one for one in maps if one.compiled.map.source_book == "operations"]
    back = [one for one in maps if one.compiled.map.source_book == "finance"]
    return (
        *drift(here, forward, side="source"),
        *drift(there, forward, side="target"),
        *drift(there, back, side="source"),
        *drift(here, back, side="target"),
    )


def _planned(
    declaration: Declaration,
    examined: Examined,
    standing: Standing | None,
    together: list[Refusal],
    drifted: tuple[Drift, ...],
) -> Planned:
    table_map = declaration.map
    own = [one for one in together if one.record == f"map/{table_map.id}"]
    return Planned(
        table_map.id,
        _change(declaration, examined, standing),
        standing.map_version if standing else None,
        table_map.version,
        (*examined.findings, *own),
        tuple(one for one in drifted if one.map == table_map.id),
    )


def _change(
    declaration: Declaration, examined: Examined, standing: Standing | None
) -> PlannedChange:
    if standing is None:
        return "new"
    if is_kept_back(declaration, standing):
        return "kept back"
    is_same = standing.definition == declaration.text
    if is_same and examined.compiled is not None:
        # The same text over other column types is another version too.
        is_same = version_of(declaration.text, examined).content_hash == standing.content_hash
    return "unchanged" if is_same else "changed"
