"""Apply a batch of sets in one transaction of the target: all of it, or nothing.

The inbox rows come first. The rows of each map are streamed by binary COPY, compared there with
the manifest, checked against what the target knows, and written. The links of the chain come
last, right before the commit.

Before  the sets are leased, of one company, versions of a stream in their order.
After   inbox, rows and links stand in the target's transaction; or the problems are raised and
        the transaction must roll back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from twofold.database.copy import ship
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.proof.chain import link_sets
from twofold.dualwrite.sets.batch import Batch, Manifest, SealedSet
from twofold.dualwrite.sets.drifted import assert_as_activated
from twofold.dualwrite.sets.route import Awaited, Route, SetProblem, SetProblems
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compiled import Measured, not_known


@dataclass(frozen=True, slots=True)
class _Received:
    set_id: int
    content_hash: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Conflict:
    set_id: int
    other_set_id: int
    other_hash: str


@dataclass(frozen=True, slots=True)
class _Gap:
    set_id: int
    version_before: int


@dataclass(frozen=True, slots=True)
class _Barred:
    set_id: int
    reason: str
    barred_by: str


@dataclass(frozen=True, slots=True)
class AppliedLink:
    """Where and when the target applied a set: what the acknowledgement copies."""

    set_id: int
    applied_at: datetime
    chain_number: int
    chain_hash: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What stands in the target when the transaction commits.

    ``links`` are those of every set of the batch, ``new`` the sets that were applied just now.
    """

    links: list[AppliedLink]
    new: set[int]
    rows: int
    tables: frozenset[str]


SQL: Final = SqlFile(__name__)
RECEIVE: Final = SQL.query("receive", gives=_Received)
CONFLICTS: Final = SQL.query("conflicts", gives=_Conflict)
GAPS: Final = SQL.query("gaps", gives=_Gap)
BARRED: Final = SQL.query("barred", gives=_Barred)
READ_LINKS: Final = SQL.query("read_links", gives=AppliedLink)


def apply_batch(route: Route, batch: Batch, source: Reader, target: Transaction) -> Outcome:
    """Apply the sets the target does not have yet.

    Raises  SetProblems: named sets cannot be applied; SetProblem: some set of the batch cannot,
            and only a smaller batch can tell which.
    """
    hashes = {one.set_id: batch.content_hash(one.set_id) for one in batch.sets}
    received = _receive(route, batch, hashes, target)
    route.failpoint("CP07")
    _assert_same_content(received, hashes)
    new = {one.set_id for one in received if one.is_new}
    _assert_next(route, batch, new, target)
    work = _Work(route, batch, new, source, target)
    maps = _maps_of(route, batch, source)
    for active in maps:
        work.carry(active)
    work.assert_complete()
    assert_as_activated(target, maps if new else ())
    if new:
        link_sets(target, company=batch.company, source=route.source.name, set_ids=sorted(new))
        _assert_not_given_up(route, batch, new, target)
    links = target.all(
        READ_LINKS,
        company=batch.company,
        source=route.source.name,
        set_ids=[one.set_id for one in batch.sets],
    )
    rows = sum(one.row_count for one in batch.manifests if one.set_id in new)
    return Outcome(links, new, rows, frozenset(work.written))


