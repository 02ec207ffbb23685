"""Versions of a table map: any two side by side, the declared one activated, the last one undone.

What is active is read from the book each time, so a version that anybody activated shows at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypedDict, get_args

from starlette.exceptions import HTTPException

from twofold.dualwrite.standing.writing import Mode
from twofold.dualwrite.table_maps.activate import (
    Activation,
    ActiveMap,
    activate_maps,
    examine_declared,
    map_version,
)
from twofold.dualwrite.table_maps.compiled import CompiledMap
from twofold.dualwrite.table_maps.declare import Declaration
from twofold.dualwrite.table_maps.difference import Difference, difference
from twofold.dualwrite.table_maps.plan import standing_of
from twofold.dualwrite.table_maps.rollback import rollback_map, version_before
from twofold.jobs.orders import InitialWrite
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked
from twofold.web.everyone.jobs import started
from twofold.web.integration.scope import scope_of
from twofold.web.listing import Column, Listing, whole

NO_REASON: Final = "ERR-U40"
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
_MODE_OF: Final[dict[str, Mode]] = {one: one for one in MODES}
_HASH: Final = 8


class Who(TypedDict):
    """Who changes a version, when and why."""

    actor: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions side by side, and those to choose from: hash and what it is called."""

    before: str
    after: str
    choices: Mapping[str, str]
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class Offered:
    """What may become active: the declared version where it is another one, and the one before.

    ``problems`` are what keeps the declared one from being activated.
    """

    declared: str
    difference: Difference | None
    problems: tuple[Refusal, ...]
    before: str


def listing_of(past: Sequence[Activation]) -> Listing[Activation]:
    """List when which version was made active, and why, the last first."""
    newest = list(reversed(past))
    columns: tuple[Column[Activation], ...] = (
        Column("Version", lambda one: one.map_version),
        Column("What", lambda one: one.activation, "term"),
        Column("When", lambda one: one.activated_at, "moment"),
        Column("Who", lambda one: one.activated_by),
        Column("Reason", lambda one: one.reason or None),
        Column("Content", lambda one: one.content_hash[:_HASH]),
    )
    return Listing(
        key="versions",
        title="Versions",
        columns=columns,
        page=whole(newest, columns),
        place=lambda one: str(one.activation_number),
        per_page=max(len(newest), 1),
    )


def compared(asked: Asked, active: ActiveMap, past: Sequence[Activation]) -> Compared | None:
    """Compare the versions chosen, or the active one with the one before; None without two."""
    choices = {one.content_hash: f"{one.map_version} ({one.content_hash[:_HASH]})" for one in past}
    others = [one for one in choices if one != active.content_hash]
    if not others:
        return None
    wanted = {name: _chosen(choices, asked.text(name)) for name in ("before", "after")}
    before, after = wanted["before"] or others[-1], wanted["after"] or active.content_hash
    one, other = (_version(asked, active, content_hash) for content_hash in (before, after))
    return Compared(before, after, choices, difference(one, other) if before != after else None)


def _chosen(choices: Mapping[str, str], wanted: str) -> str:
    return wanted if wanted in choices else ""


def _version(asked: Asked, active: ActiveMap, content_hash: str) -> CompiledMap:
    if content_hash == active.content_hash:
        return active.compiled
    with asked.system.auditor_operations.reader() as reader:
        return map_version(
            reader, map_id=active.compiled.map.id, content_hash=content_hash
        ).compiled


def offered(asked: Asked, active: ActiveMap, past: Sequence[Activation]) -> Offered:
    """Say which other version may become active."""
    try:
        before = version_before(past, active.compiled.map.id).map_version
    except Refused:
        before = ""
    declared = _declared(asked, active.compiled.map.id)
    with asked.system.auditor_operations.reader() as reader:
        standing = standing_of(reader, map_id=active.compiled.map.id)
    if declared is None or standing is None or standing.definition == declared.text:
        return Offered("", None, (), before)
    system = asked.system
    examined = examine_declared(
        declared, operations=system.dualwrite_operations, finance=system.dualwrite_finance
    )
    differs = difference(active.compiled, examined.compiled) if examined.compiled else None
    return Offered(declared.map.version, differs, tuple(examined.findings), before)


def _declared(asked: Asked, name: str) -> Declaration | None:
    return next((one for one in asked.system.declared() if one.map.id == name), None)


def make_active(asked: Asked, name: str) -> Answer:
    """Activate the declared version, or the one before again, for a reason.

    Raises  Refused: no reason, or what `twofold map activate` and `map rollback` refuse.
    """
    reason = asked.typed("why")
    if not reason:
        raise Refused(refuse(NO_REASON, f"map/{name}", field="reason"))
    operations, finance = asked.system.dualwrite_operations, asked.system.dualwrite_finance
    who: Who = {"actor": asked.visitor.login, "at": asked.now, "reason": reason}
    if asked.typed("do") == "activate":
        declared = asked.system.declared()
        activate_maps(declared, operations=operations, finance=finance, only=(name,), **who)
    else:
        rollback_map(name, operations=operations, finance=finance, **who)
    return Moved(f"/integration/maps/{name}?done=active:1")


def write_initially(asked: Asked, name: str) -> Answer:
    """Bring the rows of a company over as they stand, as a job (404: no such way or company)."""
    mode, company = _MODE_OF.get(asked.typed("mode")), asked.typed("company")
    if mode is None or company not in scope_of(asked).companies:
        raise HTTPException(404)
    order = InitialWrite(map=name, mode=mode, gaps=asked.typed("gaps") == "yes")
    return started(asked, order, company=company)
