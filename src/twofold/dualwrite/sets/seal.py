"""Seal the change sets of a transaction, as its last act before the commit.

Each set gets its place in its stream, an outbox row, and a manifest per map that carries it;
rows of mutable tables are captured as they are now. The stream's row lock is taken here and
held to the commit, so sets of one business key are numbered in the order they commit. Which maps
are active, and whether they run, is read here too: a command about maps takes effect at once. A
stopped map carries nothing; what it leaves behind is noted as a gap.

Before  the transaction has written every row of its sets.
After   the sets stand in the outbox, measured, and wait to be delivered; or the transaction
        rolls back and none of this happened.
Next    ``deliver`` takes them to the other book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from twofold.database.change_set import ChangeSet
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compiled import Measured
from twofold.dualwrite.table_maps.known import KnownMaps
from twofold.dualwrite.table_maps.language import BookName


@dataclass(frozen=True, slots=True)
class _State:
    map: str
    content_hash: str
    state: str


SQL: Final = SqlFile(__name__)
SEND: Final = SQL.command("send")
WRITE_MANIFEST: Final = SQL.command("write_manifest")
WAIT: Final = SQL.command("wait")
MAP_STATES: Final = SQL.query("map_states", gives=_State)
NOTE_GAP: Final = SQL.command("note_gap")

NOTHING: Final = Measured(set_id=0, row_count=0, content_hash="0", totals="[]")


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals sets of one book.

    ``maps`` are those active when the program started; versions activated since are loaded when
    a set meets them.
    """

    book: BookName
    maps: tuple[ActiveMap, ...]
    _known: KnownMaps = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", KnownMaps(self.maps))

    def __call__(self, transaction: Transaction) -> None:
        """Seal every set of the transaction that is not sealed yet."""
        unsealed = [change_set for change_set in transaction.sets if not change_set.sealed]
        for company in sorted({change_set.company for change_set in unsealed}):
            self._seal(transaction, company, [one for one in unsealed if one.company == company])

    def current_maps(self, reader: Reader, *, company: str) -> list[ActiveMap]:
        """Give the active maps in the order they are applied, with their states for a company."""
        return [
            replace(
                self._known.version(reader, map_id=one.map, content_hash=one.content_hash),
                state=one.state,
            )
            for one in reader.all(MAP_STATES, company=company)
        ]

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
        for active in self.current_maps(transaction, company=company):
            carried = sets_carried(active, self.book, sets)
            if not carried or active.state in {"draft", "retired"}:
                continue
            _assert_covered(active, sets, carried)
            if active.state == "stopped":
                _note_gap(transaction, company, active, carried)
            else:
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


def _note_gap(
    transaction: Transaction, company: str, active: ActiveMap, set_ids: list[int]
) -> None:
    """Note how many rows of each set do not travel, because the map is stopped."""
    left = transaction.all(
        active.compiled.standing or active.compiled.measure, company=company, set_ids=set_ids
    )
    transaction.run(
        NOTE_GAP,
        company=company,
        map=active.compiled.map.id,
        set_ids=[one.set_id for one in left],
        row_counts=[one.row_count for one in left],
    )