def _receive(
    route: Route, batch: Batch, hashes: dict[int, str], target: Transaction
) -> list[_Received]:
    """Write the inbox rows; give every set of the batch with the content hash the inbox holds."""
    given = {
        "company": batch.company,
        "source": route.source.name,
        "set_ids": [one.set_id for one in batch.sets],
        "kinds": [one.kind for one in batch.sets],
        "streams": [one.stream for one in batch.sets],
        "versions": [one.version for one in batch.sets],
        "key_firsts": [one.key_first for one in batch.sets],
        "key_lasts": [one.key_last for one in batch.sets],
        "content_hashes": [hashes[one.set_id] for one in batch.sets],
        "row_counts": [batch.row_count(one.set_id) for one in batch.sets],
        "actors": [one.actor for one in batch.sets],
        "created": [one.created_at for one in batch.sets],
    }
    received = target.all(RECEIVE, **given)
    if len(received) < len(batch.sets):
        # Another engine committed a set while this one waited for its inbox row: a second look
        # sees it. What the first look added stays new, though the second finds it there too.
        known = {one.set_id for one in received}
        received += [one for one in target.all(RECEIVE, **given) if one.set_id not in known]
    known = {one.set_id for one in received}
    displaced = [one for one in batch.sets if one.set_id not in known]
    if displaced:
        _raise_conflicts(route, batch, displaced, hashes, target)
    return received


def _raise_conflicts(
    route: Route,
    batch: Batch,
    displaced: list[SealedSet],
    hashes: dict[int, str],
    target: Transaction,
) -> None:
    conflicts = target.all(
        CONFLICTS,
        company=batch.company,
        source=route.source.name,
        set_ids=[one.set_id for one in displaced],
        streams=[one.stream for one in displaced],
        versions=[one.version for one in displaced],
    )
    raise SetProblems(
        *(
            SetProblem(
                one.set_id,
                "ERR-D21",
                "stopped",
                f"its version was applied with set {one.other_set_id}: the inbox holds "
                f"{one.other_hash}, the outbox {hashes[one.set_id]}",
            )
            for one in conflicts
        )
    )


def _assert_same_content(received: list[_Received], hashes: dict[int, str]) -> None:
    """Never guess about the same set with other content: show both hashes."""
    differing = [
        SetProblem(
            one.set_id,
            "ERR-D08",
            "stopped",
            f"the inbox holds {one.content_hash}, the outbox {hashes[one.set_id]}",
        )
        for one in received
        if one.content_hash != hashes[one.set_id]
    ]
    if differing:
        raise SetProblems(*differing)


def _assert_next(route: Route, batch: Batch, new: set[int], target: Transaction) -> None:
    """Apply a set only when the one before it in its stream is applied, or was given up."""
    after = [one for one in batch.sets if one.set_id in new and one.version_before is not None]
    if not after:
        return
    gaps = target.all(
        GAPS,
        company=batch.company,
        source=route.source.name,
        set_ids=[one.set_id for one in after],
        streams=[one.stream for one in after],
        versions_before=[one.version_before for one in after],
    )
    if gaps:
        raise SetProblems(
            *(
                SetProblem(
                    one.set_id,
                    "ERR-D20",
                    "waiting",
                    f"version {one.version_before} of its stream has not been applied",
                )
                for one in gaps
            )
        )


def _assert_not_given_up(route: Route, batch: Batch, new: set[int], target: Transaction) -> None:
    """Apply no set that a person gave up meanwhile, when its lease had passed to somebody else.

    Asked with the lock of the chain's head, which whoever gives sets up takes too: one of both
    comes first and the other sees it.
    """
    barred = target.all(
        BARRED, company=batch.company, source=route.source.name, set_ids=sorted(new)
    )
    if barred:
        raise SetProblems(
            *(
                SetProblem(one.set_id, "ERR-D86", "stopped", f"by {one.barred_by}: {one.reason}")
                for one in barred
            )
        )


def _maps_of(route: Route, batch: Batch, source: Reader) -> list[ActiveMap]:
    """Give the map versions the sets were sealed with, in the order maps are applied."""
    wanted = sorted({(one.map, one.map_hash) for one in batch.manifests if one.row_count > 0})
    order = {one.compiled.map.id: place for place, one in enumerate(route.maps)}
    found = [
        route.known.version(source, map_id=name, content_hash=digest) for name, digest in wanted
    ]
    return sorted(found, key=lambda one: order.get(one.compiled.map.id, len(order)))


