"""Give an open proforma its accounting date, or take it away again.

The date decides the period its billed sales fall in. It never alters their transaction dates.

Before  the proforma is a draft or in review.
After   confirmation uses this date; without one, it uses its own day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class _Proforma:
    number: str


SQL: Final = SqlFile(__name__)
FIND: Final = SQL.query("find", gives=_Proforma)
SET_DATE: Final = SQL.command("set_date")


def set_accounting_date(
    transaction: Transaction, *, company: str, proforma_id: int, accounting_date: date | None
) -> None:
    """Set the accounting date of one proforma; None clears it."""
    proforma = transaction.first(FIND, company=company, proforma_id=proforma_id)
    if proforma is None:
        raise Refused(refuse("ERR-B22", f"proforma/{proforma_id}"))
    changed = transaction.run(
        SET_DATE, company=company, proforma_id=proforma_id, accounting_date=accounting_date
    )
    if not changed:
        raise Refused(refuse("ERR-B10", f"proforma/{proforma.number}", field="accounting_date"))
