"""Which entries a change of a contract concerns, and what making their actuals anew gives.

Concerned are the approved entries of its projects, and those that still sell on it although
their project has left. What was invoiced, is on a draft, on an open correction journal or in a
completed project stays as it is, and is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.operations.contracts.states import LockedContract
from twofold.operations.entries.readjustment import Readjusted, readjust
from twofold.operations.entries.reversal import without_billed
from twofold.operations.entries.states import choose_entries


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was made anew (None: nothing had to be), and how many entries stay as they are."""

    contract_number: str
    untouched_count: int
    made: Readjusted | None


@dataclass(frozen=True, slots=True)
class _Concerned:
    entry_ids: list[int]
    finished_count: int


SQL: Final = SqlFile(__name__)
FIND_CONCERNED: Final = SQL.query("find_concerned", gives=_Concerned)


@dataclass(frozen=True, slots=True)
class Concerned:
    """Locked entries that can be made anew, and how many cannot."""

    entry_ids: list[int]
    untouched_count: int


def choose_concerned(
    transaction: Transaction, *, company: str, contract: LockedContract
) -> Concerned:
    """Lock the entries that a change of a locked contract concerns."""
    found = transaction.one(FIND_CONCERNED, company=company, contract_id=contract.contract_id)
    approved = choose_entries(
        transaction, company=company, entry_ids=found.entry_ids, states=("approved",)
    )
    chosen = without_billed(transaction, company=company, chosen=approved)
    return Concerned(list(chosen.entry_ids), len(chosen.refusals) + found.finished_count)


def evaluate_anew(
    transaction: Transaction,
    *,
    company: str,
    contract: LockedContract,
    concerned: Concerned,
    actor: str,
    at: datetime,
) -> Evaluated:
    """Make the actuals of these entries anew under the present setup, if there are any."""
    made = None
    if concerned.entry_ids:
        made = readjust(
            transaction,
            company=company,
            entry_ids=concerned.entry_ids,
            event="contract_change",
            actor=actor,
            at=at,
        )
    return Evaluated(contract.number, concerned.untouched_count, made)
