"""Backlog items that a person chose: whether each can be put on a draft, and on which.

Before  nothing: items are named by their keys.
After   their contracts are locked, so that the answer stands until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.proforma.drafts import Draft


@dataclass(frozen=True, slots=True)
class Chosen:
    """The keys of the items, each once; they are to be dated up to ``cutoff``."""

    actual_ids: list[int]
    milestone_ids: list[int]
    cutoff: date


@dataclass(frozen=True, slots=True)
class ChosenItems:
    """Chosen items of one contract and customer, and the draft of theirs that was created last."""

    contract_id: int
    customer_id: int
    actual_ids: list[int]
    milestone_ids: list[int]
    draft_id: int | None


@dataclass(frozen=True, slots=True)
class _Contract:
    contract_id: int


@dataclass(frozen=True, slots=True)
class _Refused:
    kind: str
    key: int
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
LOCK_CONTRACTS: Final = SQL.query("lock_contracts", gives=_Contract)
JUDGE: Final = SQL.query("judge", gives=_Refused)
GROUP: Final = SQL.query("group_by_draft", gives=ChosenItems)


def lock_chosen(
    transaction: Transaction,
    *,
    company: str,
    cutoff: date,
    actual_ids: Sequence[int],
    milestone_ids: Sequence[int],
) -> list[ChosenItems]:
    """Lock the contracts of the items and group the items by contract and customer.

    Raises  Refused: every item that cannot be put on a draft, with the first reason.
    """
    sales, milestones = sorted(set(actual_ids)), sorted(set(milestone_ids))
    chosen = {"company": company, "actual_ids": sales, "milestone_ids": milestones}
    transaction.all(LOCK_CONTRACTS, **chosen)
    refuse_unaddable(
        transaction,
        company=company,
        items=Chosen(sales, milestones, cutoff),
        draft=None,
    )
    return transaction.all(GROUP, **chosen)


def refuse_unaddable(
    transaction: Transaction, *, company: str, items: Chosen, draft: Draft | None
) -> None:
    """Refuse all items that cannot be put on a draft: on this one, or on any of their own."""
    refused = transaction.all(
        JUDGE,
        company=company,
        actual_ids=items.actual_ids,
        milestone_ids=items.milestone_ids,
        cutoff=items.cutoff,
        contract_id=None if draft is None else draft.contract_id,
        customer_id=None if draft is None else draft.customer_id,
    )
    if refused:
        raise Refused(
            *(
                refuse(one.code, f"{one.kind}/{one.key}", field=one.field, value=one.value)
                for one in refused
            )
        )
