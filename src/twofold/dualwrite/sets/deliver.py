"""Deliver change sets: whole, in order per business key, effectively once.

One batch of sets of one company and kind is leased in the source, streamed to the target by
binary COPY, compared there with its manifest, checked against what the target knows, and
applied, all in one transaction of the target that begins with the inbox rows. After its commit
the sets are acknowledged in the source. A crash at any point leaves either nothing or the whole
set in the target; delivering again meets the inbox row and only acknowledges.

Before  the sets are sealed and committed in the source.
After   each set of the batch is applied and acknowledged, or still pending with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from twofold.database.connection import Book
from twofold.database.copy import ship
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import ConstraintBroken, Reader, Transaction
from twofold.dualwrite.table_maps.activate import ActiveMap, map_version
from twofold.dualwrite.table_maps.compiled import Measured, not_known
from twofold.kernel.errors import Fault

LEASE_SECONDS: Final = 60
BATCH_SETS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Leased:
    """A set this engine may deliver until its lease runs out; ``token`` tells leases apart."""

    company: str
    set_id: int
    token: int


@dataclass(frozen=True, slots=True)
class _Set:
    set_id: int
    kind: str
    stream: str
    version: int
    key_first: int | None
    key_last: int | None
    actor: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _Manifest:
    set_id: int
    map: str
    map_hash: str
    row_count: int
    excluded_count: int
    content_hash: str
    totals: str


@dataclass(frozen=True, slots=True)
class _Received:
    set_id: int
    content_hash: str
    is_new: bool


SQL: Final = SqlFile(__name__)
LEASE: Final = SQL.query("lease", gives=Leased)
READ_SETS: Final = SQL.query("read_sets", gives=_Set)
READ_MANIFESTS: Final = SQL.query("read_manifests", gives=_Manifest)
RECEIVE: Final = SQL.query("receive", gives=_Received)
ACKNOWLEDGE: Final = SQL.command("acknowledge")
PUT_BACK: Final = SQL.command("put_back")
WAKE_PARKED: Final = SQL.command("wake_parked")


class SetProblem(Exception):
    """One set cannot be applied now. ``state`` is what it becomes: waiting, parked or stopped."""

    def __init__(self, set_id: int, code: str, state: str, text: str) -> None:
        self.set_id = set_id
        self.code = code
        self.state = state
        super().__init__(text)


class Failpoint(Protocol):
    """A named place where tests interrupt the engine; does nothing otherwise."""

    def __call__(self, name: str) -> None:
        """Pass the place called ``name``."""
        ...


def _no_failpoint(name: str) -> None:
    """Go on."""


@dataclass(slots=True)
class Delivery:
    """What one run of delivery did."""

    applied: int = 0
    already_applied: int = 0
    rows: int = 0
    problems: list[SetProblem] = field(default_factory=list)

    def forget(self, set_ids: Sequence[int]) -> None:
        """Drop what was said about sets that were tried again."""
        self.problems = [one for one in self.problems if one.set_id not in set_ids]


@dataclass(frozen=True, slots=True)
class Route:
    """From one book to the other, both as the dual-write role, with the active maps."""

    source: Book
    target: Book
    maps: tuple[ActiveMap, ...]
    now: Callable[[], datetime]
    failpoint: Failpoint = _no_failpoint


def deliver_sets(
    route: Route, *, company: str | None = None, set_ids: Sequence[int] | None = None
) -> Delivery:
    """Deliver what is pending and due (of one company, or just these sets) until nothing is left.

    One bad set never holds up the others: a batch that fails is delivered set by set, and the
    set at fault is put back with its code and text (parked, stopped, or to be tried again).

    Raises  Fault, transient, when a book cannot be reached; the leases then run out.
    """
    delivery = Delivery()
    while True:
        with route.source.transaction() as transaction:
            leased = transaction.all(
                LEASE,
                company=company,
                set_ids=None if set_ids is None else list(set_ids),
                batch_max=BATCH_SETS_MAX,
                lease_seconds=LEASE_SECONDS,
                now=route.now(),
            )
        route.failpoint("CP04")
        if not leased:
            return delivery
        _deliver_batch(route, leased, delivery)


def _deliver_batch(route: Route, leased: list[Leased], delivery: Delivery) -> None:
    try:
        _apply_and_acknowledge(route, leased, delivery)
    except SetProblem as problem:
        if len(leased) == 1:
            _put_back(route, leased[0], problem)
            delivery.forget([problem.set_id])
            delivery.problems.append(problem)
            return
        for one in leased:
            _deliver_batch(route, [one], delivery)


def _apply_and_acknowledge(route: Route, leased: list[Leased], delivery: Delivery) -> None:
    company, set_ids = leased[0].company, [one.set_id for one in leased]
    batch = _Batch(company, set_ids)
    with route.source.reader() as source:
        batch.read(source)
        try:
            with route.target.transaction() as target:
                applied = _apply(route, batch, source, target)
                route.failpoint("CP11")
        except ConstraintBroken as broken:
            raise SetProblem(set_ids[0], "ERR-D18", "stopped", str(broken)) from broken
        except Fault as fault:
            if fault.transient:
                raise
            # What follows the first line may quote whole rows.
            said = str(fault).partition("\n")[0]
            raise SetProblem(set_ids[0], "ERR-D18", "stopped", said) from fault
    route.failpoint("CP13")
    with route.source.transaction() as transaction:
        transaction.run(ACKNOWLEDGE, company=company, set_ids=set_ids, now=route.now())
        if applied:
            transaction.run(WAKE_PARKED, company=company)
    delivery.forget(set_ids)
    delivery.applied += len(applied)
    delivery.already_applied += len(set_ids) - len(applied)
    delivery.rows += sum(one.row_count for one in batch.manifests if one.set_id in applied)


class _Batch:
    """Sets of one company on their way, with their manifests as sealed."""

    def __init__(self, company: str, set_ids: list[int]) -> None:
        self.company: Final = company
        self.set_ids: Final = set_ids
        self.sets: list[_Set] = []
        self.manifests: list[_Manifest] = []

    def read(self, source: Reader) -> None:
        """Read the sets and their manifests, as of the source's snapshot."""
        given = {"company": self.company, "set_ids": self.set_ids}
        self.sets = source.all(READ_SETS, **given)
        self.manifests = source.all(READ_MANIFESTS, **given)

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


