"""Whether maps run: paused, stopped, started, halted, wholly or for one company.

The operations book decides. A command writes there first, with its event, and carries the states
over to the finance book, whose sealing and delivery read that copy. Between the two a crash leaves
the copy behind: the next command, and every look of the engine, carries it over again
(``carry_over_states``), so a command is done as soon as the operations book has it.

Before  the maps are recorded in both books.
After   the states are changed as the table of transitions allows, or nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.events import record_event
from twofold.dualwrite.table_maps.activate import ActiveMap, active_maps
from twofold.dualwrite.table_maps.check import check_map
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refusal, Refused

Verb = Literal["run", "pause", "resume", "stop", "start", "halt"]

WRONG_STATE: Final = "ERR-D25"
WRONG_ORDER: Final = "ERR-D26"

# What each verb makes of a map, and from which states. Nothing else is possible.
TRANSITIONS: Final[Mapping[Verb, tuple[frozenset[str], str]]] = {
    "run": (frozenset({"draft"}), "running"),
    "pause": (frozenset({"running"}), "paused"),
    "resume": (frozenset({"paused", "halted"}), "running"),
    "stop": (frozenset({"running", "paused"}), "stopped"),
    "start": (frozenset({"stopped"}), "running"),
    "halt": (frozenset({"draft", "running", "paused", "stopped"}), "halted"),
}
_DONE: Final[Mapping[Verb, str]] = {
    "run": "map run",
    "pause": "map paused",
    "resume": "map resumed",
    "stop": "map stopped",
    "start": "map started",
    "halt": "map halted",
}


@dataclass(frozen=True, slots=True)
class MapState:
    """The state of a map as one book has it; with a company, that it is held for this one only."""

    company: str | None
    map: str
    state: str
    cause: str | None
    remedy: str | None
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Sets of a company whose rows did not travel through a map while it was stopped."""

    company: str
    map: str
    set_count: int
    row_count: int
    first_set_id: int
    last_set_id: int


