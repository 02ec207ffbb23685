"""Let table maps run, rest, stop and start again: ``twofold map pause`` and its kin."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.opening import opened, those_that_answer
from twofold.cli.parameters import ActorName, AsJson, Company, Misused, actor_name, usage
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.dismiss import Dismissed, dismiss_sets
from twofold.dualwrite.sets.reads import Lag, lag
from twofold.dualwrite.sets.wake import free_from_maps
from twofold.dualwrite.table_maps.states import (
    TRANSITIONS,
    Change,
    Changed,
    Gap,
    MapState,
    Verb,
    change_states,
    gaps,
    map_states,
)
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

Maps = Annotated[str, Parameter(help="Maps, as `twofold map states` names them.")]
AllMaps = Annotated[
    bool,
    Parameter(
        name="--all", negative=(), show_default=False, help="Every map whose state allows it."
    ),
]
Related = Annotated[
    bool,
    Parameter(negative=(), help="Take along the maps that named ones follow, or that follow them."),
]
Reason = Annotated[str, Parameter(help="Why; kept with your name.")]
SkipQueue = Annotated[
    bool,
    Parameter(
        negative=(),
        show_default=False,
        help="Give up the sets that queued up meanwhile: they will never arrive.",
    ),
]

WRONG_STATE = "ERR-D25"


def add_to(app: App) -> None:
    """Add the commands to those of ``twofold map``; each is loaded when it is called."""
    for name, words in (
        ("states", "Show which maps run, since when and why not, and the gaps they left."),
        ("run", "Let maps run for the first time."),
        ("pause", "Let sets that carry rows of these maps queue up; nothing expires."),
        ("resume", "Let paused or halted maps run again; what queued up follows, in order."),
        ("stop", "Let nothing travel through these maps; what stays behind is counted as a gap."),
        ("start", "Let stopped maps run again, and show the gap that is to be filled."),
    ):
        shown = usage(f"map {name}", "" if name == "states" else "--reason TEXT [MAPS...]")
        app.command(
            f"twofold.cli.integration.map_states:{name}", name=name, help=words, usage=shown
        )


def states(*, as_json: AsJson = False) -> None:
    """Show which maps run, since when and why not, and the gaps they left."""
    with (
        opened(maps="looked at", alone="operations") as system,
        system.auditor_operations.reader() as here,
    ):
        found = map_states(here)
        order = {one.compiled.map.id: place for place, one in enumerate(system.maps)}
        left: list[Gap] = []
        queued: list[Lag] = []
        for _, reader in those_that_answer(system.auditor_operations, system.auditor_finance):
            left += gaps(reader, maps=None, company=None)
            queued += lag(reader, company=None, sets_max=0)
    found.sort(key=lambda one: (order.get(one.map, len(order)), one.company or ""))
    counts = [_queued(queued, one.map, one.company) for one in found]
    document = {"maps": found, "queued": counts, "gaps": left}
    printing.show(document, _state_table(found, counts), _gaps(left), as_json=as_json)


def _queued(queued: list[Lag], name: str, company: str | None) -> int:
    """Count the sets on their way that carry rows of a map, of one company or of all."""
    return sum(
        one.pending_count for one in queued if one.map == name and company in {None, one.company}
    )


def run(
    *names: Maps,
    reason: Reason,
    all_maps: AllMaps = False,
    related: Related = False,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Let maps run for the first time."""
    _change("run", names, reason, (all_maps, related), (company, actor), as_json=as_json)