@dataclass(slots=True)
class _Work:
    """A batch on its way through its maps: rows written so far, and what was found wrong.

    Once something is wrong nothing more is written, but every map is looked at: all that the
    sets miss is told at once.
    """

    route: Route
    batch: Batch
    new: set[int]
    source: Reader
    target: Transaction
    written: set[str] = field(default_factory=set[str])
    not_written: set[str] = field(default_factory=set[str])
    problems: dict[int, SetProblem] = field(default_factory=dict[int, SetProblem])
    awaits: dict[int, list[tuple[str, str, Awaited]]] = field(
        default_factory=dict[int, list[tuple[str, str, Awaited]]]
    )

    def carry(self, active: ActiveMap) -> None:
        """Stream, compare, check and write the rows of one map."""
        manifests = [
            one
            for one in self.batch.manifests
            if one.map == active.compiled.map.id
            and one.map_hash == active.content_hash
            and one.set_id in self.new
            and one.row_count > 0
        ]
        if not manifests:
            return
        compiled = active.compiled
        self.target.run(compiled.stage)
        given: dict[str, object] = {
            "company": self.batch.company,
            "set_ids": [one.set_id for one in manifests],
        }
        self._assert_translated(active, given)
        ship(self.source, compiled.shipped, given, self.target, f"pg_temp.{compiled.stage_name}")
        self.route.failpoint("CP09")
        self._compare(compiled.map.name, manifests, self.target.all(compiled.received))
        self._look_up(active)
        table = compiled.map.target.table
        if self.problems or self.awaits:
            self.not_written.add(table)
            return
        applied = self.target.run(compiled.apply)
        if compiled.patch is not None:
            self.target.run(compiled.patch)
        self.written.add(table)
        refresh_statistics(self.target, table, rows_added=applied)
        self.route.failpoint("CP10")

    def assert_complete(self) -> None:
        """Raise what was found wrong; what a set misses is one problem."""
        for set_id, missing in self.awaits.items():
            code, text, _ = missing[0]
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            awaits = tuple(one for _, _, one in missing)
            parked = SetProblem(set_id, code, "parked", f"{text}{more}", awaits=awaits)
            self.problems.setdefault(set_id, parked)
        if self.problems:
            raise SetProblems(*self.problems.values())

    def _assert_translated(self, active: ActiveMap, given: dict[str, object]) -> None:
        compiled = active.compiled
        if compiled.unknown is None:
            return
        for one in self.source.all(compiled.unknown, **given):
            text = f"{compiled.map.name} does not translate {one.value} ({one.column})"
            raise SetProblem(self.batch.sets[0].set_id, "ERR-D17", "stopped", text)

    def _compare(self, map_name: str, manifests: list[Manifest], received: list[Measured]) -> None:
        arrived = {one.set_id: one for one in received}
        for wanted in manifests:
            found = arrived.get(wanted.set_id)
            text = ""
            if found is None or found.row_count != wanted.row_count:
                count = found.row_count if found else 0
                text = f"{map_name}: {count} rows arrived, the manifest says {wanted.row_count}"
            elif found.content_hash != wanted.content_hash or found.totals != wanted.totals:
                text = f"{map_name}: {found.totals} arrived, the manifest says {wanted.totals}"
            if text:
                problem = SetProblem(wanted.set_id, "ERR-D19", "stopped", text)
                self.problems.setdefault(wanted.set_id, problem)

    def _look_up(self, active: ActiveMap) -> None:
        compiled = active.compiled
        if compiled.missing is None:
            return
        for one in self.target.all(compiled.missing):
            column = compiled.map.part(one.column)
            if column.lookup.rpartition(".")[0] in self.not_written:
                continue  # the batch itself may bring it
            text = not_known(compiled.map, one.column, one.value)
            awaited = Awaited(compiled.map.id, one.column, one.value, column.lookup)
            self.awaits.setdefault(one.set_id, []).append((column.missing, text, awaited))
