"""Repair: make rows that a reconciliation found different what they are in the book they come from.

A repair is planned first: the same statements run and are rolled back, so the plan says what would
be done, row by row. Approved by a person, with a reason, it is done in one transaction of the
receiving book. A row is written only while it is, in both books, as the reconciliation saw it.

Facts are never overwritten: what was posted is corrected, in the book it comes from. No row is ever
deleted. Rows on their way with a set are left to it.

Before  a reconciliation located the rows.
After   missing rows stand in the target, differing state is as the source has it, each with a
        record of who approved it and why; every other row is named with what to do about it.
Next    ``reconcile`` shows that both books are equal.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import ConstraintBroken, Reader, Transaction
from twofold.dualwrite.events import record_event
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.chunk import BadRow, Chunk, is_of_a_row, refused_row, tried
from twofold.dualwrite.standing.compare import Difference, Sides
from twofold.dualwrite.standing.reconcile import Recorded, recorded_differences
from twofold.dualwrite.standing.watermark import NO_KEYS, Standing, stand
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compile_standing import compile_standing
from twofold.dualwrite.table_maps.standing_map import RowKey, RowValues, StandingMap
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refused

A_FACT: Final = "ERR-D75"
CHANGED_SINCE: Final = "ERR-D76"
NOTHING_FOUND: Final = "ERR-D77"
NO_REASON: Final = "ERR-D78"
ONLY_THERE: Final = "ERR-D79"

INSERTED: Final = "inserted"
OVERWRITTEN: Final = "overwritten"
LEFT_ALONE: Final = "left alone"
NOT_NEEDED: Final = "not needed"


@dataclass(frozen=True, slots=True)
class Repairing:
    """What to repair: the differences of a reconciliation, all of them or those of ``row_keys``.

    With a ``reason`` it is approved by ``actor``; without, it is planned only.
    """

    route: Route
    active: ActiveMap
    recorded: Recorded
    actor: str
    reason: str | None = None
    row_keys: Collection[str] | None = None

    @property
    def name(self) -> dict[str, str]:
        """Name the reconciliation to a statement."""
        one = self.recorded
        return {"company": one.company, "map": one.map, "run": one.run}


@dataclass(frozen=True, slots=True)
class RepairedRow:
    """What was done to one row, or would be: or why it is left alone, and what to do then."""

    row_key: str
    action: str
    fields: tuple[Difference, ...]
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair did, or what a plan of one would do."""

    recorded: Recorded
    is_done: bool
    rows: tuple[RepairedRow, ...]

    def count(self, action: str) -> int:
        """Count the rows of an action."""
        return sum(one.action == action for one in self.rows)


@dataclass(frozen=True, slots=True)
class Done:
    """A row that was repaired."""

    row_key: str
    action: str
    reason: str
    repaired_at: datetime
    repaired_by: str


SQL: Final = SqlFile(__name__)
REPAIRED: Final = SQL.query("repaired", gives=Done)
RECORD: Final = SQL.command("record")


def repair(repairing: Repairing) -> Repair:
    """Plan the repair of a reconciliation, or, with a reason, do it.

    Raises  Refused, and nothing is written: ERR-D78 the reason says nothing, ERR-D77 the
            reconciliation located no rows, or none of those named, ERR-D76 the map changed since,
            ERR-D32 the target refuses a row.
    """
    differences = _differences(repairing)
    route = repairing.route
    with route.target.reader() as there, route.source.reader() as here:
        one = compile_standing(repairing.active.compiled)
        standing = stand(route, one, company=repairing.recorded.company, there=there, here=here)
        look = _Look(repairing, standing, here, there)
        rows = look.judged(differences)
        rows = _written(look, rows)
    ordered = tuple(rows[key] for key in sorted(rows))
    return Repair(repairing.recorded, repairing.reason is not None, ordered)


