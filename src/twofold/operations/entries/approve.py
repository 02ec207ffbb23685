"""Approve submitted entries: their journal lines become actuals, their sales wait to be billed.

Before  the entries are submitted.
After   each has its block of actuals: the cost, then what is billed, then what is not; sales
        are in the backlog; no approval is left. One change set covers the whole block.
Next    backlog; cancel_approval.py and request_recall.py undo it.

One entry or a million take the same statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.deeds import Key, only_one, record_deed, those
from twofold.database.outbox import open_change_set
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.approving import (
    ACTUAL_KEY,
    APPROVE_ENTRIES,
    FIND_PROJECT,
    ActualTotal,
    close_split,
    count_waiting,
    key_count_max,
    open_split,
    total_actuals,
    write_approved,
)
from twofold.operations.entries.states import choose_submitted
from twofold.operations.keys import take_keys

PROJECT_UNKNOWN: Final = "ERR-E16"


@dataclass(frozen=True, slots=True)
class _Selection:
    company: str
    entry_ids: list[int] | None
    project_id: int | None
    up_to: date | None


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
    selection = _Selection(company, chosen_ids, project_id, up_to)
    customer_count = open_split(transaction, company=company)
    result = _approve(transaction, selection, customer_count, refusals, by=(actor, at))
    close_split(transaction)
    return result


def _approve(
    transaction: Transaction,
    chosen: _Selection,
    customer_count: int,
    refusals: tuple[Refusal, ...],
    *,
    by: tuple[str, datetime],
) -> ApprovalResult:
    """Approve what waits of a selection; the shares are noted already."""
    selection = asdict(chosen)
    waiting = count_waiting(transaction, **selection)
    if not waiting:
        return ApprovalResult(chosen.company, 0, (), None, None, None, refusals)
    key_count = key_count_max(waiting, customer_count)
    first_key = take_keys(transaction, ACTUAL_KEY, how_many=key_count)
    approved = transaction.one(
        APPROVE_ENTRIES, entry_count=waiting, first_key=first_key, **selection
    )
    if approved.last_key is None:
        # Others decided on all of them between the count and the lock.
        return ApprovalResult(chosen.company, 0, (), None, None, None, refusals)
    _record(transaction, chosen, approved.entry_count, by)
    return _write(
        transaction,
        company=chosen.company,
        entry_count=approved.entry_count,
        block=(first_key, approved.last_key),
        refusals=refusals,
        by=by,
    )


def _record(
    transaction: Transaction, chosen: _Selection, entry_count: int, by: tuple[str, datetime]
) -> None:
    """Keep who approved what: the entries where they were named, else what narrowed them."""
    detail: dict[Key, object] = {}
    if chosen.entry_ids is not None:
        detail |= those(chosen.entry_ids)
    elif chosen.project_id is not None or chosen.up_to is not None:
        given = {"project_id": chosen.project_id, "up_to": chosen.up_to}
        detail["selection"] = {name: one for name, one in given.items() if one is not None}
    record_deed(
        transaction,
        company=chosen.company,
        act="entries_approved",
        by=by,
        number=only_one(chosen.entry_ids or ()),
        detail={**detail, "count": entry_count},
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
