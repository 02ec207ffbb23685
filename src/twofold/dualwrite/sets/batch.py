"""A batch of sets on its way: what outbox and manifests of the source say of them.

Before  the sets are sealed and committed.
After   nothing has changed; ``apply`` gets what it writes to the inbox and compares with.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.sets.route import SetProblem, SetProblems

# The newest way of writing sets and manifests that this program reads.
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class SealedSet:
    """A set as the outbox has it, and the version before it in its stream that still counts."""

    set_id: int
    kind: str
    stream: str
    version: int
    key_first: int | None
    key_last: int | None
    actor: str
    created_at: datetime
    format: int
    version_before: int | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one map carries of a set, as it was sealed."""

    set_id: int
    map: str
    map_hash: str
    row_count: int
    content_hash: str
    totals: str


SQL: Final = SqlFile(__name__)
READ_SETS: Final = SQL.query("read_sets", gives=SealedSet)
READ_MANIFESTS: Final = SQL.query("read_manifests", gives=Manifest)


@dataclass(frozen=True, slots=True)
class Batch:
    """Sets of one company on their way, with their manifests as sealed."""

    company: str
    sets: list[SealedSet]
    manifests: list[Manifest]

    def row_count(self, set_id: int) -> int:
        """Rows of a set over all maps."""
        return sum(one.row_count for one in self.manifests if one.set_id == set_id)

    def content_hash(self, set_id: int) -> str:
        """Hash over all that the set's manifests say."""
        lines = [
            f"{one.map}\t{one.map_hash}\t{one.row_count}\t{one.content_hash}\t{one.totals}"
            for one in self.manifests
            if one.set_id == set_id
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_batch(source: Reader, *, company: str, set_ids: list[int]) -> Batch:
    """Read sets and their manifests, as of the source's snapshot.

    Raises  SetProblems, ERR-D23: a set is written in a format this program does not know.
    """
    sets = source.all(READ_SETS, company=company, set_ids=set_ids)
    newer = [
        SetProblem(one.set_id, "ERR-D23", "stopped", f"format {one.format}, known up to {FORMAT}")
        for one in sets
        if one.format > FORMAT
    ]
    if newer:
        raise SetProblems(*newer)
    return Batch(company, sets, source.all(READ_MANIFESTS, company=company, set_ids=set_ids))
