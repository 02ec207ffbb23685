"""Table maps: which rows of one book become which rows of the other."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.integration.map_states import add_to as add_states_to
from twofold.cli.integration.map_versions import add_to as add_versions_to
from twofold.cli.opening import opened
from twofold.cli.parameters import AsJson, Misused
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.language import Column, TableMap

app = App(name="map", help="Table maps: what moves where.")
add_versions_to(app)
add_states_to(app)


@app.command(name="list")
def list_maps(*, as_json: AsJson = False) -> None:
    """List the active maps in the order in which they are applied."""
    with opened(maps="looked at", alone="operations") as system:
        maps = system.maps
    printing.show(
        [_document(one) for one in maps],
        printing.table(
            ("Map", "Version", "State", "From", "To", "Rows", "Travels in"),
            [
                (
                    one.compiled.map.id,
                    one.compiled.map.version,
                    one.state,
                    one.compiled.map.source.table,
                    one.compiled.map.target.table,
                    one.compiled.map.rows,
                    ", ".join(one.compiled.map.travels_in),
                )
                for one in maps
            ],
        ),
        as_json=as_json,
    )


@app.command
def show(
    name: Annotated[str, Parameter(help="Id of the map, as `twofold map list` shows it.")],
    /,
    *,
    sql: Annotated[
        bool, Parameter(negative=(), help="Show the statements the map is compiled to.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one map: where each column comes from, or the SQL it becomes."""
    with opened(maps="looked at", alone="operations") as system:
        found = next((one for one in system.maps if one.compiled.map.id == name), None)
        known = ", ".join(one.compiled.map.id for one in system.maps)
    if found is None:
        raise Misused(f"there is no map {name}; there are {known}")
    if sql:
        _show_sql(found, as_json=as_json)
        return
    table_map = found.compiled.map
    head = printing.facts(
        (
            ("Map", f"{table_map.id} {table_map.version}"),
            ("Name", table_map.name),
            ("About", " ".join(table_map.about.split())),
            ("State", found.state),
            ("From", table_map.source.table),
            ("Only", table_map.source.filter or None),
            ("To", table_map.target.table),
            ("Key", ", ".join(table_map.target.key)),
            ("Rows", table_map.rows),
            ("Travels in", ", ".join(table_map.travels_in)),
            ("Follows", ", ".join(table_map.follows) or None),
        )
    )
    rows = [_row(table_map, name) for name in (*table_map.columns, *table_map.lookups)]
    printing.show(
        _document(found),
        head,
        printing.table(
            ("Column", "Comes from", "Shaped", "Must exist in", "Gives", "Mapped by"), rows
        ),
        as_json=as_json,
    )


def _row(table_map: TableMap, name: str) -> tuple[object, ...]:
    part = table_map.part(name)
    came = part.source or (f"lookup: {part.of}" if part.of else "")
    shaped: list[str] = []
    if isinstance(part, Column):
        came = came or part.constant or part.expression or f"set: {part.from_set}"
        shaped = [f"{code} → {meaning}" for code, meaning in part.values.items()]
        shaped += [f"never {code}" for code in part.never]
        shaped += [f"{part.round} decimals"] if part.round is not None else []
        shaped += [f"{part.cut} characters"] if part.cut is not None else []
    return (
        name if name in table_map.columns else f"lookup: {name}",
        came,
        ", ".join(shaped),
        part.lookup,
        part.gives,
        "this environment" if name in table_map.overridden else None,
    )


def _show_sql(one: ActiveMap, *, as_json: bool) -> None:
    statements = dict(one.compiled.statements())
    text = "\n\n".join(f"-- {title}\n{body};" for title, body in statements.items())
    printing.show(statements, printing.verbatim(text), as_json=as_json)


def _document(one: ActiveMap) -> dict[str, object]:
    return {"map": one.compiled.map, "state": one.state, "content_hash": one.content_hash}
