"""Versions of table maps: what would change, make it so, go back, compare, and what stays out."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.clock import now
from twofold.cli.opening import opened, settings
from twofold.cli.parameters import ActorName, AsJson, Misused, actor_name, usage
from twofold.dualwrite.table_maps.activate import (
    NO_SUCH_VERSION,
    Activation,
    activate_maps,
    examine_declared,
    history,
    map_version,
)
from twofold.dualwrite.table_maps.compiled import CompiledMap
from twofold.dualwrite.table_maps.difference import difference
from twofold.dualwrite.table_maps.excluded import ExcludedRow, excluded_rows
from twofold.dualwrite.table_maps.plan import Planned, plan_maps
from twofold.dualwrite.table_maps.rollback import rollback_map
from twofold.journey.system import System, declared_maps
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

Reason = Annotated[str, Parameter(help="Why; kept in the history of the map.", show_default=False)]
Name = Annotated[str, Parameter(help="Id of the map, as `twofold map list` shows it.")]
SetId = Annotated[int | None, Parameter(name="--set", help="Only this change set.")]
OneCompany = Annotated[str, Parameter(help="Legal entity, such as USPM.")]
VersionName = Annotated[
    str, Parameter(help="A version, or the beginning of its hash, as `map versions` shows them.")
]

REFUSED = 1


def add_to(app: App) -> None:
    """Add the commands to those of ``twofold map``; each is loaded when it is called."""
    for name, arguments, words in (
        ("plan", "", "Show what activating would change, and every finding; nothing is written."),
        ("activate", "[NAMES...]", "Activate the declared maps, all or those named."),
        ("rollback", "NAME", "Make the version of a map that was active before active again."),
        ("versions", "NAME", "List when which version of a map was active."),
        ("diff", "NAME [BEFORE AFTER]", "Show what differs between two versions of a map."),
        ("excluded", "NAME", "List the rows that a map's filter left out, each with the reason."),
    ):
        app.command(
            f"twofold.cli.integration.map_versions:{name}",
            name=name,
            help=words,
            usage=usage(f"map {name}", arguments).rstrip(),
        )


def plan(*, as_json: AsJson = False) -> int:
    """Show what activating would change, and every finding; nothing is written."""
    declared = declared_maps(settings().maps)
    with opened(maps="as they are") as system, printing.working("Checking the maps"):
        planned = plan_maps(
            declared, operations=system.dualwrite_operations, finance=system.dualwrite_finance
        )
    findings = [finding for one in planned for finding in one.findings]
    drifted = [
        (one.map, d.table, d.column, d.effect, d.halts) for one in planned for d in one.drift
    ]
    tables = [
        printing.table(
            ("Map", "Change", "Active", "Declared", "Findings"), [_plan_row(one) for one in planned]
        )
    ]
    if drifted:
        tables.append(
            printing.table(("Map", "Table", "Column", "Since its activation", "Halts it"), drifted)
        )
    if findings:
        tables.append(printing.refusal_table(findings, title="Findings"))
    printing.show(planned, *tables, as_json=as_json)
    return REFUSED if findings else 0


def _plan_row(one: Planned) -> tuple[object, ...]:
    return (one.map, one.change, one.version_before, one.version_after, len(one.findings))


def activate(
    *names: Annotated[str, Parameter(help="Ids of maps; left out: all that are declared.")],
    reason: Reason = "",
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Activate the declared maps, all or those named.

    A map that was rolled back from its declared text is activated only by name.
    """
    declared = declared_maps(settings().maps)
    with opened(maps="as they are") as system, printing.working("Activating the maps"):
        changed = activate_maps(
            declared,
            operations=system.dualwrite_operations,
            finance=system.dualwrite_finance,
            actor=actor_name(actor),
            at=now(),
            only=names or None,
            reason=reason,
        )
    text = (
        f"Activated {', '.join(changed)}."
        if changed
        else "Nothing to activate: all is as declared."
    )
    printing.show({"changed": changed}, printing.verbatim(text), as_json=as_json)