def _differences(repairing: Repairing) -> dict[str, tuple[Difference, ...]]:
    """Give the fields of each row that is to be repaired."""
    one = repairing.recorded
    record = f"{one.company} {one.map} {one.run}"
    if repairing.reason is not None and not repairing.reason.strip():
        raise Refused(refuse(NO_REASON, record, field="reason"))
    with repairing.route.target.reader() as there:
        found = {
            key: tuple(fields)
            for key, fields in groupby(
                recorded_differences(there, one), key=lambda difference: difference.row_key
            )
        }
    wanted = found.keys() if repairing.row_keys is None else set(repairing.row_keys)
    unknown = sorted(wanted - found.keys())
    if unknown:
        reason = "the reconciliation did not find this row different"
        raise Refused(*(refuse(NOTHING_FOUND, record, value=key, reason=reason) for key in unknown))
    if not found:
        reason = "" if one.is_located else "it was not asked to locate them: `--locate`"
        raise Refused(refuse(NOTHING_FOUND, record, reason=reason))
    if one.map_hash != repairing.active.content_hash:
        reason = "another version of the map is active since"
        raise Refused(refuse(CHANGED_SINCE, record, reason=reason))
    return {key: fields for key, fields in found.items() if key in wanted}


@dataclass(frozen=True, slots=True)
class _Look:
    """Both books as of one moment, and what is to be repaired."""

    repairing: Repairing
    standing: Standing
    here: Reader
    there: Reader

    def judged(self, found: dict[str, tuple[Difference, ...]]) -> dict[str, RepairedRow]:
        """Tell for each row what is to be done, were it not for what the target says of it."""
        with self.repairing.route.target.reader() as reader:
            done = {row.row_key: row for row in reader.all(REPAIRED, **self.repairing.name)}
        counted = _Values.of(self, found, left_out=self.standing.left_out)
        everything = _Values.of(self, found, left_out=NO_KEYS.keys)
        rows: dict[str, RepairedRow] = {}
        for key, fields in found.items():
            if counted.has(key) != everything.has(key):
                reason = "it is on its way with a set, or its set was given up"
                rows[key] = RepairedRow(key, LEFT_ALONE, fields, reason=reason)
            else:
                rows[key] = self._judged(key, fields, everything, done.get(key))
        return rows

    def _judged(
        self, key: str, fields: tuple[Difference, ...], values: _Values, done: Done | None
    ) -> RepairedRow:
        source, target = values.here.get(key), values.there.get(key)
        here, there = source and source.content_hash, target and target.content_hash
        first = fields[0]
        action, code, reason = LEFT_ALONE, "", ""
        if here == there:
            action, reason = NOT_NEEDED, "both books are equal by now"
        elif first.kind == "extra":
            code, reason = ONLY_THERE, "it is never deleted"
        elif first.kind == "differs" and self.repairing.active.compiled.map.rows == "facts":
            code, reason = A_FACT, self._correction(fields)
        elif done is not None:
            told = f"repaired at {done.repaired_at:%Y-%m-%d %H:%M} by {done.repaired_by}"
            code, reason = CHANGED_SINCE, f"{told}, and different again"
        elif (here, there) != (first.source_hash, first.target_hash):
            book = self.repairing.route.source if here != first.source_hash else None
            name = (book or self.repairing.route.target).name
            code, reason = CHANGED_SINCE, f"it changed in {name} since it was reconciled"
        elif target is not None and source is not None and self._is_newer(target, source):
            reason = f"{self.repairing.route.target.name} has a newer version of it"
        else:
            action = INSERTED if target is None else OVERWRITTEN
        return RepairedRow(key, action, fields, code, reason)

    def _correction(self, fields: tuple[Difference, ...]) -> str:
        """Say what a correction has to bring about."""
        route = self.repairing.route
        wanted = "; ".join(
            f"{one.field} is {one.target_value} in {route.target.name},"
            f" {one.source_value} in {route.source.name}"
            for one in fields
        )
        return f"to be corrected, not overwritten: {wanted}"

    def _is_newer(self, target: RowValues, source: RowValues) -> bool:
        one = self.standing.map
        versions = [
            place
            for place, name in enumerate(one.fields)
            if one.compiled.map.columns[name].from_set == "version"
        ]
        return any(
            int(target.fields[place] or 0) > int(source.fields[place] or 0) for place in versions
        )


