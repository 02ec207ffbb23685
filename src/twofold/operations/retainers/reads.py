"""What people see of retainers: each with what is invoiced, used and available of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class ListedRetainer:
    """One retainer; amounts in ``currency``, nothing available until it is invoiced.

    ``proforma_number`` is of the draft that invoices or refunds it.
    """

    retainer_id: int
    contract_number: str
    customer_account: str
    description: str
    invoice_date: date
    currency: str
    amount: Decimal
    used_amount: Decimal
    available_amount: Decimal
    state: str
    refund_state: str | None
    refund_amount: Decimal | None
    proforma_number: str | None


SQL: Final = SqlFile(__name__)
LIST_RETAINERS: Final = SQL.query("list_retainers", gives=ListedRetainer)


def list_retainers(
    reader: Reader,
    *,
    company: str,
    contract_id: int | None = None,
    after_id: int = 0,
    limit: int,
) -> list[ListedRetainer]:
    """Give the next retainers after the key ``after_id``, of a contract or of all."""
    return reader.all(
        LIST_RETAINERS,
        company=company,
        contract_id=contract_id,
        after_id=after_id,
        rows_max=limit,
    )
