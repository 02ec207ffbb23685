"""One table map: where each column comes from, its versions and SQL; let it run, rest or stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException

from twofold.dualwrite.sets.wake import free_from_maps
from twofold.dualwrite.table_maps.activate import history
from twofold.dualwrite.table_maps.language import Column as MapColumn
from twofold.dualwrite.table_maps.language import TableMap
from twofold.dualwrite.table_maps.states import (
    TRANSITIONS,
    Change,
    Gap,
    MapState,
    Verb,
    change_states,
    gaps,
    map_states,
)
from twofold.kernel.errors import Refusal, Refused
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page
from twofold.web.both_books import Found, reading_books
from twofold.web.integration.scope import assert_may_act, map_of, scope_of
from twofold.web.integration.versions import (
    MODES,
    compared,
    listing_of,
    make_active,
    offered,
    write_initially,
)
from twofold.web.listing import Column, Listing, answer, whole

# What a person does with a map; halting is dual-write's own.
VERBS: Final[tuple[Verb, ...]] = ("run", "pause", "resume", "stop", "start")
_VERB_OF: Final[dict[str, Verb]] = {one: one for one in VERBS}


@dataclass(frozen=True, slots=True)
class Mapped:
    """A column of the target, and where it comes from."""

    column: str
    source: str
    shaped: str
    lookup: str
    gives: str
    by: str


def _show(asked: Asked) -> Answer:
    """Show one map."""
    return _page(asked)


def _change(asked: Asked) -> Answer:
    """Change its state; what is refused is told on the page, with what was typed."""
    assert_may_act(asked)
    active = map_of(asked.system, asked.path["map"])
    verb = _VERB_OF.get(asked.typed("do"))
    if verb is None:
        raise HTTPException(404)
    change = Change(
        verb,
        (active.compiled.map.id,),
        asked.typed("reason"),
        asked.visitor.login,
        asked.typed("company") or None,
        related=asked.typed("related") == "yes",
    )
    system = asked.system
    try:
        changed = change_states(
            change, operations=system.dualwrite_operations, finance=system.dualwrite_finance
        )
    except Refused as refused:
        return _page(asked, refused.refusals)
    if TRANSITIONS[verb][1] == "running" and changed.carried_over:
        free_from_maps(system.forward)
        free_from_maps(system.back)
    done = f"{verb}:{len(changed.changed)}" if changed.carried_over else "later:1"
    return Moved(f"/integration/maps/{active.compiled.map.id}?done={done}")


def _page(asked: Asked, refusals: Sequence[Refusal] = ()) -> Answer:
    """Show the map that the address names, with what was refused (404)."""
    scope = scope_of(asked)
    active = map_of(asked.system, asked.path["map"])
    one = active.compiled.map
    with asked.system.auditor_operations.reader() as reader:
        states = [each for each in map_states(reader) if each.map == one.id]
        past = history(reader, map_id=one.id)
    found = Found()
    left = found.of(
        reading_books(asked), lambda reader: gaps(reader, maps=(one.id,), company=scope.company)
    )
    state = next((each.state for each in states if each.company is None), active.state)
    page = answer(
        asked,
        "table_map.html",
        _columns(one),
        listing_of(past),
        scope=scope,
        map=one,
        state=state,
        own=[each for each in states if scope.sees_all or each.company in (None, *scope.companies)],
        verbs=_verbs(states),
        gaps=[gap for _, each in left for gap in each if _is_seen(gap, scope.companies)],
        compared=compared(asked, active, past),
        offered=offered(asked, active, past) if scope.may_act else None,
        modes=MODES,
        statements=active.compiled.statements(),
        refusals=refusals,
        typed={name: asked.typed(name) for name in ("reason", "company", "related", "why")},
    )
    if refusals and isinstance(page, Shown):
        return Shown(page.template, page.values, status=422)
    return page


def _is_seen(gap: Gap, companies: Sequence[str]) -> bool:
    return gap.company in companies


def _verbs(states: Sequence[MapState]) -> list[Verb]:
    """Give what the states allow, of the map as a whole or where it is held for a company."""
    found = {one.state for one in states}
    return [verb for verb in VERBS if TRANSITIONS[verb][0] & found]


def _columns(one: TableMap) -> Listing[Mapped]:
    rows = list(_mapped(one))
    columns: tuple[Column[Mapped], ...] = (
        Column("Column", lambda row: row.column),
        Column("Comes from", lambda row: row.source),
        Column("Shaped", lambda row: row.shaped),
        Column("Must exist in", lambda row: row.lookup),
        Column("Gives", lambda row: row.gives),
        Column("Mapped by", lambda row: row.by, "term"),
    )
    return Listing(
        title="Columns",
        columns=columns,
        page=whole(rows, columns),
        place=lambda row: row.column,
        per_page=max(len(rows), 1),
    )


def _mapped(one: TableMap) -> Iterator[Mapped]:
    for name in (*one.columns, *one.lookups):
        part = one.part(name)
        came = part.source or (f"lookup: {part.of}" if part.of else "")
        shaped: list[str] = []
        if isinstance(part, MapColumn):
            came = came or part.constant or part.expression or f"set: {part.from_set}"
            shaped = [f"{code} → {meaning}" for code, meaning in part.values.items()]
            shaped += [f"never {code}" for code in part.never]
            shaped += [f"{part.round} decimals"] if part.round is not None else []
            shaped += [f"{part.cut} characters"] if part.cut is not None else []
        yield Mapped(
            name if name in one.columns else f"lookup: {name}",
            came,
            ", ".join(shaped),
            part.lookup,
            part.gives,
            "this environment" if name in one.overridden else "the product",
        )


def _make_active(asked: Asked) -> Answer:
    """Activate another version; what is refused is told on the page."""
    assert_may_act(asked)
    active = map_of(asked.system, asked.path["map"])
    try:
        return make_active(asked, active.compiled.map.id)
    except Refused as refused:
        return _page(asked, refused.refusals)


def _write(asked: Asked) -> Answer:
    """Write the rows of a company as they stand, as a job."""
    assert_may_act(asked)
    return write_initially(asked, map_of(asked.system, asked.path["map"]).compiled.map.id)


PAGES: Final = (
    Page("/integration/maps/{map}", _show, None),
    Page("/integration/maps/{map}", _change, None, "POST"),
    Page("/integration/maps/{map}/version", _make_active, None, "POST"),
    Page("/integration/maps/{map}/write", _write, None, "POST"),
)
