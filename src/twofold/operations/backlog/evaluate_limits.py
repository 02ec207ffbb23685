"""Evaluate sales against limits again, or take back what they have taken of them.

Before  sales are in the backlog, each evaluated when it came (``limits``).
After   those selected are evaluated against the limits of today, or wait to be. Contracts with
        limits are locked until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.operations.backlog.limits import EVALUATE, LOCK_CONTRACTS, Evaluated, LimitedContract
from twofold.operations.backlog.selection import Selection


@dataclass(frozen=True, slots=True)
class _Reset:
    item_count: int


SQL: Final = SqlFile(__name__)
CONTRACTS_OF_SELECTION: Final = SQL.query("contracts_of_selection", gives=LimitedContract)
RESET: Final = SQL.query("reset", gives=_Reset)


def reset_limits(
    transaction: Transaction, *, company: str, selection: Selection, actor: str, at: datetime
) -> int:
    """Take what was committed back; give the number of sales that are not evaluated now.

    Only chargeable sales that failed or are committed, and are neither invoiced nor on a draft;
    others are left as they are. They are no longer ready to be invoiced.
    """
    count = _reset(transaction, company, selection, stays_ready=False)[1]
    if count:
        record_deed(
            transaction,
            company=company,
            act="limits_reset",
            by=(actor, at),
            detail={**selection.told(), "count": count},
        )
    return count


def evaluate_limits(
    transaction: Transaction, *, company: str, selection: Selection, actor: str, at: datetime
) -> Evaluated:
    """Evaluate sales anew against the limits of today: those named in their order, else by date.

    Chargeable sales that are neither invoiced nor on a draft; others are left as they are. Those
    that fail are no longer ready to be invoiced.
    """
    contract_ids, _ = _reset(transaction, company, selection, stays_ready=True)
    evaluated = transaction.one(
        EVALUATE,
        company=company,
        contract_ids=contract_ids,
        first_key=None,
        last_key=None,
        actual_ids=_keys(selection.actual_ids),
        project_id=selection.project_id,
        up_to=selection.up_to,
    )
    record_deed(
        transaction,
        company=company,
        act="limits_evaluated",
        by=(actor, at),
        detail=selection.told(),
    )
    return evaluated


def _reset(
    transaction: Transaction, company: str, selection: Selection, *, stays_ready: bool
) -> tuple[list[int], int]:
    narrowed = {
        "company": company,
        "project_id": selection.project_id,
        "up_to": selection.up_to,
        "actual_ids": _keys(selection.actual_ids),
    }
    contracts = transaction.all(
        CONTRACTS_OF_SELECTION, contract_id=selection.contract_id, **narrowed
    )
    ids = [one.contract_id for one in contracts]
    transaction.run(LOCK_CONTRACTS, company=company, contract_ids=ids)
    reset = transaction.one(RESET, contract_ids=ids, stays_ready=stays_ready, **narrowed)
    return ids, reset.item_count


def _keys(keys: Sequence[int] | None) -> list[int] | None:
    return None if keys is None else list(keys)
