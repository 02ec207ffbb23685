"""Initial write: bring the rows of a company to the other book as they stand, map by map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    LimitOfRows,
    Misused,
    actor_name,
)
from twofold.dualwrite.standing.bad_rows import SetAside, bad_rows, retry_bad
from twofold.dualwrite.standing.chunk import BadRow
from twofold.dualwrite.standing.compare import companies_of
from twofold.dualwrite.standing.initial_write import (
    Preview,
    initial_writes,
    new_look,
    preview,
)
from twofold.dualwrite.standing.writing import Mode, Run, Writing
from twofold.dualwrite.table_maps.compile_standing import compile_standing
from twofold.dualwrite.table_maps.states import gaps as gaps_of
from twofold.journey.system import System

BAD: Final = 1
_MODES: Final[dict[str, Mode]] = {
    "refuse": "refuse",
    "adopt": "adopt",
    "source-wins": "source_wins",
}


def initial_write(  # noqa: PLR0913 - the options of one command
    *,
    company: Annotated[str, Parameter(help="Legal entity, such as USPM.")],
    map_id: Annotated[
        tuple[str, ...],
        Parameter(
            name="--map", negative=(), show_default=False, help="These maps only; left out: all."
        ),
    ] = (),
    mode: Annotated[
        Literal["refuse", "adopt", "source-wins"],
        Parameter(help="What to do about rows that are there already."),
    ] = "refuse",
    gaps: Annotated[
        bool, Parameter(negative=(), help="Only rows that a stopped map left behind.")
    ] = False,
    dry_run: Annotated[
        bool, Parameter(negative=(), help="Say what would be done, and what is wrong.")
    ] = False,
    bad: Annotated[
        bool, Parameter(negative=(), help="Only list the rows that were set aside.")
    ] = False,
    retry: Annotated[
        bool,
        Parameter(
            name="--retry-bad", negative=(), help="Only try those again that were set aside."
        ),
    ] = False,
    limit: LimitOfRows = ROWS_SHOWN,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Write the rows of a company as they stand, map by map; what died goes on where it was."""
    if sum((dry_run, bad, retry)) > 1:
        raise Misused("--dry-run, --bad and --retry-bad are for one at a time")
    with opened() as system:
        writings = [
            replace(one, mode=_MODES[mode], gaps=gaps)
            for one in _writings(system, company, map_id, actor_name(actor), gaps=gaps)
        ]
        if dry_run:
            return _look(writings, limit, as_json=as_json)
        done = [] if bad or retry else _write(writings)
        left = _left(writings, done, bad=bad, retry=retry)
    _show(done, left, None if bad or retry else _runs_table(done), limit, as_json=as_json)
    _advise(company, [(one.map, row.row_key) for one, row in left], is_retry=retry)
    if not writings:
        printing.say(f"No row of {company} was left behind by a stopped map.")
    return BAD if left or any(run.differing_count for _, run in done) else 0


def _left(
    writings: list[Writing], done: list[tuple[Writing, Run]], *, bad: bool, retry: bool
) -> list[tuple[Writing, SetAside]]:
    """Give the rows that are set aside: all of them, or those of the runs just done."""
    if retry:
        with printing.working("Trying again what was set aside"):
            return [(one, row) for one in writings for row in retry_bad(one)]
    if bad:
        return [(one, row) for one in writings for row in bad_rows(one)]
    return [(one, row) for one, run in done for row in bad_rows(one, run=run.run)]


def _show(
    done: list[tuple[Writing, Run]],
    left: list[tuple[Writing, SetAside]],
    runs: printing.RenderableType | None,
    limit: int,
    *,
    as_json: bool,
) -> None:
    document = {
        "runs": [{"map": one.map, "company": one.company, "run": run} for one, run in done],
        "bad": [{"map": one.map, "row": row} for one, row in left],
    }
    tables = [] if runs is None else [runs]
    if left:
        tables.append(_bad_table([(one.map, row) for one, row in left], limit))
    printing.show(document, *(tables or ["none are left"]), as_json=as_json)


def _advise(company: str, left: list[tuple[str, str]], *, is_retry: bool) -> None:
    if is_retry:
        printing.say(f"{printing.counted(len(set(left)), 'row is', 'rows are')} still bad.")
    elif left:
        printing.say(
            f"When it is put right: `twofold initial-write --company {company} --retry-bad`."
        )


