"""Not-to-exceed limits: new sales take what is left of them, and may give it back.

Chargeable work by time and material takes its amount off the limits of its line's customer, its
line, its contract's customer and its contract, in this order, whole or not at all; an amount that
just reaches a limit still fits. What fits is committed, and may be invoiced; what does not failed,
and names the first limit that did not suffice. Committed and invoiced amounts count against a
limit; milestones and retainers never do. (Spec P07; NTE-01 … NTE-06.)

Before  sales are in the backlog, those of limited contracts not evaluated.
After   each is committed, failed, or under no limit. Contracts with limits are locked until the
        transaction ends, so that no two of them give away the same remainder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Evaluated:
    """How many sales fit within every limit, did not fit, and come under no limit."""

    committed_count: int
    failed_count: int
    not_applicable_count: int


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and what has been taken of it, in the contract's currency.

    ``level`` is contract_line_customer, contract_line, contract_customer or contract; a line
    number or customer it does not name is None. ``remaining_amount`` is below zero when the
    limit was lowered under what had been taken.
    """

    contract: str
    currency: str
    level: str
    line_number: int | None
    customer: str | None
    amount: Decimal
    committed_amount: Decimal
    invoiced_amount: Decimal
    remaining_amount: Decimal


@dataclass(frozen=True, slots=True)
class _OverLimit:
    number: str
    level: str
    limit_amount: Decimal
    invoiced_amount: Decimal


@dataclass(frozen=True, slots=True)
class LimitedContract:
    """A contract that an evaluation is about."""

    contract_id: int


SQL: Final = SqlFile(__name__)
CONTRACTS_OF_BLOCK: Final = SQL.query("contracts_of_block", gives=LimitedContract)
LOCK_CONTRACTS: Final = SQL.command("lock_contracts")
EVALUATE: Final = SQL.query("evaluate", gives=Evaluated)
CONTRACTS_OF_DRAFTS: Final = SQL.query("contracts_of_drafts", gives=LimitedContract)
DRAFTS_OVER_LIMIT: Final = SQL.query("drafts_over_limit", gives=_OverLimit)
LIST_LIMITS: Final = SQL.query("list_limits", gives=Limit)

NOTHING: Final = Evaluated(0, 0, 0)
OVER_LIMIT: Final = "ERR-B60"


def evaluate_new_items(
    transaction: Transaction, *, company: str, first_key: int, last_key: int
) -> Evaluated:
    """Evaluate the new sales of a block of keys, by date and key; without limits do nothing."""
    block = {"company": company, "first_key": first_key, "last_key": last_key}
    contracts = transaction.all(CONTRACTS_OF_BLOCK, **block)
    if not contracts:
        return NOTHING
    ids = [one.contract_id for one in contracts]
    transaction.run(LOCK_CONTRACTS, company=company, contract_ids=ids)
    return transaction.one(
        EVALUATE, contract_ids=ids, project_id=None, up_to=None, actual_ids=None, **block
    )


def over_limit(
    transaction: Transaction, *, company: str, proforma_ids: list[int]
) -> Iterator[Refusal]:
    """Give ERR-B60 for every draft and limit that confirming the drafts together would exceed.

    After   the contracts with limits are locked until the transaction ends.
    """
    asked = {"company": company, "proforma_ids": proforma_ids}
    contracts = transaction.all(CONTRACTS_OF_DRAFTS, **asked)
    if not contracts:
        return
    ids = [one.contract_id for one in contracts]
    transaction.run(LOCK_CONTRACTS, company=company, contract_ids=ids)
    for over in transaction.all(DRAFTS_OVER_LIMIT, contract_ids=ids, **asked):
        yield refuse(
            OVER_LIMIT,
            f"proforma/{over.number}",
            field=over.level,
            value=str(over.invoiced_amount),
            reason=f"the limit is {over.limit_amount}",
        )


def list_limits(reader: Reader, *, company: str, contract_id: int | None = None) -> list[Limit]:
    """Give the limits of a contract, or of all, with what is left of each."""
    return reader.all(LIST_LIMITS, company=company, contract_id=contract_id)
