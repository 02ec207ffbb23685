"""Initial write: bring the rows of a map to the other book as they stand, without sets.

Rows are read in key order from one snapshot of the source and written in chunks. A chunk is one
transaction of the target: its rows, the rows set aside, and how far the run is, so a run that
died goes on where it was. Sets are delivered all the while; rows of sets on their way are left to
them. Facts are added where their key is free and never overwritten; state yields to newer state.

Before  both books are open as dual-write, and the map runs.
After   every row that counts is in the target, or set aside with its reason, or listed as
        different. A back-fill also closes the gaps it filled.
Next    ``reconcile`` shows that both books are equal; ``retry_bad`` takes up what was set aside.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from twofold.database.copy import ship
from twofold.database.statement import SqlFile
from twofold.database.transaction import ConstraintBroken, Reader, Transaction
from twofold.dualwrite.events import record_event
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.reconcile import Asked, Reconciliation, reconcile_map
from twofold.dualwrite.standing.watermark import Standing, stand
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compile_standing import compile_standing
from twofold.dualwrite.table_maps.compiled import not_known
from twofold.dualwrite.table_maps.standing_map import Bad, Compared, StandingMap
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refused

CHUNK_ROWS: Final = 10_000
_REFUSED_BY_THE_BOOK: Final = "ERR-D32"

Mode = Literal["refuse", "adopt", "source_wins"]


@dataclass(frozen=True, slots=True)
class Run:
    """An initial write, as the target records it."""

    run: str
    mode: Mode
    map_hash: str
    gap_sets: list[int] | None
    done_upto: str | None
    row_count: int
    added_count: int
    same_count: int
    changed_count: int
    newer_count: int
    differing_count: int
    bad_count: int


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was set aside, with the field and value at fault."""

    row_key: str
    lead: str
    field: str
    code: str
    value: str | None
    reason: str


SQL: Final = SqlFile(__name__)
BEGIN: Final = SQL.command("begin")
UNFINISHED: Final = SQL.query("unfinished", gives=Run)
GO_ON: Final = SQL.command("go_on")
FINISH: Final = SQL.command("finish")
SET_ASIDE: Final = SQL.command("set_aside")
BAD_ROWS: Final = SQL.query("bad_rows", gives=BadRow)
TAKE_UP_AGAIN: Final = SQL.command("take_up_again")
CLOSE_GAPS: Final = SQL.command("close_gaps")


@dataclass(frozen=True, slots=True)
class Writing:
    """One map and company to be written. ``progress`` is told the number of rows done."""

    route: Route
    active: ActiveMap
    company: str
    actor: str
    mode: Mode = "refuse"
    gaps: bool = False
    chunk_rows: int = CHUNK_ROWS
    progress: Callable[[int], None] = lambda _rows: None

    @property
    def name(self) -> dict[str, str]:
        """Name the map and company to a statement."""
        return {"company": self.company, "map": self.active.compiled.map.id}


def initial_write(writing: Writing) -> Run:
    """Write the rows of one map and company; an unfinished run goes on where it was.

    Raises  Refused, nothing written and every difference recorded: ERR-D30 the target holds rows
            already (mode refuse), ERR-D31 rows there are different (mode adopt), ERR-D33 the map
            changed since the unfinished run began.
    """
    route, one = writing.route, compile_standing(writing.active.compiled)
    run = _unfinished(writing)
    if run is None and not writing.gaps:
        _refuse_what_differs(writing, one)
    with route.target.reader() as there, route.source.reader() as here:
        standing = stand(
            route, one, company=writing.company, there=there, here=here, gaps_count=True
        )
        run = run or _begin(writing, standing, here)
        if run.map_hash != writing.active.content_hash:
            raise Refused(refuse("ERR-D33", f"{writing.company} {one.compiled.map.id}"))
        chunks = _Chunks(writing, standing, here, run)
        chunks.write_between(run.done_upto, None, writing.chunk_rows)
    return _finished(writing, standing, run)


