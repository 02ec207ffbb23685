"""On-account transactions as finance has them: about what, where they stand, what was given.

Groups and dimensions are those a person gave; an empty text means none, None the default, which is
found when a proposal bills the transaction. Lists come in pages: give the last key as ``after``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class OnAccountTransaction:
    """One on-account transaction; ``state`` is open, invoice_proposal or invoiced."""

    milestone_id: int
    contract_number: str
    line_number: int
    project_number: str
    description: str
    transaction_date: date
    amount: Decimal
    currency: str
    state: str
    tax_group: str | None
    item_tax_group: str | None
    dimensions: str | None
    changed_by: str | None


SQL: Final = SqlFile(__name__)
LIST_ON_ACCOUNT: Final = SQL.query("list_on_account", gives=OnAccountTransaction)


def list_on_account(
    reader: Reader, *, company: str, after: int = 0, limit: int = 100
) -> tuple[OnAccountTransaction, ...]:
    """Give the on-account transactions of a company by key; ``after`` is a milestone's key."""
    return tuple(reader.all(LIST_ON_ACCOUNT, company=company, after=after, rows_max=limit))
