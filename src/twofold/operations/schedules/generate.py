"""Generate invoice schedules: the days on which contract lines are to be invoiced.

A time and material line is invoiced on the days its frequency gives, from its billing start date to
the contract's requested delivery date; each run takes what is dated up to the day before. A fixed
price line is invoiced on the dates of its milestones; one that has none gets a milestone for each
of those days, equal parts of what was contracted, of which the last takes the remainder.

Before  lines name a frequency and when billing starts, contracts when they end.
After   every open line has a row for each of its days and no other that has not run; rows that have
        run are as they were. Milestones that were made are one change set of kind ``setup``.
Next    run.py, on those days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.keys import take_keys


@dataclass(frozen=True, slots=True)
class Generated:
    """Milestones made, rows of schedules added and removed, and lines that could not be planned."""

    milestone_count: int
    added_count: int
    removed_count: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Contract:
    contract_id: int


@dataclass(frozen=True, slots=True)
class _Unplanned:
    contract_number: str
    line_number: int
    code: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class _Count:
    row_count: int


@dataclass(frozen=True, slots=True)
class _Written:
    added_count: int
    removed_count: int


SQL: Final = SqlFile(__name__)
LOCK_CONTRACTS: Final = SQL.query("lock_contracts", gives=_Contract)
UNPLANNED: Final = SQL.query("unplanned", gives=_Unplanned)
COUNT_MILESTONES: Final = SQL.query("count_milestones", gives=_Count)
MAKE_MILESTONES: Final = SQL.command("make_milestones")
WRITE_ROWS: Final = SQL.query("write_rows", gives=_Written)


def generate_schedules(
    transaction: Transaction,
    *,
    company: str,
    contract_ids: tuple[int, ...] | None,
    actor: str,
    at: datetime,
) -> Generated:
    """Plan the lines of these contracts; None means all with a frequency that are not closed.

    Raises  Refused, where contracts were named: ERR-B22 one is unknown or closed, ERR-B40 a line
            lacks what a schedule needs, ERR-B41 a fixed price cannot be divided, ERR-A09 its line
            has no project. Otherwise such lines come back as refusals, and the others are planned.
    """
    named = None if contract_ids is None else sorted(set(contract_ids))
    locked = transaction.all(LOCK_CONTRACTS, company=company, contract_ids=named)
    asked: dict[str, object] = {
        "company": company,
        "contract_ids": [one.contract_id for one in locked],
    }
    refusals = [
        refuse(
            one.code,
            f"contract/{one.contract_number}/line/{one.line_number}",
            field=one.field,
            value=one.value,
        )
        for one in transaction.all(UNPLANNED, is_named=named is not None, **asked)
    ]
    if named is not None:
        unknown = set(named) - {one.contract_id for one in locked}
        refusals += [refuse("ERR-B22", f"contract/{key}") for key in sorted(unknown)]
        if refusals:
            raise Refused(*refusals)
    milestone_count = _make_milestones(transaction, asked, actor, at)
    written = transaction.one(WRITE_ROWS, **asked)
    refresh_statistics(
        transaction, "operations.contract_line_schedule", rows_added=written.added_count
    )
    if milestone_count or written.added_count or written.removed_count:
        _record(transaction, company, named, written, (actor, at))
    return Generated(milestone_count, written.added_count, written.removed_count, tuple(refusals))


def _record(
    transaction: Transaction,
    company: str,
    named: list[int] | None,
    written: _Written,
    by: tuple[str, datetime],
) -> None:
    """Keep who planned how many days, and of which contracts."""
    record_deed(
        transaction,
        company=company,
        act="schedules_generated",
        by=by,
        detail={
            "count": written.added_count + written.removed_count,
            "selection": {"contract_ids": named or "all"},
        },
    )


def _make_milestones(
    transaction: Transaction, asked: dict[str, object], actor: str, at: datetime
) -> int:
    """Divide fixed prices that have no milestones; these travel like those of a setup."""
    row_count = transaction.one(COUNT_MILESTONES, **asked).row_count
    if row_count:
        change_set = open_change_set(
            transaction,
            company=str(asked["company"]),
            kind="setup",
            stream="milestone",
            actor=actor,
            at=at,
        )
        first = take_keys(transaction, "operations.milestone_key", how_many=row_count)
        made = transaction.run(
            MAKE_MILESTONES, first_milestone_id=first, set_id=change_set.set_id, **asked
        )
        assert made == row_count, "every day of a fixed price has its milestone"
    return row_count
