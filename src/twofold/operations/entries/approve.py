"""Approve submitted entries: their journal lines become actuals, their sales wait to be billed.

Before  the entries are submitted.
After   each has its block of actuals: the cost, then what is billed, then what is not; sales
        are in the backlog; no approval is left. One change set covers the whole block.
Next    backlog; cancel_approval.py and request_recall.py undo it.

One entry or a million take the same six statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.states import choose_submitted
from twofold.operations.keys import take_keys

PROJECT_UNKNOWN: Final = "ERR-E16"
ACTUAL_KEY: Final = "operations.actual_key"

# A cost, a chargeable and a non-chargeable sale.
ACTUALS_PER_ENTRY_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class _Project:
    project_id: int


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry_count: int


@dataclass(frozen=True, slots=True)
class Numbered:
    """How many entries were approved, and the last key their actuals will have."""

    entry_count: int
    last_key: int | None


@dataclass(frozen=True, slots=True)
class ActualTotal:
    """What the approval made, per transaction type, billing type and currency."""

    transaction_type: str
    billing_type: str
    currency: str
    actual_count: int
    quantity: Decimal
    amount: Decimal


SQL: Final = SqlFile(__name__)
FIND_PROJECT: Final = SQL.query("find_project", gives=_Project)
COUNT_WAITING: Final = SQL.query("count_waiting", gives=_Waiting)
APPROVE_ENTRIES: Final = SQL.query("approve_entries", gives=Numbered)
WRITE_ACTUALS: Final = SQL.command("write_actuals")
OPEN_ITEMS: Final = SQL.command("open_items")
CLOSE_APPROVALS: Final = SQL.command("close_approvals")
TOTAL_ACTUALS: Final = SQL.query("total_actuals", gives=ActualTotal)


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """How many entries were approved, what that made, and which entries were refused.

    The keys and the set are None where nothing waited.
    """

    company: str
    entry_count: int
    totals: tuple[ActualTotal, ...]
    first_actual_id: int | None
    last_actual_id: int | None
    set_id: int | None
    refusals: tuple[Refusal, ...]


def approve_entries(
    transaction: Transaction,
    *,
    company: str,
    actor: str,
    at: datetime,
    entry_ids: Iterable[int] | None = None,
    project_number: str | None = None,
    up_to: date | None = None,
) -> ApprovalResult:
    """Approve what waits in a company, narrowed to entries, a project, or days up to ``up_to``."""
    refusals: tuple[Refusal, ...] = ()
    chosen_ids: list[int] | None = None
    if entry_ids is not None:
        chosen = choose_submitted(transaction, company=company, entry_ids=entry_ids)
        chosen_ids, refusals = list(chosen.entry_ids), chosen.refusals
    project_id = _project_id(transaction, company, project_number)
    waiting = count_waiting(
        transaction, company=company, entry_ids=chosen_ids, project_id=project_id, up_to=up_to
    )
    if not waiting:
        return ApprovalResult(company, 0, (), None, None, None, refusals)
    first_key = take_keys(transaction, ACTUAL_KEY, how_many=key_count_max(waiting))
    approved = transaction.one(
        APPROVE_ENTRIES,
        company=company,
        entry_ids=chosen_ids,
        project_id=project_id,
        up_to=up_to,
        entry_count=waiting,
        first_key=first_key,
    )
    if approved.last_key is None:
        # Others decided on all of them between the count and the lock.
        return ApprovalResult(company, 0, (), None, None, None, refusals)
    return _write(
        transaction,
        company=company,
        entry_count=approved.entry_count,
        block=(first_key, approved.last_key),
        refusals=refusals,
        by=(actor, at),
    )


def count_waiting(
    transaction: Transaction,
    *,
    company: str,
    entry_ids: list[int] | None,
    project_id: int | None = None,
    up_to: date | None = None,
) -> int:
    """Count the entries that wait for a decision, of those named."""
    return transaction.one(
        COUNT_WAITING, company=company, entry_ids=entry_ids, project_id=project_id, up_to=up_to
    ).entry_count


def key_count_max(entry_count: int) -> int:
    """Tell how many keys the actuals of this many entries need at most."""
    return ACTUALS_PER_ENTRY_MAX * entry_count


def approve_anew(
    transaction: Transaction, *, company: str, entry_ids: list[int], first_key: int
) -> Numbered:
    """Approve entries that were submitted anew in this transaction, and number their actuals."""
    return transaction.one(
        APPROVE_ENTRIES,
        company=company,
        entry_ids=entry_ids,
        project_id=None,
        up_to=None,
        entry_count=len(entry_ids),
        first_key=first_key,
    )


def write_approved(
    transaction: Transaction,
    *,
    company: str,
    block: tuple[int, int],
    event: Literal["approval", "adjustment", "contract_change"],
    set_id: int,
) -> None:
    """Write the actuals of entries that were just numbered, and open their sales for billing."""
    first_key, last_key = block
    written = transaction.run(
        WRITE_ACTUALS,
        company=company,
        first_key=first_key,
        last_key=last_key,
        event=event,
        set_id=set_id,
    )
    assert written == last_key - first_key + 1, f"{company}: {written} actuals from {first_key}"
    refresh_statistics(transaction, "operations.actual", rows_added=written)
    opened = transaction.run(OPEN_ITEMS, company=company, first_key=first_key, last_key=last_key)
    refresh_statistics(transaction, "operations.backlog_item", rows_added=opened)
    transaction.run(CLOSE_APPROVALS, company=company, first_key=first_key, last_key=last_key)


def total_actuals(
    transaction: Transaction, *, company: str, block: tuple[int, int]
) -> list[ActualTotal]:
    """Add up a block of actuals, per type, billing type and currency."""
    first_key, last_key = block
    return transaction.all(TOTAL_ACTUALS, company=company, first_key=first_key, last_key=last_key)


def _project_id(transaction: Transaction, company: str, project_number: str | None) -> int | None:
    if project_number is None:
        return None
    project = transaction.first(FIND_PROJECT, company=company, project_number=project_number)
    if project is None:
        record = f"company {company}"
        raise Refused(refuse(PROJECT_UNKNOWN, record, field="project", value=project_number))
    return project.project_id


def _write(
    transaction: Transaction,
    *,
    company: str,
    entry_count: int,
    block: tuple[int, int],
    refusals: tuple[Refusal, ...],
    by: tuple[str, datetime],
) -> ApprovalResult:
    """Write the actuals of entries that were just numbered, and what follows from them."""
    (first_key, last_key), (actor, at) = block, by
    change_set = open_change_set(
        transaction,
        company=company,
        kind="approval",
        stream=f"approval/{first_key}",
        actor=actor,
        at=at,
    )
    write_approved(
        transaction, company=company, block=block, event="approval", set_id=change_set.set_id
    )
    change_set.covers(first_key, last_key)
    totals = total_actuals(transaction, company=company, block=block)
    return ApprovalResult(
        company=company,
        entry_count=entry_count,
        totals=tuple(totals),
        first_actual_id=first_key,
        last_actual_id=last_key,
        set_id=change_set.set_id,
        refusals=refusals,
    )
