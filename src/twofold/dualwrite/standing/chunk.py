"""Rows as they stand, on their way to the target: staged, judged, written, in one transaction.

Initial write, its second tries and repair all bring rows over like this. A row that refers to
something missing, or holds a code that no one translates, is taken out and given back with its
reason; the others go on.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from twofold.database.connection import Book
from twofold.database.copy import ship
from twofold.database.statement import Query
from twofold.database.transaction import ConstraintBroken, Reader, Transaction
from twofold.dualwrite.sets.drifted import DRIFTED, Drifted, assert_as_activated
from twofold.dualwrite.standing.watermark import Standing
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compiled import not_known
from twofold.dualwrite.table_maps.standing_map import Bad, Compared, RowKey
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refused

UNTRANSLATED: Final = "ERR-D17"
REFUSED_BY_THE_BOOK: Final = "ERR-D32"
# SQLSTATE class 22: a value that does not fit. Anything else is no matter of one row.
_DATA: Final = "22"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be written, with the field and value at fault."""

    row_key: str
    lead: str
    field: str
    code: str
    value: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where the rows of a chunk come from, and by which map they go."""

    active: ActiveMap
    standing: Standing
    here: Reader

    def take(self, transaction: Transaction, **between: object) -> list[BadRow]:
        """Stage the rows between two leads; take out the bad ones and give those.

        ``between`` are ``after``, ``upto`` and ``only_sets``; null asks for no condition.
        """
        one = self.standing.map
        unknown = self._unknown(one.untranslated, between)
        self._copy(transaction, between)
        return self._without_bad(transaction, unknown)

    def take_rows(self, transaction: Transaction, rows: Sequence[RowKey]) -> list[BadRow]:
        """Stage the rows of some keys; take out the bad ones and give those."""
        one = self.standing.map
        keys: dict[str, object] = {
            "leads": [row.lead for row in rows],
            "row_keys": [row.row_key for row in rows],
        }
        unknown = self._unknown(one.untranslated_of, keys)
        self._copy(transaction, keys)
        return self._without_bad(transaction, unknown)

    def write(self, transaction: Transaction, *, run: str | None, is_over: bool) -> Compared:
        """Write what is staged, and tell what it was to the rows that were there.

        After   facts stand where their key was free; state is newer than it was, or, with
                ``is_over``, no older. Rows of one version that differ are listed under ``run``.
        """
        one = self.standing.map
        compared = transaction.one(one.compared)
        if compared.equal and run is not None:
            transaction.run(one.differing, run=run)
        settled = one.settled_over if is_over else one.settled
        if settled is not None:
            transaction.run(settled)
        transaction.run(one.overwrite if is_over else one.fill)
        self.finish(transaction)
        return compared

    def finish(self, transaction: Transaction) -> None:
        """Fill what refers to the target itself, and see that the target is as it was compiled for.

        Raises  Refused, ERR-D64: a table is not what it was when the map was activated.
        """
        compiled = self.standing.map.compiled
        if compiled.patch is not None:
            transaction.run(compiled.patch)
        try:
            assert_as_activated(transaction, [self.active])
        except Drifted as drifted:
            reason = "; ".join(f"{one.table}.{one.column}: {one.effect}" for one in drifted.found)
            raise Refused(refuse(DRIFTED, f"map/{compiled.map.id}", reason=reason)) from drifted

    def _unknown(self, query: Query[Bad] | None, given: dict[str, object]) -> list[Bad]:
        return self.here.all(query, **self.standing.given(query, **given)) if query else []

    def _copy(self, transaction: Transaction, given: dict[str, object]) -> None:
        compiled = self.standing.map.compiled
        rows = self.standing.map.rows_of if "row_keys" in given else self.standing.map.rows
        transaction.run(compiled.stage)
        # The stage outlives a piece that was staged before in the same transaction.
        transaction.run(self.standing.map.clear)
        everything = self.standing.everything(**given)
        ship(self.here, rows, everything, transaction, f"pg_temp.{compiled.stage_name}")

    def _without_bad(self, transaction: Transaction, unknown: list[Bad]) -> list[BadRow]:
        one, compiled = self.standing.map, self.standing.map.compiled
        missing = transaction.all(one.bad) if one.bad else []
        bad = [
            *(self._bad(row, UNTRANSLATED, _untranslated(compiled.map.name)) for row in unknown),
            *(
                self._bad(
                    row,
                    compiled.missing_code(row.field),
                    not_known(compiled.map, row.field, row.value),
                )
                for row in missing
            ),
        ]
        if bad:
            transaction.run(one.drop, row_keys=sorted({row.row_key for row in bad}))
        return bad

    def _bad(self, row: Bad, code: str, reason: str) -> BadRow:
        return BadRow(row.row_key, row.lead, row.field, code, row.value, reason)


def _untranslated(name: str) -> str:
    return f"the map «{name}» does not translate this code"


class _RolledBack(Exception):
    """A look is over: nothing of it stays."""


def _end(*, is_kept: bool) -> None:
    if not is_kept:
        raise _RolledBack


@contextmanager
def tried(book: Book, *, is_kept: bool) -> Generator[Transaction]:
    """Open a transaction that is rolled back at its end, when it is not to be kept."""
    try:
        with book.transaction() as transaction:
            yield transaction
            _end(is_kept=is_kept)
    except _RolledBack:
        pass


def is_of_a_row(problem: ConstraintBroken | Fault) -> bool:
    """Tell whether the target (or the source) objects to a value: other rows may go on."""
    return isinstance(problem, ConstraintBroken) or problem.state.startswith(_DATA)


def refused_row(row: RowKey, problem: ConstraintBroken | Fault) -> BadRow:
    """Make the bad row of what a book itself refuses, in the words of its server."""
    field = problem.name if isinstance(problem, ConstraintBroken) else ""
    said = str(problem).partition("\n")[0]
    return BadRow(row.row_key, row.lead, field, REFUSED_BY_THE_BOOK, None, said)


def counted(compared: Compared) -> int:
    """Count the rows that were compared."""
    return compared.absent + compared.same + compared.older + compared.equal + compared.newer