@dataclass(frozen=True, slots=True)
class _Values:
    """Rows of some keys as both books have them."""

    here: dict[str, RowValues]
    there: dict[str, RowValues]

    @classmethod
    def of(cls, look: _Look, keys: Collection[str], *, left_out: str) -> _Values:
        """Read the rows of some keys in both books."""
        one, sides = look.standing.map, Sides(look.standing, look.here, look.there)
        found = sides.both(
            one.source.values,
            one.target.values,
            leads=sorted({_lead(key) for key in keys}),
            row_keys=sorted(keys),
            left_out=left_out,
        )
        here, there = ({row.row_key: row for row in side} for side in found)
        return cls(here, there)

    def has(self, key: str) -> tuple[bool, bool]:
        """Tell in which books there is such a row."""
        return key in self.here, key in self.there


def _lead(row_key: str) -> str:
    (lead, *_) = json.loads(row_key)
    return str(lead)


def _written(look: _Look, rows: dict[str, RepairedRow]) -> dict[str, RepairedRow]:
    """Write the rows that are to be written, and tell what became of them."""
    repairing = look.repairing
    keys = [RowKey(key, _lead(key)) for key, row in rows.items() if _is_written(row)]
    is_kept = repairing.reason is not None
    if not keys:
        return rows
    chunk = Chunk(repairing.active, look.standing, look.here)
    try:
        with tried(repairing.route.target, is_kept=is_kept) as transaction:
            bad = chunk.take_rows(transaction, keys)
            done = _repaired(transaction, chunk, rows)
            result = _told(rows, bad, done)
            if is_kept:
                _record(transaction, repairing, result)
            repairing.route.failpoint("CP27")
    except (ConstraintBroken, Fault) as problem:
        if not is_of_a_row(problem):
            raise
        said = refused_row(keys[0], problem)
        record = f"{repairing.recorded.company} {repairing.recorded.map}"
        raise Refused(refuse(said.code, record, field=said.field, reason=said.reason)) from problem
    return result


def _is_written(row: RepairedRow) -> bool:
    return row.action in {INSERTED, OVERWRITTEN}


def _repaired(transaction: Transaction, chunk: Chunk, rows: dict[str, RepairedRow]) -> set[str]:
    """Write what is staged where the target is as it was seen; give the keys that were written."""
    one: StandingMap = chunk.standing.map
    seen = [
        row.fields[0].target_hash
        for row in rows.values()
        if _is_written(row) and row.fields[0].target_hash is not None
    ]
    given = {"seen": seen} if "seen" in one.repair.parameters else {}
    done = {row.row_key for row in transaction.all(one.repair, **given)}
    # What was not written must not be patched either.
    transaction.run(one.drop, row_keys=[key for key in rows if key not in done])
    chunk.finish(transaction)
    return done


def _told(
    rows: dict[str, RepairedRow], bad: list[BadRow], done: set[str]
) -> dict[str, RepairedRow]:
    kept_back = {row.row_key: row for row in bad}
    told = dict(rows)
    for key, row in rows.items():
        if not _is_written(row) or key in done:
            continue
        if key in kept_back:
            one = kept_back[key]
            told[key] = RepairedRow(key, LEFT_ALONE, row.fields, one.code, one.reason)
        else:
            reason = "it changed while it was repaired"
            told[key] = RepairedRow(key, LEFT_ALONE, row.fields, CHANGED_SINCE, reason)
    return told


def _record(transaction: Transaction, repairing: Repairing, rows: dict[str, RepairedRow]) -> None:
    written = [row for row in rows.values() if _is_written(row)]
    transaction.run(
        RECORD,
        **repairing.name,
        reason=repairing.reason,
        actor=repairing.actor,
        row_keys=[row.row_key for row in written],
        actions=[row.action for row in written],
    )
    record_event(
        transaction, event="rows repaired", actor=repairing.actor,
        company=repairing.recorded.company, map_id=repairing.recorded.map,
        detail=f"reconciliation {repairing.recorded.run}: {len(written)} rows, {repairing.reason}",
    )  # fmt: skip
