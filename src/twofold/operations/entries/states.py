"""From one state to the next: lock the entries asked for, refuse those that are elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from twofold.database.deeds import Act, only_one, record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

WRONG_STATE: Final = "ERR-E27"
ENTRY_UNKNOWN: Final = "ERR-E28"

State = Literal["draft", "submitted", "approved", "returned", "rejected", "recall_requested"]


@dataclass(frozen=True, slots=True)
class _Locked:
    locked_count: int


@dataclass(frozen=True, slots=True)
class _Other:
    entry_id: int
    state: str | None


SQL: Final = SqlFile(__name__)
LOCK_APPROVALS: Final = SQL.query("lock_approvals", gives=_Locked)
LOCK_ENTRIES: Final = SQL.query("lock_entries", gives=_Locked)
FIND_OTHERS: Final = SQL.query("find_others", gives=_Other)
MOVE_ENTRIES: Final = SQL.command("move_entries")
RESUBMIT_ENTRIES: Final = SQL.command("resubmit_entries")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The entries a request may go on with, in key order, and a refusal for each other one."""

    entry_ids: tuple[int, ...]
    refusals: tuple[Refusal, ...]

    def without(self, refusals: Iterable[Refusal], entry_ids: Iterable[int]) -> Chosen:
        """Take out entries that something else speaks against."""
        out = set(entry_ids)
        left = tuple(entry_id for entry_id in self.entry_ids if entry_id not in out)
        return Chosen(left, (*self.refusals, *refusals))


def choose_submitted(transaction: Transaction, *, company: str, entry_ids: Iterable[int]) -> Chosen:
    """Lock the approvals of submitted entries."""
    asked = sorted(set(entry_ids))
    transaction.one(LOCK_APPROVALS, company=company, entry_ids=asked)
    return _chosen(transaction, company, asked, ("submitted",))


def choose_entries(
    transaction: Transaction, *, company: str, entry_ids: Iterable[int], states: tuple[State, ...]
) -> Chosen:
    """Lock entries that are in one of these states, and have no approval."""
    asked = sorted(set(entry_ids))
    transaction.one(LOCK_ENTRIES, company=company, entry_ids=asked)
    return _chosen(transaction, company, asked, states)


def move_entries(
    transaction: Transaction,
    *,
    company: str,
    entry_ids: tuple[int, ...],
    states: tuple[State, State],
    act: Act,
    by: tuple[str, datetime],
) -> None:
    """Set the state of entries, of time and of the others, and keep who did it."""
    if not entry_ids:
        return
    time_state, other_state = states
    transaction.run(
        MOVE_ENTRIES,
        company=company,
        entry_ids=list(entry_ids),
        time_state=time_state,
        other_state=other_state,
    )
    record_deed(
        transaction,
        company=company,
        act=act,
        by=by,
        number=only_one(entry_ids),
        detail=those(entry_ids),
    )


def entry_record(company: str, entry_id: int) -> str:
    """Name an entry in messages."""
    return f"entry {company}/{entry_id}"


def _chosen(
    transaction: Transaction, company: str, asked: list[int], states: tuple[State, ...]
) -> Chosen:
    others = transaction.all(
        FIND_OTHERS, company=company, entry_ids=asked, states=list[str](states)
    )
    refusals = [_refusal(company, other, states) for other in others]
    out = {other.entry_id for other in others}
    return Chosen(tuple(entry_id for entry_id in asked if entry_id not in out), tuple(refusals))


def _refusal(company: str, other: _Other, states: tuple[State, ...]) -> Refusal:
    record = entry_record(company, other.entry_id)
    if other.state is None:
        return refuse(ENTRY_UNKNOWN, record, field="entry", value=str(other.entry_id))
    wanted = " or ".join(states).replace("_", " ")
    return refuse(
        WRONG_STATE,
        record,
        field="state",
        value=other.state,
        reason=f"the entry is {other.state.replace('_', ' ')}, not {wanted}",
    )
