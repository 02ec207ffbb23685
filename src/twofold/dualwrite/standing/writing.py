"""An initial write under way: what is to be written, how far it is, and what was set aside.

How far a run is stands in the target and changes in the transactions that write the rows, so it
is true whatever dies. The row of the run is locked meanwhile: two that write the same rows take
turns, and the one that finds the run further than it left it gives up.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.chunk import BadRow
from twofold.dualwrite.standing.watermark import Standing, stand
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compile_standing import compile_standing
from twofold.dualwrite.table_maps.standing_map import Compared
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

CHUNK_ROWS: Final = 10_000

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

    @property
    def done_rows(self) -> int:
        """Count the rows that are dealt with."""
        return (
            self.added_count + self.same_count + self.changed_count + self.newer_count
            + self.differing_count + self.bad_count
        )  # fmt: skip


SQL: Final = SqlFile(__name__)
UNFINISHED: Final = SQL.query("unfinished", gives=Run)
GO_ON: Final = SQL.command("go_on")
SET_ASIDE: Final = SQL.command("set_aside")
CLOSE_GAPS: Final = SQL.command("close_gaps")


@dataclass(frozen=True, slots=True)
class Writing:
    """One map and company to be written.

    ``progress`` is told the number of rows done so far, and of how many.
    """

    route: Route
    active: ActiveMap
    company: str
    actor: str
    mode: Mode = "refuse"
    gaps: bool = False
    chunk_rows: int = CHUNK_ROWS
    progress: Callable[[int, int], None] = lambda _done, _of: None

    @property
    def map(self) -> str:
        """Name the map."""
        return self.active.compiled.map.id

    @property
    def name(self) -> dict[str, str]:
        """Name the map and company to a statement."""
        return {"company": self.company, "map": self.map}

    @property
    def is_over(self) -> bool:
        """Tell whether state of the same version is overwritten."""
        return self.mode == "source_wins" and self.active.compiled.map.rows == "state"


def unfinished(transaction: Transaction, writing: Writing) -> Run | None:
    """Give the run of a map and company that is not over, locked, if there is one."""
    return transaction.first(UNFINISHED, **writing.name)


@contextmanager
def opened(writing: Writing) -> Generator[tuple[Standing, Reader]]:
    """Read both books as of one moment; rows that a stopped map left behind count."""
    one = compile_standing(writing.active.compiled)
    route = writing.route
    with route.target.reader() as there, route.source.reader() as here:
        yield (
            stand(route, one, company=writing.company, there=there, here=here, gaps_count=True),
            here,
        )


def close_gaps(writing: Writing, set_ids: list[int]) -> None:
    """Note that the rows of these sets are there now."""
    with writing.route.source.transaction() as transaction:
        transaction.run(CLOSE_GAPS, **writing.name, set_ids=set_ids)


def still_ours(transaction: Transaction, writing: Writing, run: Run) -> Run:
    """Lock the run and give how far it is; refuse when it is over already."""
    found = unfinished(transaction, writing)
    if found is None or found.run != run.run:
        raise Refused(refuse("ERR-D34", f"{writing.company} {writing.map} {run.run}"))
    return found


def set_aside(
    transaction: Transaction, writing: Writing, *, run: str, bad: Sequence[BadRow]
) -> None:
    """Note rows that cannot be written, each with its reason."""
    transaction.run(
        SET_ASIDE,
        **writing.name,
        run=run,
        row_keys=[row.row_key for row in bad],
        leads=[row.lead for row in bad],
        fields=[row.field for row in bad],
        codes=[row.code for row in bad],
        values=[row.value for row in bad],
        reasons=[row.reason for row in bad],
    )


def go_on(
    transaction: Transaction,
    writing: Writing,
    *,
    run: str,
    upto: str | None,
    compared: Compared,
    bad: int,
) -> None:
    """Add to the counts of a run, and note how far it is."""
    is_over = writing.is_over
    transaction.run(
        GO_ON,
        **writing.name,
        run=run,
        done_upto=upto,
        added=compared.absent,
        same=compared.same,
        changed=compared.older + (compared.equal if is_over else 0),
        newer=compared.newer,
        differing=0 if is_over else compared.equal,
        bad=bad,
    )
