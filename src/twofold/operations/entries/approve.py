"""Approve submitted entries: their journal lines become actuals, their sales wait to be billed.

Before  the entries are submitted.
After   each has its block of actuals: the cost, then what is billed, then what is not, both split
        over the customers of the contract line; sales are in the backlog; no approval is left.
        One change set covers the whole block.
Next    backlog; cancel_approval.py and request_recall.py undo it.

One entry or a million take the same statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.backlog.limits import evaluate_new_items
from twofold.operations.entries.states import choose_submitted
from twofold.operations.keys import take_keys

PROJECT_UNKNOWN: Final = "ERR-E16"
ACTUAL_KEY: Final = "operations.actual_key"

# What is billed and what is not, for each customer; one cost besides.
SALES_PER_CUSTOMER_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class _Project:
    project_id: int


@dataclass(frozen=True, slots=True)
class _Selection:
    company: str
    entry_ids: list[int] | None
    project_id: int | None
    up_to: date | None


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry_count: int
    customer_count: int


@dataclass(frozen=True, slots=True)
class _Approved:
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
CREATE_SPLIT: Final = SQL.command("create_split")
FIND_SPLIT: Final = SQL.command("find_split")
ANALYZE_SPLIT: Final = SQL.command("analyze_split")
DROP_SPLIT: Final = SQL.command("drop_split")
COUNT_WAITING: Final = SQL.query("count_waiting", gives=_Waiting)
APPROVE_ENTRIES: Final = SQL.query("approve_entries", gives=_Approved)
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
    chosen = _Selection(company, None, _project_id(transaction, company, project_number), up_to)
    refusals: tuple[Refusal, ...] = ()
    if entry_ids is not None:
        submitted = choose_submitted(transaction, company=company, entry_ids=entry_ids)
        chosen = replace(chosen, entry_ids=list(submitted.entry_ids))
        refusals = submitted.refusals
    transaction.run(CREATE_SPLIT)
    transaction.run(FIND_SPLIT, company=company)
    transaction.run(ANALYZE_SPLIT)
    result = _approve(transaction, chosen, refusals, by=(actor, at))
    transaction.run(DROP_SPLIT)
    return result


def _approve(
    transaction: Transaction,
    chosen: _Selection,
    refusals: tuple[Refusal, ...],
    *,
    by: tuple[str, datetime],
) -> ApprovalResult:
    """Approve what is chosen and waits, with who pays which share in ``pg_temp.split``."""
    company, selection = chosen.company, asdict(chosen)
    waiting = transaction.one(COUNT_WAITING, **selection)
    if not waiting.entry_count:
        return ApprovalResult(company, 0, (), None, None, None, refusals)
    keys_max = (1 + SALES_PER_CUSTOMER_MAX * waiting.customer_count) * waiting.entry_count
    first_key = take_keys(transaction, ACTUAL_KEY, how_many=keys_max)
    approved = transaction.one(
        APPROVE_ENTRIES, entry_count=waiting.entry_count, first_key=first_key, **selection
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
        by=by,
    )


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
    written = transaction.run(
        WRITE_ACTUALS,
        company=company,
        first_key=first_key,
        last_key=last_key,
        set_id=change_set.set_id,
    )
    assert written == last_key - first_key + 1, f"{company}: {written} actuals from {first_key}"
    refresh_statistics(transaction, "operations.actual", rows_added=written)
    change_set.covers(first_key, last_key)
    opened = transaction.run(OPEN_ITEMS, company=company, first_key=first_key, last_key=last_key)
    refresh_statistics(transaction, "operations.backlog_item", rows_added=opened)
    evaluate_new_items(transaction, company=company, first_key=first_key, last_key=last_key)
    transaction.run(CLOSE_APPROVALS, company=company, first_key=first_key, last_key=last_key)
    totals = transaction.all(TOTAL_ACTUALS, company=company, first_key=first_key, last_key=last_key)
    return ApprovalResult(
        company=company,
        entry_count=entry_count,
        totals=tuple(totals),
        first_actual_id=first_key,
        last_actual_id=last_key,
        set_id=change_set.set_id,
        refusals=refusals,
    )
