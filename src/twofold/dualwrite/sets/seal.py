"""Seal the change sets of a transaction, as its last act before the commit.

Each set gets its place in its stream, an outbox row, and a manifest per map that carries it;
rows of mutable tables are captured as they are now. The stream's row lock is taken here and
held to the commit, so sets of one business key are numbered in the order they commit.

Before  the transaction has written every row of its sets.
After   the sets stand in the outbox, measured, and wait to be delivered; or the transaction
        rolls back and none of this happened.
Next    ``deliver`` takes them to the other book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from twofold.database.change_set import ChangeSet
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compiled import Measured
from twofold.dualwrite.table_maps.language import BookName

SQL: Final = SqlFile(__name__)
SEND: Final = SQL.command("send")
WRITE_MANIFEST: Final = SQL.command("write_manifest")
WAIT: Final = SQL.command("wait")

NOTHING: Final = Measured(set_id=0, row_count=0, content_hash="0", totals="[]")


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals sets of one book with the maps active when the program started."""

    book: BookName
    maps: tuple[ActiveMap, ...]

    def __call__(self, transaction: Transaction) -> None:
        """Seal every set of the transaction that is not sealed yet."""
        unsealed = [change_set for change_set in transaction.sets if not change_set.sealed]
        for company in sorted({change_set.company for change_set in unsealed}):
            self._seal(transaction, company, [one for one in unsealed if one.company == company])

    def _seal(self, transaction: Transaction, company: str, sets: list[ChangeSet]) -> None:
        set_ids = [one.set_id for one in sets]
        streams = [one.stream for one in sets]
        assert len(set(streams)) == len(streams), f"{company}: two sets for one of {streams}"
        transaction.run(
            SEND,
            company=company,
            set_ids=set_ids,
            kinds=[one.kind for one in sets],
            streams=streams,
            key_firsts=[one.key_first for one in sets],
            key_lasts=[one.key_last for one in sets],
            actors=[one.actor for one in sets],
            created=[one.at for one in sets],
        )
        for active in self.maps:
            carried = sets_carried(active, self.book, sets)
            if carried:
                _assert_covered(active, sets, carried)
                _measure(transaction, company, active, carried)
        transaction.run(WAIT, company=company, set_ids=set_ids)
        for one in sets:
            one.sealed = True


def sets_carried(active: ActiveMap, book: BookName, sets: Sequence[ChangeSet]) -> list[int]:
    """Name the sets, made in ``book``, that travel through this map."""
    table_map = active.compiled.map
    if table_map.source_book != book:
        return []
    return [one.set_id for one in sets if one.kind in table_map.travels_in]


def _assert_covered(active: ActiveMap, sets: Sequence[ChangeSet], carried: list[int]) -> None:
    """Facts are found through the set's key block: without one they would stay behind."""
    if active.compiled.map.source.key_column:
        bare = [one.set_id for one in sets if one.set_id in carried and one.key_first is None]
        assert not bare, f"sets {bare}: {active.compiled.map.id} needs the keys they cover"


def _measure(transaction: Transaction, company: str, active: ActiveMap, set_ids: list[int]) -> None:
    compiled = active.compiled
    if compiled.capture is not None:
        transaction.run(compiled.capture, company=company, set_ids=set_ids)
    measured = {
        one.set_id: one
        for one in transaction.all(compiled.measure, company=company, set_ids=set_ids)
    }
    excluded: dict[int, int] = {}
    if compiled.excluded is not None:
        rows = transaction.all(compiled.excluded, company=company, set_ids=set_ids)
        excluded = {one.set_id: one.row_count for one in rows}
    found = [measured.get(set_id, NOTHING) for set_id in set_ids]
    transaction.run(
        WRITE_MANIFEST,
        company=company,
        map=compiled.map.id,
        map_hash=active.content_hash,
        set_ids=set_ids,
        row_counts=[one.row_count for one in found],
        excluded_counts=[excluded.get(set_id, 0) for set_id in set_ids],
        content_hashes=[one.content_hash for one in found],
        totals=[one.totals for one in found],
    )
