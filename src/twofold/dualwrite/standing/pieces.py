"""The rows of an initial write, piece by piece; what a book refuses is halved until it is alone.

A look goes the same way, with the same statements, and rolls each piece back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from twofold.database.transaction import ConstraintBroken, Transaction
from twofold.dualwrite.standing.chunk import (
    BadRow,
    Chunk,
    counted,
    is_of_a_row,
    refused_row,
    tried,
)
from twofold.dualwrite.standing.writing import (
    Run,
    Writing,
    go_on,
    opened,
    set_aside,
    still_ours,
)
from twofold.dualwrite.table_maps.standing_map import Compared, RowKey
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refused

NOTHING: Final = Compared(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows between two leads, to be taken ``size`` at a time; 0: row by row."""

    after: str | None
    upto: str | None
    size: int


class Pieces:
    """The rows of one run, or of a look (no run), piece by piece."""

    def __init__(
        self,
        writing: Writing,
        run: Run | None,
        only: list[int] | None,
        pieces: list[Piece],
        *,
        done_rows: int = 0,
    ) -> None:
        self.writing = writing
        self.run = run
        self.only = only
        self.pieces = pieces
        self.done_rows = done_rows
        self.compared = NOTHING
        self.bad: list[BadRow] = []

    def go_through(self) -> None:
        """Write until nothing is left; with fresh snapshots after a piece that was refused."""
        while self.pieces:
            with opened(self.writing) as (standing, here):
                chunk = Chunk(self.writing.active, standing, here)
                while self.pieces and self._piece(chunk, self.pieces.pop()):
                    pass

    def _piece(self, chunk: Chunk, piece: Piece) -> bool:
        """Write one piece; False, and what is left of it put back, when a part was refused."""
        if not piece.size:
            self._row_by_row(chunk, piece)
            return True
        bounds = chunk.standing.map.bounds
        given = self._between(piece.after, piece.upto) | {"size": piece.size}
        after, before = piece.after, 0
        for bound in chunk.here.all(bounds, **chunk.standing.given(bounds, **given)):
            try:
                self._chunk(chunk, after, bound.upto)
            except (ConstraintBroken, Fault) as problem:
                if not is_of_a_row(problem):
                    raise
                rows = bound.row_count - before
                half = (rows + 1) // 2 if rows > 1 else 0
                self.pieces += [
                    Piece(bound.upto, piece.upto, piece.size),
                    Piece(after, bound.upto, half),
                ]
                return False
            after, before = bound.upto, bound.row_count
        return True

    def _between(self, after: str | None, upto: str | None) -> dict[str, object]:
        return {"after": after, "upto": upto, "only_sets": self.only}

    def _chunk(self, chunk: Chunk, after: str | None, upto: str) -> None:
        """Write the rows between two leads in one transaction."""
        writing, run = self.writing, self.run
        with tried(self.writing.route.target, is_kept=self.run is not None) as transaction:
            if run is not None and still_ours(transaction, writing, run).done_upto != after:
                raise Refused(refuse("ERR-D34", f"{writing.company} {writing.map} {run.run}"))
            bad = chunk.take(transaction, **self._between(after, upto))
            compared = self._written(transaction, chunk, bad)
            if run is not None:
                rows = len({row.row_key for row in bad})
                go_on(transaction, writing, run=run.run, upto=upto, compared=compared, bad=rows)
                writing.route.failpoint("CP23")
        self._tell(compared, bad)

    def _row_by_row(self, chunk: Chunk, piece: Piece) -> None:
        """Write the rows of one lead each by itself; set aside those that a book refuses."""
        keys = chunk.standing.map.row_keys
        given = chunk.standing.given(keys, **self._between(piece.after, piece.upto))
        compared, bad = NOTHING, list[BadRow]()
        for row in chunk.here.all(keys, **given):
            try:
                # A reader of its own: a value that cannot be read must not spoil the others.
                with self.writing.route.source.reader() as here:
                    one = self._row(replace(chunk, here=here), row)
            except (ConstraintBroken, Fault) as problem:
                if not is_of_a_row(problem):
                    raise
                one = (NOTHING, [refused_row(row, problem)])
            compared, bad = added(compared, one[0]), [*bad, *one[1]]
        if self.run is not None:
            with self.writing.route.target.transaction() as transaction:
                still_ours(transaction, self.writing, self.run)
                set_aside(transaction, self.writing, run=self.run.run, bad=bad)
                rows = len({row.row_key for row in bad})
                go_on(
                    transaction, self.writing, run=self.run.run, upto=piece.upto,
                    compared=compared, bad=rows,
                )  # fmt: skip
        self._tell(compared, bad)

    def _row(self, chunk: Chunk, row: RowKey) -> tuple[Compared, list[BadRow]]:
        with tried(self.writing.route.target, is_kept=self.run is not None) as transaction:
            bad = chunk.take_rows(transaction, [row])
            return self._written(transaction, chunk, []), bad

    def _written(self, transaction: Transaction, chunk: Chunk, bad: list[BadRow]) -> Compared:
        run = self.run and self.run.run
        if run is not None and bad:
            set_aside(transaction, self.writing, run=run, bad=bad)
        return chunk.write(transaction, run=run, is_over=self.writing.is_over)

    def _tell(self, compared: Compared, bad: list[BadRow]) -> None:
        self.compared = added(self.compared, compared)
        if self.run is None:
            self.bad += bad
            return
        self.done_rows += counted(compared) + len({row.row_key for row in bad})
        self.writing.progress(self.done_rows, self.run.row_count)


def added(one: Compared, other: Compared) -> Compared:
    """Add up two counts."""
    return Compared(
        one.absent + other.absent,
        one.same + other.same,
        one.older + other.older,
        one.equal + other.equal,
        one.newer + other.newer,
    )