@dataclass(frozen=True, slots=True)
class Change:
    """A command: a verb for maps by name (``maps``), or for every map it can apply to (None).

    ``company`` restricts it to one company. ``related`` takes along the maps without which the
    order would break. ``cause`` and ``remedy`` belong to ``halt``. ``by_rule`` is how an alert
    rule commands: what the state does not allow is left, and the order is not asked for.
    """

    verb: Verb
    maps: tuple[str, ...] | None
    reason: str
    actor: str
    company: str | None = None
    related: bool = False
    cause: str | None = None
    remedy: str | None = None
    by_rule: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What a command did: each changed map with its states, in the order they were changed.

    ``left`` are maps that it was not for, with their state. ``carried_over`` is False when the
    finance book did not answer: it follows with the next command or the engine's next look.
    """

    changed: tuple[tuple[str, str, str], ...]
    left: tuple[tuple[str, str], ...]
    gaps: tuple[Gap, ...]
    carried_over: bool


@dataclass(frozen=True, slots=True)
class _Count:
    maps: int


@dataclass(frozen=True, slots=True)
class _TakenOver:
    map: str
    company: str | None
    state: str
    changed_by: str


SQL: Final = SqlFile(__name__)
MAP_STATES: Final = SQL.query("map_states", gives=MapState)
LOCK_STATES: Final = SQL.query("lock_states", gives=_Count)
SET_STATE: Final = SQL.command("set_state")
HOLD_FOR_COMPANY: Final = SQL.command("hold_for_company")
FREE_FOR_COMPANY: Final = SQL.command("free_for_company")
TAKE_OVER_STATES: Final = SQL.query("take_over_states", gives=_TakenOver)
TAKE_OVER_HOLDS: Final = SQL.query("take_over_holds", gives=_TakenOver)
DROP_HOLDS: Final = SQL.query("drop_holds", gives=_TakenOver)
GAPS: Final = SQL.query("gaps", gives=Gap)


def _no_failpoint(name: str) -> None:
    """Go on."""


def map_states(reader: Reader) -> list[MapState]:
    """Give the state of every map of a book, then the maps held for one company only."""
    return reader.all(MAP_STATES)


def gaps(reader: Reader, *, maps: Iterable[str] | None, company: str | None) -> list[Gap]:
    """Give what the sets of this book did not carry because a map was stopped."""
    named = None if maps is None else list(maps)
    return reader.all(GAPS, maps=named, company=company)


def change_states(
    change: Change,
    *,
    operations: Book,
    finance: Book,
    failpoint: Callable[[str], None] = _no_failpoint,
) -> Changed:
    """Change the states of maps in both books, as dual-write.

    Raises  Refused, and nothing is changed: ERR-D25 there is no such map, its state does not
            allow the verb, or no reason is given; ERR-D26 a running map would be left to follow
            one that rests; a finding of ``check_map`` when a halted map is still not right.
    """
    with operations.transaction() as transaction:
        plan = change_in_operations(transaction, change)
        _assert_causes_are_gone(plan, operations=operations, finance=finance)
    failpoint("between the books")
    carried_over = True
    try:
        carry_over_states(operations=operations, finance=finance)
    except Fault as fault:
        if not fault.transient:
            raise
        carried_over = False
    found = _gaps_of(plan, change, operations, finance) if carried_over else ()
    return Changed(tuple(plan.changed), tuple(plan.left), found, carried_over)


@dataclass(slots=True)
class Plan:
    """What a command makes of the maps, worked out under the lock of the operations book."""

    maps: tuple[ActiveMap, ...]
    changed: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    left: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def change_in_operations(transaction: Transaction, change: Change) -> Plan:
    """Change the states in the operations book, which decides; ``carry_over_states`` is next.

    Raises  Refused as ``change_states`` does.
    """
    transaction.one(LOCK_STATES)
    maps = active_maps(transaction)
    states = _states(transaction, maps, change.company)
    plan = _planned(maps, states, change)
    for map_id, _, after in plan.changed:
        _write(transaction, change, map_id, after)
        record_event(
            transaction,
            event=_DONE[change.verb],
            actor=change.actor,
            company=change.company,
            map_id=map_id,
            detail=change.reason,
        )
    return plan


def carry_over_states(*, operations: Book, finance: Book) -> tuple[str, ...]:
    """Make the finance book's states those of the operations book; name the maps that differed.

    The operations book is locked meanwhile, so two commands cannot overtake each other.
    """
    with operations.transaction() as here:
        here.one(LOCK_STATES)
        decided = here.all(MAP_STATES)
        with finance.transaction() as there:
            taken = _take_over(there, decided)
            for one in taken:
                record_event(
                    there,
                    event=f"map {one.state}",
                    actor=one.changed_by,
                    company=one.company,
                    map_id=one.map,
                    detail="taken over from the operations book",
                )
    return tuple(one.map for one in taken)


def _take_over(there: Transaction, decided: list[MapState]) -> list[_TakenOver]:
    whole = [one for one in decided if one.company is None]
    held = [one for one in decided if one.company is not None]
    companies = [one.company for one in held]
    return [
        *there.all(TAKE_OVER_STATES, **_columns(whole)),
        *there.all(DROP_HOLDS, companies=companies, maps=[one.map for one in held]),
        *there.all(TAKE_OVER_HOLDS, companies=companies, **_columns(held)),
    ]


def _columns(states: list[MapState]) -> dict[str, object]:
    return {
        "maps": [one.map for one in states],
        "states": [one.state for one in states],
        "causes": [one.cause for one in states],
        "remedies": [one.remedy for one in states],
        "changed": [one.changed_at for one in states],
        "actors": [one.changed_by for one in states],
    }


def _states(reader: Reader, maps: tuple[ActiveMap, ...], company: str | None) -> dict[str, str]:
    """Give the state of each map; for a company, that of the company alone."""
    recorded = {one.map: one.state for one in map_states(reader) if one.company == company}
    if company is None:
        return recorded
    return {one.compiled.map.id: recorded.get(one.compiled.map.id, "running") for one in maps}


def _planned(maps: tuple[ActiveMap, ...], states: dict[str, str], change: Change) -> Plan:
    """Work out which maps change, in which order: parents rise first, children rest first."""
    known = [one.compiled.map.id for one in maps]
    allowed, after = TRANSITIONS[change.verb]
    refusals = list(_refusals(states, change))
    if refusals:
        raise Refused(*refusals)
    named = set(known if change.maps is None else change.maps)
    taken = _related(maps, named, after) if change.related else named
    order = known if after == "running" else known[::-1]
    plan = Plan(maps)
    for map_id in (one for one in order if one in taken):
        # A halted map runs again only when someone names it.
        is_named = change.maps is not None and map_id in change.maps
        if states[map_id] in allowed and (is_named or states[map_id] != "halted"):
            plan.changed.append((map_id, states[map_id], after))
        else:
            plan.left.append((map_id, states[map_id]))
    if change.maps is not None and not change.by_rule and change.verb != "halt":
        broken = list(_broken_order(maps, states, plan))
        if broken:
            raise Refused(*broken)
    return plan


def _refusals(states: dict[str, str], change: Change) -> Iterable[Refusal]:
    allowed, after = TRANSITIONS[change.verb]
    if not change.reason.strip():
        reason = "states of maps are changed for a reason"
        yield refuse(WRONG_STATE, "map", field="reason", reason=reason)
    for map_id in change.maps or ():
        state = states.get(map_id)
        if state is None:
            reason = f"there is no map {map_id}; there are {', '.join(states)}"
        elif state in allowed or state == after or change.by_rule:
            continue
        else:
            reason = f"it is {state}; «{change.verb}» is for maps that are {_either(allowed)}"
        yield refuse(WRONG_STATE, f"map/{map_id}", field="state", value=state or "", reason=reason)


def _either(states: Collection[str]) -> str:
    return " or ".join(sorted(states))


def _related(maps: tuple[ActiveMap, ...], named: set[str], after: str) -> set[str]:
    """Add what named maps follow, when they are to run, or what follows them, when to rest."""
    taken = set(named)
    if after == "running":
        for one in reversed(maps):
            if one.compiled.map.id in taken:
                taken |= set(one.compiled.map.follows)
    else:
        for one in maps:
            if taken & set(one.compiled.map.follows):
                taken.add(one.compiled.map.id)
    return taken


def _broken_order(
    maps: tuple[ActiveMap, ...], states: dict[str, str], plan: Plan
) -> Iterable[Refusal]:
    """Refuse what would leave a map running while one that it follows rests."""
    then = states | {map_id: after for map_id, _, after in plan.changed}
    touched = {map_id for map_id, _, _ in plan.changed}
    for one in maps:
        table_map = one.compiled.map
        resting = [
            name
            for name in table_map.follows
            if then[name] != "running" and (table_map.id in touched or name in touched)
        ]
        if then[table_map.id] == "running" and resting:
            reason = f"{table_map.id} would run while {_listed(resting, then)}"
            value = ", ".join(resting if table_map.id in touched else [table_map.id])
            yield refuse(
                WRONG_ORDER, f"map/{table_map.id}", field="follows", value=value, reason=reason
            )


def _listed(names: list[str], states: dict[str, str]) -> str:
    return ", ".join(f"{name} is {states[name]}" for name in names)


def _write(transaction: Transaction, change: Change, map_id: str, after: str) -> None:
    given = {
        "map": map_id,
        "state": after,
        "cause": (change.cause or change.reason) if after != "running" else None,
        "remedy": change.remedy or _remedy(map_id, after, change.company),
        "actor": change.actor,
    }
    if change.company is None:
        transaction.run(SET_STATE, **given)
    elif after == "running":
        transaction.run(FREE_FOR_COMPANY, company=change.company, map=map_id)
    else:
        transaction.run(HOLD_FOR_COMPANY, company=change.company, **given)


def _remedy(map_id: str, state: str, company: str | None) -> str | None:
    verbs = {"paused": "resume", "halted": "resume", "stopped": "start"}
    which = f"{map_id} --company {company}" if company else map_id
    return f"`twofold map {verbs[state]} {which} --reason TEXT`" if state in verbs else None


def _assert_causes_are_gone(plan: Plan, *, operations: Book, finance: Book) -> None:
    """Check halted maps that are to run again against both books as they are now."""
    books = {"operations": operations, "finance": finance}
    resumed = {map_id for map_id, before, after in plan.changed if (before, after) == _RESUMED}
    for one in plan.maps:
        table_map = one.compiled.map
        if table_map.id in resumed:
            check_map(
                table_map,
                source=books[table_map.source_book],
                target=books[table_map.target_book],
            )


_RESUMED: Final = ("halted", "running")


def _gaps_of(plan: Plan, change: Change, operations: Book, finance: Book) -> tuple[Gap, ...]:
    """Give the gaps of the maps that were started, each from the book its rows come from."""
    started = [map_id for map_id, before, _ in plan.changed if before == "stopped"]
    if change.verb != "start" or not started:
        return ()
    with operations.reader() as here, finance.reader() as there:
        return tuple(
            one
            for reader in (here, there)
            for one in gaps(reader, maps=started, company=change.company)
        )