def retry_bad(writing: Writing, *, run: str) -> list[BadRow]:
    """Take up the rows that a run set aside; give those that still cannot be written.

    Rows on their way with a set are left to it.
    """
    one = compile_standing(writing.active.compiled)
    route, name = writing.route, {**writing.name, "run": run}
    with route.target.reader() as there, route.source.reader() as here:
        rows = there.all(BAD_ROWS, **name)
        standing = stand(
            route, one, company=writing.company, there=there, here=here, gaps_count=True
        )
        with route.target.transaction() as transaction:
            transaction.run(TAKE_UP_AGAIN, **name)
            chunk = _Chunk(writing, standing, here, run)
            leads, keys = ([one.lead for one in rows], [one.row_key for one in rows])
            chunk.copy(transaction, one.rows_of, leads=leads, row_keys=keys)
            chunk.apply(transaction)
            record_event(
                transaction, event="bad rows tried again", actor=writing.actor,
                company=writing.company, map_id=one.compiled.map.id,
                detail=f"initial write {run}: {len(set(keys))} rows",
            )  # fmt: skip
            return transaction.all(BAD_ROWS, **name)


def bad_rows(writing: Writing, *, run: str) -> list[BadRow]:
    """Give the rows that a run set aside."""
    with writing.route.target.reader() as there:
        return there.all(BAD_ROWS, **writing.name, run=run)


