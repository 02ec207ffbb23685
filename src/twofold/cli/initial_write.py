"""Initial write: bring the rows of a map to the other book as they stand."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Misused, actor_name
from twofold.dualwrite.standing.initial_write import (
    BadRow,
    Mode,
    Run,
    Writing,
    bad_rows,
    preview,
    retry_bad,
)
from twofold.dualwrite.standing.initial_write import initial_write as write_rows
from twofold.journey.system import System

BAD = 1
_MODES: dict[str, Mode] = {"refuse": "refuse", "adopt": "adopt", "source-wins": "source_wins"}


def initial_write(  # noqa: PLR0913 - the options of one command
    *,
    map_id: Annotated[
        str, Parameter(name="--map", help="The map, as `twofold map list` shows it.")
    ],
    company: Annotated[str, Parameter(help="Legal entity, such as USPM.")],
    mode: Annotated[
        Literal["refuse", "adopt", "source-wins"],
        Parameter(help="What to do about rows that are there already."),
    ] = "refuse",
    gaps: Annotated[
        bool, Parameter(negative=(), help="Only rows that a stopped map left behind.")
    ] = False,
    dry_run: Annotated[bool, Parameter(negative=(), help="Compare and write nothing.")] = False,
    retry: Annotated[
        str | None, Parameter(name="--retry-bad", help="Try only the bad rows of this run again.")
    ] = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Write the rows of one map and company; what died goes on where it was."""
    with opened() as system:
        writing = _writing(system, map_id, company, _MODES[mode], gaps=gaps, actor=actor)
        if dry_run:
            found = preview(writing)
            rows = [(one.row_key, one.kind, one.field, one.source_value, one.target_value)
                    for one in found.differences]  # fmt: skip
            table = printing.table(("Key", "What", "Field", "Source", "Target"), rows)
            printing.show(found.differences, table, as_json=as_json)
            return 0
        if retry is not None:
            bad = retry_bad(writing, run=retry)
            printing.show({"run": retry, "bad": bad}, _bad_table(bad), as_json=as_json)
            return BAD if bad else 0
        with printing.working(f"Writing {map_id} of {company}"):
            done = write_rows(writing)
        bad = bad_rows(writing, run=done.run)
    parts = (_facts(done), *([_bad_table(bad)] if bad else []))
    printing.show({"run": done, "bad": bad}, *parts, as_json=as_json)
    return BAD if bad or done.differing_count else 0


def _writing(
    system: System, map_id: str, company: str, mode: Mode, *, gaps: bool, actor: str | None
) -> Writing:
    active = next((one for one in system.maps if one.compiled.map.id == map_id), None)
    if active is None:
        raise Misused(f"there is no map {map_id}: `twofold map list` shows those there are")
    is_forward = active.compiled.map.source_book == "operations"
    route = system.forward if is_forward else system.back
    return Writing(route, active, company, actor_name(actor), mode, gaps)


def _facts(done: Run) -> printing.RenderableType:
    return printing.facts(
        (
            ("Run", done.run),
            ("Rows", done.row_count),
            ("Added", done.added_count),
            ("Same", done.same_count),
            ("Changed", done.changed_count),
            ("Newer there", done.newer_count),
            ("Different, left as they are", done.differing_count),
            ("Set aside", done.bad_count),
        )
    )


def _bad_table(bad: list[BadRow]) -> printing.RenderableType:
    return printing.table(
        ("Key", "Field", "Value", "Code", "Reason"),
        [(one.row_key, one.field, one.value, one.code, one.reason) for one in bad],
        title="Rows set aside",
    )
