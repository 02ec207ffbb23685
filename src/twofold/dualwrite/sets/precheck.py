"""Ask the receiving book, before the commit, whether it would take the sets of a transaction.

Only distinct values cross: what a million lines refer to is a few hundred projects, roles and
billing types, so the check costs one pass over the rows and one question per lookup.

Before  the transaction has written all rows of its sets and not committed.
After   the sets are sealed, and the other book knows every value they refer to.
Next    the edge commits, then delivers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from twofold.database.change_set import ChangeSet
from twofold.database.connection import Book
from twofold.database.transaction import Reader, Transaction
from twofold.dualwrite.sets.seal import Sealer, sets_carried
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.dualwrite.table_maps.compile import lookup_query, taken_query
from twofold.dualwrite.table_maps.compiled import CompiledMap, Value, not_known
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refusal, Refused

# States of a map in which its sets are made and wait for it.
QUEUEING: Final = frozenset({"paused", "halted"})


def precheck_sets(
    transaction: Transaction, *, sealer: Sealer, target: Book, may_wait: bool = False
) -> None:
    """Refuse what the target would refuse; nothing is written in either book then.

    ``may_wait`` lets sets wait for maps that are paused or halted, as they do when nobody asks.

    Raises  Refused, all reasons at once: ERR-D01 a map is not running, ERR-D05 (or the code the
            map names) a value the target does not know, ERR-D17 a code no value map lists,
            ERR-D04 a number taken, ERR-D09 the target cannot be reached.
    """
    sealer(transaction)
    try:
        with target.reader() as there:
            refusals = [
                refusal
                for company in sorted({one.company for one in transaction.sets})
                for refusal in _refusals(
                    _Asked(
                        company,
                        tuple(one for one in transaction.sets if one.company == company),
                        transaction,
                        there,
                        may_wait,
                    ),
                    sealer,
                )
            ]
    except Fault as fault:
        if not fault.transient:
            raise
        raise Refused(refuse("ERR-D09", target.name, reason=str(fault))) from fault
    if refusals:
        raise Refused(*refusals)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The sets of one company, where their rows are, and whom to ask about them."""

    company: str
    sets: tuple[ChangeSet, ...]
    here: Transaction
    there: Reader
    may_wait: bool

    @property
    def record(self) -> str:
        streams = [one.stream for one in self.sets]
        more = f" and {len(streams) - 1} more" if len(streams) > 1 else ""
        return f"{self.company} {streams[0]}{more}"


def _refusals(asked: _Asked, sealer: Sealer) -> Iterator[Refusal]:
    for active in sealer.current_maps(asked.here, company=asked.company):
        carried = sets_carried(active, sealer.book, asked.sets)
        if not carried:
            continue
        waits = asked.may_wait and active.state in QUEUEING
        if active.state != "running" and not waits:
            table_map = active.compiled.map
            reason = f"the map «{table_map.name}» is {active.state}"
            yield refuse("ERR-D01", asked.record, field="map", value=table_map.id, reason=reason)
        yield from _values(asked, active, carried)


def _values(asked: _Asked, active: ActiveMap, carried: list[int]) -> Iterator[Refusal]:
    compiled = active.compiled
    given = {"company": asked.company, "set_ids": carried}
    if compiled.unknown is not None:
        for one in asked.here.all(compiled.unknown, **given):
            reason = f"the map «{compiled.map.name}» does not translate this code"
            yield refuse("ERR-D17", asked.record, field=one.column, value=one.value, reason=reason)
    if compiled.distinct is not None:
        by_column: dict[str, list[Value]] = {}
        for one in asked.here.all(compiled.distinct, **given):
            by_column.setdefault(one.column, []).append(one)
        for column, values in by_column.items():
            yield from _not_found(asked, compiled, column, values)
            yield from _taken(asked, compiled, column, values)


def _not_found(
    asked: _Asked, compiled: CompiledMap, column: str, values: list[Value]
) -> Iterator[Refusal]:
    mapped = compiled.map.part(column)
    if mapped.lookup:
        given = [one.value for one in values]
        query = lookup_query(compiled, column)
        for one in asked.there.all(query, company=asked.company, values=given):
            reason = not_known(compiled.map, column, one.value)
            yield refuse(mapped.missing, asked.record, field=column, value=one.value, reason=reason)


def _taken(
    asked: _Asked, compiled: CompiledMap, column: str, values: list[Value]
) -> Iterator[Refusal]:
    target = compiled.map.target
    if column in target.free:
        taken = asked.there.all(
            taken_query(compiled, column),
            company=asked.company,
            values=[one.value for one in values],
            keys=[one.key for one in values],
        )
        for one in taken:
            yield refuse(target.taken_code, asked.record, field=column, value=one.value)