def _apply(route: Route, batch: _Batch, source: Reader, target: Transaction) -> set[int]:
    """Apply the sets the target does not have yet; give their ids."""
    hashes = {one.set_id: batch.content_hash(one.set_id) for one in batch.sets}
    received = _receive(route, batch, hashes, target)
    route.failpoint("CP07")
    for one in received:
        if one.content_hash != hashes[one.set_id]:
            text = f"the inbox holds {one.content_hash}, the outbox {hashes[one.set_id]}"
            raise SetProblem(one.set_id, "ERR-D08", "stopped", text)
    new = {one.set_id for one in received if one.is_new}
    for active in _maps_of(route, batch, source):
        manifests = [
            one
            for one in batch.manifests
            if one.map == active.compiled.map.id
            and one.map_hash == active.content_hash
            and one.set_id in new
            and one.row_count > 0
        ]
        if manifests and active.state != "running":
            text = f"the map «{active.compiled.map.name}» is {active.state}"
            raise SetProblem(manifests[0].set_id, "ERR-D01", "waiting", text)
        if manifests:
            _apply_map(route, batch.company, active, manifests, source, target)
    return new


def _receive(
    route: Route, batch: _Batch, hashes: dict[int, str], target: Transaction
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
        "now": route.now(),
    }
    received = target.all(RECEIVE, **given)
    if len(received) < len(batch.sets):
        # Another engine committed a set while this one waited for its inbox row: a second look
        # sees it. What the first look added stays new, though the second finds it there too.
        known = {one.set_id for one in received}
        received += [one for one in target.all(RECEIVE, **given) if one.set_id not in known]
    return received


def _maps_of(route: Route, batch: _Batch, source: Reader) -> list[ActiveMap]:
    """Give the map versions the sets were sealed with, in the order maps are applied."""
    wanted = {(one.map, one.map_hash) for one in batch.manifests}
    active = [one for one in route.maps if (one.compiled.map.id, one.content_hash) in wanted]
    older = wanted - {(one.compiled.map.id, one.content_hash) for one in active}
    loaded = [map_version(source, map_id=name, content_hash=digest) for name, digest in older]
    order = {one.compiled.map.id: place for place, one in enumerate(route.maps)}
    return sorted((*active, *loaded), key=lambda one: order.get(one.compiled.map.id, len(order)))


def _apply_map(
    route: Route,
    company: str,
    active: ActiveMap,
    manifests: list[_Manifest],
    source: Reader,
    target: Transaction,
) -> None:
    compiled = active.compiled
    target.run(compiled.stage)
    set_ids = [one.set_id for one in manifests]
    given = {"company": company, "set_ids": set_ids}
    if compiled.unknown is not None:
        for value in source.all(compiled.unknown, **given):
            text = f"{compiled.map.name} does not translate {value.value} ({value.column})"
            raise SetProblem(set_ids[0], "ERR-D17", "stopped", text)
    ship(source, compiled.shipped, given, target, f"pg_temp.{compiled.stage_name}")
    route.failpoint("CP09")
    _compare(compiled.map.name, manifests, target.all(compiled.received))
    if compiled.missing is not None:
        for one in target.all(compiled.missing):
            column = compiled.map.columns[one.column]
            text = not_known(compiled.map, one.column, one.value)
            raise SetProblem(one.set_id, column.missing, "parked", text)
    applied = target.run(compiled.apply)
    refresh_statistics(target, compiled.map.target.table, rows_added=applied)
    route.failpoint("CP10")


def _compare(map_name: str, manifests: list[_Manifest], received: list[Measured]) -> None:
    arrived = {one.set_id: one for one in received}
    for wanted in manifests:
        found = arrived.get(wanted.set_id)
        if found is None or found.row_count != wanted.row_count:
            count = found.row_count if found else 0
            text = f"{map_name}: {count} rows arrived, the manifest says {wanted.row_count}"
            raise SetProblem(wanted.set_id, "ERR-D19", "stopped", text)
        if found.content_hash != wanted.content_hash or found.totals != wanted.totals:
            text = f"{map_name}: {found.totals} arrived, the manifest says {wanted.totals}"
            raise SetProblem(wanted.set_id, "ERR-D19", "stopped", text)


def _put_back(route: Route, leased: Leased, problem: SetProblem) -> None:
    with route.source.transaction() as transaction:
        transaction.run(
            PUT_BACK,
            company=leased.company,
            set_id=leased.set_id,
            token=leased.token,
            state=problem.state,
            code=problem.code,
            problem=str(problem),
            next_attempt_at=route.now() + timedelta(seconds=LEASE_SECONDS),
        )