def _writings(
    system: System, company: str, names: tuple[str, ...], actor: str, *, gaps: bool
) -> list[Writing]:
    """Give what is to be written, each map after those it follows."""
    known = {one.compiled.map.id for one in system.maps}
    unknown = sorted(set(names) - known)
    if unknown:
        listed = ", ".join(unknown)
        raise Misused(f"there is no map {listed}: `twofold map list` shows those there are")
    wanted = set(names) or known
    writings = [
        Writing(
            system.forward if one.compiled.map.source_book == "operations" else system.back,
            one,
            company,
            actor,
        )
        for one in system.maps
        if one.compiled.map.id in wanted
    ]
    if not gaps:
        if not any(_has_rows(one) for one in writings):
            raise Misused(f"neither book has a row of {company} for these maps")
        return writings
    with system.dualwrite_operations.reader() as here, system.dualwrite_finance.reader() as there:
        left = {
            one.map for book in (here, there) for one in gaps_of(book, maps=None, company=company)
        }
    return [one for one in writings if one.map in left]


def _has_rows(writing: Writing) -> bool:
    one = compile_standing(writing.active.compiled)
    with writing.route.source.reader() as here, writing.route.target.reader() as there:
        return writing.company in companies_of(one, here, there)


def _write(writings: list[Writing]) -> list[tuple[Writing, Run]]:
    """Write map after map, each with its own bar."""
    with ExitStack() as bars:
        shown = [replace(one, progress=_bar(bars, one)) for one in writings]
        return list(zip(writings, initial_writes(shown), strict=True))


def _bar(bars: ExitStack, writing: Writing) -> Callable[[int, int], None]:
    """Show how far a map is, from the moment its first rows are there."""
    shown: list[tuple[Callable[[int], None], int]] = []

    def progress(done: int, rows: int) -> None:
        if not shown:
            bars.close()
            text = f"Writing {writing.map} of {writing.company}"
            shown.append((bars.enter_context(printing.steps(text, total=rows)), 0))
        advance, before = shown[0]
        advance(done - before)
        shown[0] = advance, done

    return progress


def _look(writings: list[Writing], limit: int, *, as_json: bool) -> int:
    """Show what would be written, what differs, and what is wrong."""
    with printing.steps("Looking", total=len(writings)) as advance:
        found: list[tuple[Writing, Preview]] = []
        look = new_look(writings[0]) if writings else None
        for one in writings:
            found.append((one, preview(one, look=look)))
            advance(1)
    bad = [(one.map, row) for one, seen in found for row in seen.bad]
    differing = [
        (one.map, row.row_key, row.kind, row.field, row.source_value, row.target_value)
        for one, seen in found
        for row in seen.differences
        if row.kind != "missing"
    ]
    columns = ("Map", "Key", "What", "Field", "Source", "Target")
    document = [
        {
            "map": one.map,
            "compared": seen.compared,
            "bad": seen.bad,
            "differences": seen.differences,
        }
        for one, seen in found
    ]
    printing.show(
        document,
        _look_table(found),
        *([printing.table(columns, differing[:limit], title="Differences")] if differing else []),
        *([_bad_table(bad, limit)] if bad else []),
        as_json=as_json,
    )
    printing.say("Nothing was written.")
    return BAD if bad else 0


def _look_table(found: list[tuple[Writing, Preview]]) -> printing.RenderableType:
    columns = ("Map", "Would add", "Same", "Older there", "Different", "Newer there", "Bad rows")
    return printing.table(
        columns,
        [
            (
                one.map,
                seen.compared.absent,
                seen.compared.same,
                seen.compared.older,
                seen.compared.equal,
                seen.compared.newer,
                len({row.row_key for row in seen.bad}),
            )
            for one, seen in found
        ],
    )


def _runs_table(done: list[tuple[Writing, Run]]) -> printing.RenderableType:
    columns = (
        "Map", "Run", "Rows", "Added", "Same", "Changed", "Newer there", "Different", "Set aside",
    )  # fmt: skip
    return printing.table(
        columns,
        [
            (
                one.map, run.run, run.row_count, run.added_count, run.same_count,
                run.changed_count, run.newer_count, run.differing_count, run.bad_count,
            )
            for one, run in done
        ],
    )  # fmt: skip


def _bad_table(bad: Sequence[tuple[str, BadRow]], limit: int) -> printing.RenderableType:
    more = f", the first {limit} of them" if len(bad) > limit else ""
    return printing.table(
        ("Map", "Key", "Field", "Value", "Code", "Reason"),
        [
            (name, row.row_key, row.field, row.value, row.code, row.reason)
            for name, row in bad[:limit]
        ],
        title=f"Rows set aside: {len({(name, row.row_key) for name, row in bad})}{more}",
    )
