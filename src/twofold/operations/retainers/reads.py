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


@dataclass(frozen=True, slots=True)
class UsableRetainer:
    """A retainer that a draft may apply; ``applied_amount`` of it stands on this draft."""

    retainer_id: int
    description: str
    invoice_date: date
    amount: Decimal
    applicable_amount: Decimal
    applied_amount: Decimal


SQL: Final = SqlFile(__name__)
LIST_USABLE: Final = SQL.query("list_usable", gives=UsableRetainer)
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


def list_usable(reader: Reader, *, company: str, proforma_id: int) -> list[UsableRetainer]:
    """Give the retainers of a draft's contract and customer of which something is left."""
    return reader.all(LIST_USABLE, company=company, proforma_id=proforma_id)
