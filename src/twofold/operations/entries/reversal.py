"""Take actuals back in the book: one reversal for each, and no more item in the backlog.

Cancelling an approval and granting a recall take back all that is left of an approval, and so do
a correction journal and a change of the contract before they make it anew; a lost contract takes
back what nobody was billed for. Only sales that nobody has billed can be taken back; for the
others there is the corrective proforma, and once it has credited all, they can.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from twofold.database.outbox import open_change_set
from twofold.database.statement import Command, SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal
from twofold.operations.entries.states import Chosen, entry_record
from twofold.operations.keys import take_keys

ENTRY_BILLED: Final = "ERR-B20"
ENTRY_IN_PROCESS: Final = "ERR-B50"
ACTUAL_KEY: Final = "operations.actual_key"

Taking = Literal["cancellation", "adjustment", "contract_change"]


@dataclass(frozen=True, slots=True)
class _Locked:
    locked_count: int


@dataclass(frozen=True, slots=True)
class _Billed:
    entry_id: int
    proforma_number: str | None


@dataclass(frozen=True, slots=True)
class _InProcess:
    entry_id: int
    journal_id: int


SQL: Final = SqlFile(__name__)
LOCK_ITEMS: Final = SQL.query("lock_items", gives=_Locked)
FIND_BILLED: Final = SQL.query("find_billed", gives=_Billed)
FIND_IN_PROCESS: Final = SQL.query("find_in_process", gives=_InProcess)
CREATE_REVERSING: Final = SQL.command("create_reversing")
CHOOSE_ACTUALS_OF_ENTRIES: Final = SQL.command("choose_actuals_of_entries")
ANALYZE_REVERSING: Final = SQL.command("analyze_reversing")
REVERSE_ACTUALS: Final = SQL.command("reverse_actuals")
CLOSE_ITEMS: Final = SQL.command("close_items")
DROP_REVERSING: Final = SQL.command("drop_reversing")


@dataclass(frozen=True, slots=True)
class Reversed:
    """The keys of the reversals, and the set that takes them to finance."""

    first_actual_id: int
    last_actual_id: int
    set_id: int


def without_billed(transaction: Transaction, *, company: str, chosen: Chosen) -> Chosen:
    """Refuse the entries with a sale on a draft or on an invoice, or on an open correction journal.

    Before  the entries are locked.
    After   the backlog items of the others are locked too.
    """
    entry_ids = list(chosen.entry_ids)
    transaction.one(LOCK_ITEMS, company=company, entry_ids=entry_ids)
    billed = transaction.all(FIND_BILLED, company=company, entry_ids=entry_ids)
    refusals = [_refusal(company, entry) for entry in billed]
    left = chosen.without(refusals, (entry.entry_id for entry in billed))
    return without_in_process(transaction, company=company, chosen=left)


def without_in_process(transaction: Transaction, *, company: str, chosen: Chosen) -> Chosen:
    """Refuse the locked entries that an open correction journal is about."""
    found = transaction.all(FIND_IN_PROCESS, company=company, entry_ids=list(chosen.entry_ids))
    refusals = [
        refuse(
            ENTRY_IN_PROCESS,
            entry_record(company, one.entry_id),
            field="journal",
            value=str(one.journal_id),
        )
        for one in found
    ]
    return chosen.without(refusals, (one.entry_id for one in found))


def choose_reversals(transaction: Transaction, choose: Command, **given: object) -> int:
    """Gather actuals in ``pg_temp.reversing`` and tell how many there are.

    Before  they are locked, and none is reversed.
    Next    ``write_reversals``.
    """
    transaction.run(CREATE_REVERSING)
    count = transaction.run(choose, **given)
    transaction.run(ANALYZE_REVERSING)
    return count


def choose_actuals_of(transaction: Transaction, *, company: str, entry_ids: list[int]) -> int:
    """Gather all that is left of the approvals of entries, and tell how much."""
    return choose_reversals(
        transaction, CHOOSE_ACTUALS_OF_ENTRIES, company=company, entry_ids=entry_ids
    )


def write_reversals(
    transaction: Transaction, *, company: str, event: Taking, first_key: int, set_id: int
) -> int:
    """Reverse what ``choose_reversals`` gathered and take it out of the backlog; give how much.

    After   the reversals have the keys from ``first_key`` on, and travel with the set.
    """
    written = transaction.run(
        REVERSE_ACTUALS, company=company, event=event, first_key=first_key, set_id=set_id
    )
    transaction.run(CLOSE_ITEMS, company=company)
    transaction.run(DROP_REVERSING)
    return written


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
    count = choose_actuals_of(transaction, company=company, entry_ids=list(entry_ids))
    return cancel_chosen(transaction, company=company, count=count, actor=actor, at=at)


def cancel_chosen(
    transaction: Transaction, *, company: str, count: int, actor: str, at: datetime
) -> Reversed:
    """Cancel the ``count`` actuals that were gathered, in a set of their own."""
    first_key = take_keys(transaction, ACTUAL_KEY, how_many=count)
    change_set = open_change_set(
        transaction,
        company=company,
        kind="cancellation",
        stream=f"cancellation/{first_key}",
        actor=actor,
        at=at,
    )
    written = write_reversals(
        transaction,
        company=company,
        event="cancellation",
        first_key=first_key,
        set_id=change_set.set_id,
    )
    assert written == count, f"{company}: {written} reversals of {count} actuals"
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
