"""Take an approval back in the book: one reversal for each actual of the entries.

Two processes do: ``cancel_approval`` puts the entry back among those that wait, and
``approve_recall`` gives it back to who recorded it. Only sales that nobody has billed can be
taken back; for the others there is the corrective proforma.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal
from twofold.operations.entries.states import Chosen, entry_record
from twofold.operations.keys import take_keys

ENTRY_BILLED: Final = "ERR-B20"
ACTUAL_KEY: Final = "operations.actual_key"


@dataclass(frozen=True, slots=True)
class _Locked:
    locked_count: int


@dataclass(frozen=True, slots=True)
class _Billed:
    entry_id: int
    proforma_number: str | None


@dataclass(frozen=True, slots=True)
class _Count:
    actual_count: int


SQL: Final = SqlFile(__name__)
LOCK_ITEMS: Final = SQL.query("lock_items", gives=_Locked)
FIND_BILLED: Final = SQL.query("find_billed", gives=_Billed)
COUNT_ACTUALS: Final = SQL.query("count_actuals", gives=_Count)
REVERSE_ACTUALS: Final = SQL.command("reverse_actuals")
CLOSE_ITEMS: Final = SQL.command("close_items")


@dataclass(frozen=True, slots=True)
class Reversed:
    """The keys of the reversals, and the set that takes them to finance."""

    first_actual_id: int
    last_actual_id: int
    set_id: int


def without_billed(transaction: Transaction, *, company: str, chosen: Chosen) -> Chosen:
    """Refuse the entries with a sale on a draft or on an invoice.

    Before  the entries are locked.
    After   the backlog items of the others are locked too.
    """
    entry_ids = list(chosen.entry_ids)
    transaction.one(LOCK_ITEMS, company=company, entry_ids=entry_ids)
    billed = transaction.all(FIND_BILLED, company=company, entry_ids=entry_ids)
    refusals = [_refusal(company, entry) for entry in billed]
    return chosen.without(refusals, (entry.entry_id for entry in billed))


def reverse_approvals(
    transaction: Transaction,
    *,
    company: str,
    entry_ids: tuple[int, ...],
    actor: str,
    at: datetime,
) -> Reversed:
    """Reverse every actual of the entries and take their sales out of the backlog.

    Before  the entries are approved and locked, there is one at least, and nothing is billed.
    """
    ids = list(entry_ids)
    count = transaction.one(COUNT_ACTUALS, company=company, entry_ids=ids).actual_count
    first_key = take_keys(transaction, ACTUAL_KEY, how_many=count)
    change_set = open_change_set(
        transaction,
        company=company,
        kind="cancellation",
        stream=f"cancellation/{first_key}",
        actor=actor,
        at=at,
    )
    written = transaction.run(
        REVERSE_ACTUALS,
        company=company,
        entry_ids=ids,
        first_key=first_key,
        set_id=change_set.set_id,
    )
    assert written == count, f"{company}: {written} reversals of {count} actuals"
    transaction.run(CLOSE_ITEMS, company=company, entry_ids=ids)
    last_key = first_key + count - 1
    change_set.covers(first_key, last_key)
    return Reversed(first_key, last_key, change_set.set_id)


def _refusal(company: str, entry: _Billed) -> Refusal:
    number = entry.proforma_number
    return refuse(
        ENTRY_BILLED,
        entry_record(company, entry.entry_id),
        field="proforma" if number else "",
        value=number or "",
    )