def pause(
    *names: Maps,
    reason: Reason,
    all_maps: AllMaps = False,
    related: Related = False,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Let sets that carry rows of these maps queue up; nothing expires."""
    _change("pause", names, reason, (all_maps, related), (company, actor), as_json=as_json)


def resume(
    *names: Maps,
    reason: Reason,
    all_maps: AllMaps = False,
    related: Related = False,
    skip_queue: SkipQueue = False,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Let paused or halted maps run again; what queued up follows, in order."""
    if skip_queue and (all_maps or related):
        raise Misused("--skip-queue is for maps by name: what is given up is looked at first")
    _change(
        "resume", names, reason, (all_maps, related), (company, actor),
        skip_queue=skip_queue, as_json=as_json,
    )  # fmt: skip


def stop(
    *names: Maps,
    reason: Reason,
    all_maps: AllMaps = False,
    related: Related = False,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Let nothing travel through these maps; what stays behind is counted as a gap."""
    _change("stop", names, reason, (all_maps, related), (company, actor), as_json=as_json)


def start(
    *names: Maps,
    reason: Reason,
    all_maps: AllMaps = False,
    related: Related = False,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Let stopped maps run again, and show the gap that is to be filled."""
    _change("start", names, reason, (all_maps, related), (company, actor), as_json=as_json)


def _change(
    verb: Verb,
    names: tuple[str, ...],
    reason: str,
    which: tuple[bool, bool],
    who: tuple[str | None, str | None],
    *,
    skip_queue: bool = False,
    as_json: bool,
) -> None:
    all_maps, related = which
    company, actor = who
    if all_maps == bool(names):
        raise Misused(f"name the maps to {verb}, or give --all")
    maps = None if all_maps else names
    change = Change(verb, maps, reason, actor_name(actor), company, related)
    with opened(alone="operations") as system:
        skipped = _skip_queue(system, change) if skip_queue else []
        changed = change_states(
            change, operations=system.dualwrite_operations, finance=system.dualwrite_finance
        )
        if TRANSITIONS[verb][1] == "running" and changed.carried_over:
            free_from_maps(system.forward)
            free_from_maps(system.back)
        held = _held_for_one(system, changed, company)
    _show(changed, skipped, as_json=as_json)
    for one in held:
        printing.say(
            f"{one.map} is {one.state} for {one.company} alone: say --company {one.company}."
        )


def _held_for_one(system: System, changed: Changed, company: str | None) -> list[MapState]:
    """Give the holds of single companies that a command for all companies did not touch."""
    left = {name for name, state in changed.left if state == "running"}
    if company is not None or not left:
        return []
    with system.dualwrite_operations.reader() as reader:
        return [one for one in map_states(reader) if one.company is not None and one.map in left]


def _skip_queue(system: System, change: Change) -> list[Dismissed]:
    """Give up what queued up while the named maps rested; refuse when one of them does not."""
    with system.dualwrite_operations.reader() as reader:
        resting = {
            one.map
            for one in map_states(reader)
            if one.company == change.company and one.state in {"paused", "halted"}
        }
    maps = change.maps or ()
    running = [name for name in maps if name not in resting]
    if running:
        reason = "only the queue of a map that is paused or halted can be skipped"
        raise Refused(
            *(refuse(WRONG_STATE, f"map/{name}", field="state", reason=reason) for name in running)
        )
    choice = Choice(company=change.company, maps=maps)
    skipped: list[Dismissed] = []
    for route in (system.forward, system.back):
        skipped += dismiss_sets(route, choice=choice, reason=change.reason, actor=change.actor)
    return skipped


def _show(changed: Changed, skipped: list[Dismissed], *, as_json: bool) -> None:
    document = {"changed": changed, "skipped": skipped}
    tables = [printing.table(("Map", "Was", "Is"), changed.changed, title="Changed")]
    if changed.left:
        tables.append(printing.table(("Map", "State"), changed.left, title="Left as they are"))
    if skipped:
        tables.append(dismissed_table(skipped))
    if changed.gaps:
        tables.append(_gaps(list(changed.gaps)))
    printing.show(document, *tables, as_json=as_json)
    if not changed.carried_over:
        printing.say(
            "The finance book does not answer. The operations book decides: finance follows with "
            "the next look of the engine, `twofold alert check`, or the next command."
        )
    for one in changed.gaps:
        printing.say(_remedy_of(one))


def dismissed_table(dismissed: list[Dismissed]) -> printing.RenderableType:
    """Make the table of sets that were given up."""
    return printing.table(
        ("Company", "Kind", "Sets", "Rows"),
        [(one.company, one.kind, one.set_count, one.row_count) for one in dismissed],
        title="Given up",
    )


def _remedy_of(gap: Gap) -> str:
    return (
        f"{gap.map} is not in step in {gap.company}: {gap.row_count} rows of {gap.set_count} sets "
        f"did not travel. `twofold initial-write --map {gap.map} --company {gap.company} --gaps` "
        "sends them."
    )


def _state_table(found: list[MapState], counts: list[int]) -> printing.RenderableType:
    return printing.table(
        ("Map", "Company", "State", "Queued", "Since", "By", "Cause", "Remedy"),
        [
            (
                one.map, one.company or "all", one.state, count, one.changed_at,
                one.changed_by, one.cause, one.remedy,
            )
            for one, count in zip(found, counts, strict=True)
        ],
    )  # fmt: skip


def _gaps(left: list[Gap]) -> printing.RenderableType:
    return printing.table(
        ("Map", "Company", "Sets", "Rows", "From set", "To set"),
        [
            (one.map, one.company, one.set_count, one.row_count, one.first_set_id, one.last_set_id)
            for one in left
        ],
        title="Gaps: did not travel while a map was stopped",
    )