def preview(writing: Writing) -> Reconciliation:
    """Show what an initial write would find: the rows missing, extra and different in the target.

    After   the comparison is recorded as a reconciliation; no row was written.
    """
    with writing.route.target.reader() as there:
        run = f"before-{there.one(_MOMENT).run}"
    return reconcile_map(
        writing.route, writing.active, company=writing.company, asked=Asked(), run=run,
        actor=writing.actor,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Run:
    run: str


_MOMENT: Final = SQL.query("moment", gives=_Run)


def _refuse_what_differs(writing: Writing, one: StandingMap) -> None:
    """Refuse, or go on, knowing every difference between what is there and what is to come."""
    with writing.route.target.reader() as there:
        has_rows = writing.company in {row.company for row in there.all(one.target.companies)}
    if not has_rows or writing.mode == "source_wins":
        return
    found = preview(writing)
    record = f"{writing.company} {one.compiled.map.id}"
    differing = {row.row_key for row in found.differences if row.kind == "differs"}
    extra = {row.row_key for row in found.differences if row.kind == "extra"}
    there_rows = sum(period.target_rows for period in found.periods)
    if writing.mode == "refuse" and there_rows:
        reason = (
            f"{there_rows} rows are there, {len(differing)} of them different,"
            f" {len(extra)} unknown here (reconciliation {found.run})"
        )
        raise Refused(refuse("ERR-D30", record, reason=reason))
    if _at_one_version(one, found):
        reason = f"{len(differing)} rows are different there (reconciliation {found.run})"
        raise Refused(refuse("ERR-D31", record, reason=reason))


def _at_one_version(one: StandingMap, found: Reconciliation) -> set[str]:
    """Name the rows that differ although their version is the same."""
    versions = {n for n, c in one.compiled.map.columns.items() if c.from_set == "version"}
    differing = {row.row_key for row in found.differences if row.kind == "differs"}
    return differing - {row.row_key for row in found.differences if row.field in versions}


def _unfinished(writing: Writing) -> Run | None:
    with writing.route.target.transaction() as transaction:
        return transaction.first(UNFINISHED, **writing.name)


def _begin(writing: Writing, standing: Standing, here: Reader) -> Run:
    gaps = list(standing.watermark.gaps) if writing.gaps else None
    bounds = here.all(
        standing.map.bounds,
        **standing.given(
            standing.map.bounds, after=None, upto=None, only_sets=_only(standing, gaps),
            size=writing.chunk_rows,
        ),
    )  # fmt: skip
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
        return transaction.one(UNFINISHED, **writing.name)


def _only(standing: Standing, gaps: list[int] | None) -> list[int] | None:
    """Give the sets to read rows of; where rows do not tell their set, all rows are read."""
    return gaps if standing.map.compiled.map.source.set_column else None


def _finished(writing: Writing, standing: Standing, run: Run) -> Run:
    with writing.route.target.transaction() as transaction:
        done = transaction.one(UNFINISHED, **writing.name)
        transaction.run(FINISH, **writing.name, run=run.run)
        record_event(
            transaction, event="initial write", actor=writing.actor, company=writing.company,
            map_id=writing.active.compiled.map.id,
            detail=f"{run.run}: {done.added_count} added, {done.bad_count} set aside",
        )  # fmt: skip
    if standing.watermark.gaps and not done.bad_count:
        gaps = list(standing.watermark.gaps) if run.gap_sets is None else run.gap_sets
        with writing.route.source.transaction() as transaction:
            transaction.run(CLOSE_GAPS, **writing.name, set_ids=gaps)
    return done


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Rows on their way to the target, in one transaction of it."""

    writing: Writing
    standing: Standing
    here: Reader
    run: str

    def copy(self, transaction: Transaction, rows: object, **more: object) -> None:
        compiled = self.standing.map.compiled
        transaction.run(compiled.stage)
        given = self.standing.everything(**more)
        ship(self.here, rows, given, transaction, f"pg_temp.{compiled.stage_name}")  # pyright: ignore[reportArgumentType]

    def apply(self, transaction: Transaction) -> tuple[Compared, int]:
        """Set aside what refers to something missing, list what differs, write the rest."""
        one = self.standing.map
        bad = transaction.all(one.bad) if one.bad else []
        if bad:
            self._set_aside(transaction, bad)
            transaction.run(one.drop, row_keys=sorted({row.row_key for row in bad}))
        compared = transaction.one(one.compared)
        if compared.equal:
            transaction.run(one.differing, run=self.run)
        transaction.run(one.overwrite if self.writing.mode == "source_wins" else one.fill)
        if one.compiled.patch is not None:
            transaction.run(one.compiled.patch)
        return compared, len({row.row_key for row in bad})

    def _set_aside(self, transaction: Transaction, bad: list[Bad]) -> None:
        compiled = self.standing.map.compiled
        transaction.run(
            SET_ASIDE,
            **self.writing.name,
            run=self.run,
            row_keys=[row.row_key for row in bad],
            leads=[row.lead for row in bad],
            fields=[row.field for row in bad],
            codes=[compiled.missing_code(row.field) for row in bad],
            values=[row.value for row in bad],
            reasons=[not_known(compiled.map, row.field, row.value) for row in bad],
        )

    def go_on(self, transaction: Transaction, upto: str, compared: Compared, bad: int) -> None:
        is_over = self.writing.mode == "source_wins" and (
            self.standing.map.compiled.map.rows == "state"
        )
        transaction.run(
            GO_ON,
            **self.writing.name,
            run=self.run,
            done_upto=upto,
            added=compared.absent,
            same=compared.same,
            changed=compared.older + (compared.equal if is_over else 0),
            newer=compared.newer,
            differing=0 if is_over else compared.equal,
            bad=bad,
        )


class _Chunks:
    """The chunks of one run, one after the other."""

    def __init__(self, writing: Writing, standing: Standing, here: Reader, run: Run) -> None:
        self.writing = writing
        self.standing = standing
        self.here = here
        self.only = _only(standing, run.gap_sets)
        self.chunk = _Chunk(writing, standing, here, run.run)

    def write_between(self, after: str | None, upto: str | None, size: int) -> None:
        """Write the rows after one lead up to another, in chunks of ``size``.

        What the target refuses is tried again in smaller chunks, down to the row at fault.
        """
        one = self.standing.map
        given = self.standing.given(
            one.bounds, after=after, upto=upto, only_sets=self.only, size=size
        )
        rows = 0
        for bound in self.here.all(one.bounds, **given):
            try:
                self._write(after, bound.upto)
            except (ConstraintBroken, Fault) as problem:
                if isinstance(problem, Fault) and problem.transient:
                    raise
                if size == 1:
                    self._give_up(bound.upto, problem)
                else:
                    self.write_between(after, bound.upto, max(size // 10, 1))
            if size == self.writing.chunk_rows:
                self.writing.progress(bound.row_count - rows)
            rows, after = bound.row_count, bound.upto

    def _write(self, after: str | None, upto: str) -> None:
        route = self.writing.route
        with route.target.transaction() as transaction:
            done = transaction.one(UNFINISHED, **self.writing.name)
            if done.done_upto != after:
                raise Refused(refuse("ERR-D34", f"{self.writing.company} {done.run}"))
            self.chunk.copy(
                transaction, self.standing.map.rows, after=after, upto=upto, only_sets=self.only
            )
            compared, bad = self.chunk.apply(transaction)
            self.chunk.go_on(transaction, upto, compared, bad)
            route.failpoint("CP23")

    def _give_up(self, lead: str, problem: Exception) -> None:
        """Set aside a row that the target itself refuses, with the server's words."""
        with self.writing.route.target.transaction() as transaction:
            transaction.run(
                SET_ASIDE,
                **self.writing.name,
                run=self.chunk.run,
                row_keys=[json.dumps([lead])],
                leads=[lead],
                fields=[problem.name if isinstance(problem, ConstraintBroken) else ""],
                codes=[_REFUSED_BY_THE_BOOK],
                values=[None],
                reasons=[str(problem).partition("\n")[0]],
            )
            self.chunk.go_on(transaction, lead, Compared(0, 0, 0, 0, 0), 1)
