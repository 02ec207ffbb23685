"""Initial write: bring the rows of a map to the other book as they stand, without sets.

Rows are read in key order from one snapshot of the source and written in chunks. A chunk is one
transaction of the target: its rows, the rows set aside, and how far the run is, so a run that
died goes on where it was. A chunk that a book refuses is halved until the row at fault is alone.
Sets are delivered all the while; rows of sets on their way are left to them. Facts are added where
their key is free and never overwritten; state yields to newer state.

Before  both books are open as dual-write, and the map runs.
After   every row that counts is in the target, or set aside with its reason, or listed as
        different. A back-fill also closes the gaps it filled.
Next    ``reconcile`` shows that both books are equal; ``retry_bad`` takes up what was set aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Reader
from twofold.dualwrite.events import record_event
from twofold.dualwrite.standing.chunk import BadRow
from twofold.dualwrite.standing.compare import Difference
from twofold.dualwrite.standing.pieces import Piece, Pieces
from twofold.dualwrite.standing.reconcile import Asked, Reconciliation, reconcile_map
from twofold.dualwrite.standing.watermark import Standing
from twofold.dualwrite.standing.writing import (
    Run,
    Writing,
    close_gaps,
    opened,
    still_ours,
    unfinished,
)
from twofold.dualwrite.table_maps.compile_standing import compile_standing
from twofold.dualwrite.table_maps.standing_map import Compared, StandingMap
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused

# A look writes nothing down, so it need not stop as often.
_LOOK_ROWS: Final = 100_000

SQL: Final = SqlFile(__name__)
BEGIN: Final = SQL.command("begin")
FINISH: Final = SQL.command("finish")


@dataclass(frozen=True, slots=True)
class Preview:
    """What an initial write would do: rows by what they are to the target's, and the bad ones.

    ``differences`` are those of all rows; a back-fill, which reads its own rows only, has none.
    """

    compared: Compared
    differences: tuple[Difference, ...]
    bad: tuple[BadRow, ...]


def initial_write(writing: Writing) -> Run:
    """Write the rows of one map and company; an unfinished run goes on where it was.

    Raises  Refused, as ``initial_writes`` does.
    """
    (done,) = initial_writes([writing])
    return done


def initial_writes(writings: Sequence[Writing]) -> Iterator[Run]:
    """Write the rows of several maps, one after the other as given; give each run when it is done.

    Raises  Refused, nothing written and every difference recorded, with the findings of all maps:
            ERR-D30 the target holds rows already (mode refuse), ERR-D31 rows there are different
            (mode adopt). Refused in the middle, what was written stays: ERR-D33 the map changed
            since the unfinished run began, ERR-D34 another process goes on with the run, ERR-D64
            a table changed since the map was activated.
    """
    look = new_look(writings[0]) if writings else ""
    refusals = [
        refusal
        for one in writings
        if not one.gaps and _unfinished(one) is None
        for refusal in _what_differs(one, look)
    ]
    if refusals:
        raise Refused(*refusals)
    for one in writings:
        yield _write(one)


def preview(writing: Writing, *, look: str | None = None) -> Preview:
    """Show what an initial write would find and do; each piece is written and rolled back.

    After   the comparison is recorded as a reconciliation under ``look``; no row was written.
    """
    look = look or new_look(writing)
    differences = () if writing.gaps else _compared_before(writing, look).differences
    with opened(writing) as (standing, _):
        gaps = list(standing.watermark.gaps) if writing.gaps else None
        only = _only(standing.map, gaps)
        # What refers to its own table must find it: such a map is looked at in one piece.
        size = _LOOK_ROWS if standing.map.compiled.patch is None else 2**62
    looking = Pieces(writing, run=None, only=only, pieces=[Piece(None, None, size)])
    looking.go_through()
    return Preview(looking.compared, differences, tuple(looking.bad))


@dataclass(frozen=True, slots=True)
class _Run:
    run: str


_MOMENT: Final = SQL.query("moment", gives=_Run)


def new_look(writing: Writing) -> str:
    """Name the reconciliations that are made before rows are written."""
    with writing.route.target.reader() as there:
        return f"before-{there.one(_MOMENT).run}"


def _compared_before(writing: Writing, look: str) -> Reconciliation:
    return reconcile_map(
        writing.route, writing.active, company=writing.company, asked=Asked(), run=look,
        actor=writing.actor,
    )  # fmt: skip


def _what_differs(writing: Writing, look: str) -> list[Refusal]:
    """Refuse, or go on, knowing every difference between what is there and what is to come."""
    one = compile_standing(writing.active.compiled)
    with writing.route.target.reader() as there:
        has_rows = writing.company in {row.company for row in there.all(one.target.companies)}
    if not has_rows or writing.mode == "source_wins":
        return []
    found = _compared_before(writing, look)
    record = f"{writing.company} {writing.map}"
    differing = {row.row_key for row in found.differences if row.kind == "differs"}
    extra = {row.row_key for row in found.differences if row.kind == "extra"}
    there_rows = sum(period.target_rows for period in found.periods)
    if writing.mode == "refuse" and there_rows:
        reason = (
            f"rows there: {there_rows}, different: {len(differing)}, unknown here: {len(extra)}"
            f" (reconciliation {found.run})"
        )
        return [refuse("ERR-D30", record, reason=reason)]
    if _at_one_version(one, found):
        reason = f"different there: {len(differing)} rows (reconciliation {found.run})"
        return [refuse("ERR-D31", record, reason=reason)]
    return []


def _at_one_version(one: StandingMap, found: Reconciliation) -> set[str]:
    """Name the rows that differ although their version is the same."""
    versions = {n for n, c in one.compiled.map.columns.items() if c.from_set == "version"}
    differing = {row.row_key for row in found.differences if row.kind == "differs"}
    return differing - {row.row_key for row in found.differences if row.field in versions}


def _unfinished(writing: Writing) -> Run | None:
    with writing.route.target.transaction() as transaction:
        return unfinished(transaction, writing)


def _write(writing: Writing) -> Run:
    run = _unfinished(writing)
    with opened(writing) as (standing, here):
        run = run or _begin(writing, standing, here)
    if run.map_hash != writing.active.content_hash:
        raise Refused(refuse("ERR-D33", f"{writing.company} {writing.map}"))
    only = _only(standing.map, run.gap_sets)
    pieces = [Piece(run.done_upto, None, writing.chunk_rows)]
    Pieces(writing, run, only, pieces, done_rows=run.done_rows).go_through()
    return _finished(writing, standing, run)


def _begin(writing: Writing, standing: Standing, here: Reader) -> Run:
    gaps = list(standing.watermark.gaps) if writing.gaps else None
    only = _only(standing.map, gaps)
    bounds = here.all(
        standing.map.bounds,
        **standing.given(
            standing.map.bounds, after=None, upto=None, only_sets=only, size=writing.chunk_rows
        ),
    )
    with writing.route.target.transaction() as transaction:
        transaction.run(
            BEGIN,
            **writing.name,
            map_hash=writing.active.content_hash,
            mode=writing.mode,
            gap_sets=gaps,
            row_count=bounds[-1].row_count if bounds else 0,
            actor=writing.actor,
        )
        begun = unfinished(transaction, writing)
        assert begun is not None, writing.name
        return begun


def _only(one: StandingMap, gaps: list[int] | None) -> list[int] | None:
    """Give the sets to read rows of; where rows do not tell their set, all rows are read."""
    return gaps if one.compiled.map.source.set_column else None


def _finished(writing: Writing, standing: Standing, run: Run) -> Run:
    with writing.route.target.transaction() as transaction:
        done = still_ours(transaction, writing, run)
        transaction.run(FINISH, **writing.name, run=run.run)
        table = writing.active.compiled.map.target.table
        refresh_statistics(transaction, table, rows_added=done.added_count)
        record_event(
            transaction, event="initial write", actor=writing.actor, company=writing.company,
            map_id=writing.map,
            detail=f"{run.run}: {done.added_count} added, {done.bad_count} set aside",
        )  # fmt: skip
    if standing.watermark.gaps and not done.bad_count:
        gaps = list(standing.watermark.gaps) if run.gap_sets is None else run.gap_sets
        close_gaps(writing, gaps)
    return done