def rollback(
    name: Name, /, *, reason: Reason = "", actor: ActorName = None, as_json: AsJson = False
) -> None:
    """Make the version of a map that was active before active again.

    Values of columns that only the newer version filled stay as they are.
    """
    with opened(maps="as they are") as system:
        version = rollback_map(
            name,
            operations=system.dualwrite_operations,
            finance=system.dualwrite_finance,
            actor=actor_name(actor),
            at=now(),
            reason=reason,
        )
    number = version.compiled.map.version
    printing.show(
        {"map": name, "version": number, "content_hash": version.content_hash},
        printing.verbatim(
            f"{name} {number} ({version.content_hash[:8]}) is active again. The declared text "
            f"stays out until `twofold map activate {name}`, or until it changes."
        ),
        as_json=as_json,
    )


def versions(name: Name, /, *, as_json: AsJson = False) -> None:
    """List when which version of a map was active, the oldest first."""
    with opened(maps="as they are") as system:
        past = _past(system, name)
    printing.show(
        past,
        printing.table(
            ("Version", "Hash", "What", "When", "Who", "Reason"),
            [
                (
                    one.map_version,
                    one.content_hash[:8],
                    one.activation,
                    one.activated_at,
                    one.activated_by,
                    one.reason,
                )
                for one in past
            ],
        ),
        as_json=as_json,
    )


def diff(
    name: Name,
    before: VersionName | None = None,
    after: VersionName | None = None,
    /,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two versions of a map, field by field and in its SQL.

    Without versions: between the active one and the declared one.
    """
    if (before is None) != (after is None):
        raise Misused("name two versions, or none")
    with opened(maps="as they are") as system:
        past = _past(system, name)
        one = _version(system, past, before or past[-1].content_hash)
        other = _version(system, past, after) if after else _declared(system, name)
    found = difference(one, other)
    rows = [(field.field, field.before, field.after) for field in found.fields]
    text = found.sql or "The statements are the same."
    printing.show(
        found,
        printing.table(("Field", "Before", "After"), rows, title="Fields that differ"),
        printing.verbatim(text),
        as_json=as_json,
    )


def _past(system: System, name: str) -> list[Activation]:
    with system.dualwrite_operations.reader() as reader:
        past = history(reader, map_id=name)
    if not past:
        known = ", ".join(one.compiled.map.id for one in system.maps)
        raise Misused(f"there is no map {name}; there are {known}")
    return past


def _version(system: System, past: list[Activation], named: str) -> CompiledMap:
    fitting = [
        one
        for one in past
        if named == one.map_version or (len(named) >= 6 and one.content_hash.startswith(named))
    ]
    if not fitting:
        reason = f"{named} was never active; `twofold map versions {past[0].map}` lists them"
        raise Refused(refuse(NO_SUCH_VERSION, f"map/{past[0].map}", value=named, reason=reason))
    hashes = sorted({one.content_hash[:8] for one in fitting})
    if len(hashes) > 1:
        raise Misused(f"{named} was active with several contents: name one of {', '.join(hashes)}")
    with system.dualwrite_operations.reader() as reader:
        return map_version(
            reader, map_id=fitting[-1].map, content_hash=fitting[-1].content_hash
        ).compiled


def _declared(system: System, name: str) -> CompiledMap:
    for one in declared_maps(settings().maps):
        if one.map.id == name:
            examined = examine_declared(
                one, operations=system.dualwrite_operations, finance=system.dualwrite_finance
            )
            if examined.compiled is None:
                raise Refused(*examined.findings)
            return examined.compiled
    raise Misused(f"{name} is declared no more: name two versions")


def excluded(
    name: Name,
    /,
    *,
    company: OneCompany,
    set_id: SetId = None,
    as_json: AsJson = False,
) -> None:
    """List the rows that a map's filter left out, each with its key and the reason."""
    with opened(maps="looked at") as system:
        active = next((one for one in system.maps if one.compiled.map.id == name), None)
        if active is None:
            known = ", ".join(one.compiled.map.id for one in system.maps)
            raise Misused(f"there is no map {name}; there are {known}")
        route = system.forward if active.compiled.map.source_book == "operations" else system.back
        with route.source.reader() as here, route.target.reader() as there:
            rows = excluded_rows(active, source=here, target=there, company=company, set_id=set_id)
    printing.show(
        rows,
        printing.table(
            ("Set", "Key", "Reason", "Left scope"), [_excluded_row(one) for one in rows]
        ),
        as_json=as_json,
    )


def _excluded_row(one: ExcludedRow) -> tuple[object, ...]:
    return (one.set_id, one.key, one.reason, "it was sent before" if one.left_scope else None)
