"""Rows that initial writes set aside: list them, and try them again, and only them.

Before  what kept them back was put right: a record arrived, a map or a row was corrected.
After   a row that can be written is written and no longer listed; the others are listed with what
        keeps them back now. Rows on their way with a set are left to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import ConstraintBroken
from twofold.dualwrite.events import record_event
from twofold.dualwrite.standing.chunk import BadRow, Chunk, is_of_a_row, refused_row
from twofold.dualwrite.standing.writing import (
    Mode,
    Writing,
    close_gaps,
    go_on,
    opened,
    set_aside,
)
from twofold.dualwrite.table_maps.standing_map import Compared, RowKey
from twofold.kernel.errors import Fault


@dataclass(frozen=True, slots=True)
class SetAside(BadRow):
    """A bad row, and the run that set it aside, with its mode."""

    run: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class _Gaps:
    gap_sets: list[int]


SQL: Final = SqlFile(__name__)
BAD_ROWS: Final = SQL.query("bad_rows", gives=SetAside)
TAKE_UP_AGAIN: Final = SQL.command("take_up_again")
FINISHED_GAPS: Final = SQL.query("finished_gaps", gives=_Gaps)


def bad_rows(writing: Writing, *, run: str | None = None) -> list[SetAside]:
    """Give the rows that runs of a map and company set aside; of one run, when it is named."""
    with writing.route.target.reader() as there:
        return there.all(BAD_ROWS, **writing.name, run=run)


def retry_bad(writing: Writing, *, run: str | None = None) -> list[SetAside]:
    """Take up the rows that were set aside; give those that still cannot be written.

    Each piece is one transaction. Rows that are gone at home, or on their way with a set, are no
    longer listed. A gap whose last bad row was written is closed.
    """
    for (name, mode), rows in groupby(
        bad_rows(writing, run=run), key=lambda row: (row.run, row.mode)
    ):
        keys = list(dict.fromkeys(RowKey(row.row_key, row.lead) for row in rows))
        _retry(replace(writing, mode=mode), name, keys)
        _told(writing, name, len(keys))
    return bad_rows(writing, run=run)


def _retry(writing: Writing, run: str, rows: list[RowKey]) -> None:
    """Write all of the rows, or halve them until those at fault are alone."""
    try:
        _try(writing, run, rows)
    except (ConstraintBroken, Fault) as problem:
        if not is_of_a_row(problem):
            raise
        if len(rows) == 1:
            _refused_again(writing, run, refused_row(rows[0], problem))
            return
        middle = len(rows) // 2
        _retry(writing, run, rows[:middle])
        _retry(writing, run, rows[middle:])


def _try(writing: Writing, run: str, rows: Sequence[RowKey]) -> None:
    """Write rows that were set aside; those that refer to something missing stay set aside."""
    given = {**writing.name, "run": run, "row_keys": [row.row_key for row in rows]}
    with opened(writing) as (standing, here), writing.route.target.transaction() as transaction:
        transaction.run(TAKE_UP_AGAIN, **given)
        chunk = Chunk(writing.active, standing, here)
        bad = chunk.take_rows(transaction, rows)
        set_aside(transaction, writing, run=run, bad=bad)
        compared = chunk.write(transaction, run=run, is_over=writing.is_over)
        written = len(rows) - len({row.row_key for row in bad})
        go_on(transaction, writing, run=run, upto=None, compared=compared, bad=-written)


def _refused_again(writing: Writing, run: str, bad: BadRow) -> None:
    given = {**writing.name, "run": run, "row_keys": [bad.row_key]}
    with writing.route.target.transaction() as transaction:
        transaction.run(TAKE_UP_AGAIN, **given)
        set_aside(transaction, writing, run=run, bad=[bad])
        nothing = Compared(0, 0, 0, 0, 0)
        go_on(transaction, writing, run=run, upto=None, compared=nothing, bad=0)


def _told(writing: Writing, run: str, rows: int) -> None:
    with writing.route.target.transaction() as transaction:
        record_event(
            transaction, event="bad rows tried again", actor=writing.actor,
            company=writing.company, map_id=writing.map, detail=f"initial write {run}: {rows} rows",
        )  # fmt: skip
        filled = transaction.first(FINISHED_GAPS, **writing.name, run=run)
    if filled is not None:
        close_gaps(writing, filled.gap_sets)
