"""Work that a limit holds back: which limit, what is left of it, and what the work would take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class HeldItem:
    """One sale that failed a limit, and that limit as it is today, in the contract's currency.

    ``amount`` is what the item takes of its limits, ``remaining_amount`` what is left of the first
    that did not suffice, ``missing_amount`` what is wanting: zero or less where the item would fit
    by now. A limit that was taken away since has no amounts.
    """

    contract_id: int
    actual_id: int
    contract_number: str
    line_number: int
    line_name: str
    customer_account: str | None
    project_number: str
    name: str | None
    transaction_date: date
    currency: str
    amount: Decimal
    level: str
    limit_amount: Decimal | None
    taken_amount: Decimal | None
    remaining_amount: Decimal | None
    missing_amount: Decimal | None


SQL: Final = SqlFile(__name__)
LIST_HELD: Final = SQL.query("list_held", gives=HeldItem)


def list_held(
    reader: Reader,
    *,
    company: str,
    contract_id: int | None = None,
    after: tuple[int, int] = (-1, -1),
    limit: int,
) -> list[HeldItem]:
    """Give the next items behind contract and key ``after``, of a contract or of all."""
    return reader.all(
        LIST_HELD,
        company=company,
        contract_id=contract_id,
        after_contract_id=after[0],
        after_actual_id=after[1],
        rows_max=limit,
    )
