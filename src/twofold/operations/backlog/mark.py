"""Mark what may be invoiced, and take the mark away again.

A selection names contracts, projects and a last date, or the very items. Items that may change
change; each other item that was named, and each that a rule holds back, comes back as a refusal.
Marking what is marked already is no error: it is counted as such.

Before  nothing.
After   items marked ready go onto the next proforma whose cutoff they lie within.
Next    proforma/create.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal
from twofold.operations.backlog.kept_sums import fold_sums
from twofold.operations.backlog.selection import Selection

CHANGED: Final = "changed"
ALREADY: Final = "already"


@dataclass(frozen=True, slots=True)
class Marked:
    """How many items, milestones, retainers changed, how many already were so, and what may not."""

    item_count: int
    milestone_count: int
    retainer_count: int
    already_count: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Outcome:
    verdict: str
    key: int | None
    field: str | None
    value: str | None
    row_count: int


SQL: Final = SqlFile(__name__)
MARK_ITEMS: Final = SQL.query("mark_items", gives=_Outcome)
MARK_MILESTONES: Final = SQL.query("mark_milestones", gives=_Outcome)
MARK_RETAINERS: Final = SQL.query("mark_retainers", gives=_Outcome)
LOCK_CONTRACTS: Final = SQL.command("lock_contracts")


def mark_ready(
    transaction: Transaction, *, company: str, selection: Selection, actor: str, at: datetime
) -> Marked:
    """Make the items selected ready to invoice."""
    marked = _mark(transaction, company, selection, "ready")
    _record(transaction, company, selection, "marked_ready", marked, (actor, at))
    return marked


def mark_not_ready(
    transaction: Transaction, *, company: str, selection: Selection, actor: str, at: datetime
) -> Marked:
    """Take the items selected off the list of what is to be invoiced."""
    marked = _mark(transaction, company, selection, "not_ready")
    _record(transaction, company, selection, "marked_not_ready", marked, (actor, at))
    return marked


def _record(
    transaction: Transaction,
    company: str,
    selection: Selection,
    act: Literal["marked_ready", "marked_not_ready"],
    marked: Marked,
    by: tuple[str, datetime],
) -> None:
    """Keep who marked how many and which, if anything changed."""
    count = marked.item_count + marked.milestone_count + marked.retainer_count
    if count:
        record_deed(
            transaction,
            company=company,
            act=act,
            by=by,
            detail={**selection.told(), "count": count},
        )


def _mark(
    transaction: Transaction,
    company: str,
    selection: Selection,
    state: str,
) -> Marked:
    chosen = _chosen(company, selection)
    # Who marks and who creates proformas wait for each other, contract by contract.
    transaction.run(LOCK_CONTRACTS, company=company, contract_id=selection.contract_id)
    items: list[_Outcome] = []
    milestones: list[_Outcome] = []
    retainers: list[_Outcome] = []
    if selection.wants("sale"):
        items = transaction.all(
            MARK_ITEMS,
            keys=_keys(selection.actual_ids),
            from_state="created" if state == "ready" else "ready",
            to_state="ready" if state == "ready" else "created",
            **chosen,
        )
        _settle(transaction, company, selection, _count(items, CHANGED))
    if selection.wants("milestone"):
        milestones = transaction.all(
            MARK_MILESTONES, keys=_keys(selection.milestone_ids), state=state, **chosen
        )
    if selection.wants("retainer"):
        retainers = transaction.all(
            MARK_RETAINERS, keys=_keys(selection.retainer_ids), state=state, **chosen
        )
    return Marked(
        item_count=_count(items, CHANGED),
        milestone_count=_count(milestones, CHANGED),
        retainer_count=_count(retainers, CHANGED),
        already_count=_count((*items, *milestones, *retainers), ALREADY),
        refusals=(
            *_refusals("actual", items),
            *_refusals("milestone", milestones),
            *_refusals("retainer", retainers),
        ),
    )


def _settle(
    transaction: Transaction, company: str, selection: Selection, changed_count: int
) -> None:
    """Leave statistics and kept sums behind as whoever comes next wants them."""
    # The next creation asks for items by their state: let it know how many there are.
    refresh_statistics(transaction, "operations.backlog_item", rows_added=changed_count)
    if changed_count:
        contracts = None if selection.contract_id is None else [selection.contract_id]
        fold_sums(transaction, company=company, contract_ids=contracts)


def _chosen(company: str, selection: Selection) -> dict[str, object]:
    return {
        "company": company,
        "contract_id": selection.contract_id,
        "project_id": selection.project_id,
        "up_to": selection.up_to,
        "customer_id": selection.customer_id,
    }


def _keys(keys: tuple[int, ...] | None) -> list[int] | None:
    return None if keys is None else list(keys)


def _count(outcomes: Iterable[_Outcome], verdict: str) -> int:
    return sum(outcome.row_count for outcome in outcomes if outcome.verdict == verdict)


def _refusals(kind: str, outcomes: Iterable[_Outcome]) -> list[Refusal]:
    return [
        refuse(
            outcome.verdict,
            f"{kind}/{outcome.key}",
            field=outcome.field or "",
            value=outcome.value or "",
        )
        for outcome in outcomes
        if outcome.key is not None
    ]
