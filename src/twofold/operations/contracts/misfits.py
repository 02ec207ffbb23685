"""Entries whose actuals no longer fit the setup: submitted today, they would come out otherwise.

Before  entries are approved.
After   nothing has changed; who asks knows which entries, or how many of each contract.
Next    ``re_evaluate`` makes their actuals anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.operations.entries.pricing import price_submission
from twofold.operations.entries.reversal import without_billed
from twofold.operations.entries.states import choose_entries
from twofold.operations.entries.submission import (
    GATHER_SUBMISSION,
    close_submission,
    open_submission,
)


@dataclass(frozen=True, slots=True)
class Misfits:
    """How many entries of a contract a re-evaluation would make anew."""

    contract_number: str
    entry_count: int


@dataclass(frozen=True, slots=True)
class _Entries:
    entry_ids: list[int]


SQL: Final = SqlFile(__name__)
FIND_MISFITS: Final = SQL.query("find_misfits", gives=_Entries)
FIND_OPEN_ENTRIES: Final = SQL.query("find_open_entries", gives=_Entries)
COUNT_BY_CONTRACT: Final = SQL.query("count_by_contract", gives=Misfits)


def find_misfits(transaction: Transaction, *, company: str, entry_ids: list[int]) -> list[int]:
    """Give those of the entries that would get another line, chargeability or price today."""
    open_submission(transaction)
    transaction.run(GATHER_SUBMISSION, company=company, entry_ids=entry_ids)
    price_submission(transaction, companies=(company,))
    misfits = transaction.one(FIND_MISFITS, company=company).entry_ids
    close_submission(transaction)
    return misfits


def count_misfits(transaction: Transaction, *, company: str) -> list[Misfits]:
    """Count, contract by contract, the entries that no longer fit and can be made anew.

    After   these entries are locked until the transaction ends.
    """
    found = transaction.one(FIND_OPEN_ENTRIES, company=company).entry_ids
    approved = choose_entries(transaction, company=company, entry_ids=found, states=("approved",))
    chosen = without_billed(transaction, company=company, chosen=approved)
    misfits = find_misfits(transaction, company=company, entry_ids=list(chosen.entry_ids))
    return transaction.all(COUNT_BY_CONTRACT, company=company, entry_ids=misfits)
