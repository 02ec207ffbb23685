"""Decide how much of a submitted entry is billed, and how, before approving it.

Before  the entry is submitted and falls on a time-and-material line.
After   its approval has the new billable quantity and billing type; its cost is as it was.
Next    approve.py.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.entries.states import choose_submitted, entry_record

NOTHING_TO_BILL: Final = "ERR-E29"
QUANTITY_INVALID: Final = "ERR-E30"
QUANTITY_MAX: Final = Decimal(10**9)

SQL: Final = SqlFile(__name__)
CHANGE_APPROVAL: Final = SQL.command("change_approval")


def change_approval(
    transaction: Transaction,
    *,
    company: str,
    entry_id: int,
    billable_quantity: Decimal | None = None,
    billing_type: Literal["chargeable", "non_chargeable", "complimentary"] | None = None,
    actor: str,
    at: datetime,
) -> None:
    """Change what is given; refused if the entry does not wait or sells nothing."""
    record = entry_record(company, entry_id)
    quantity = billable_quantity
    if quantity is not None and not (
        0 <= quantity < QUANTITY_MAX and quantity == round(quantity, 4)
    ):
        problem = refuse(QUANTITY_INVALID, record, field="billable_quantity", value=str(quantity))
        raise Refused(problem)
    chosen = choose_submitted(transaction, company=company, entry_ids=(entry_id,))
    if chosen.refusals:
        raise Refused(*chosen.refusals)
    changed = transaction.run(
        CHANGE_APPROVAL,
        company=company,
        entry_id=entry_id,
        billable_quantity=billable_quantity,
        billing_type=billing_type,
    )
    if not changed:
        raise Refused(refuse(NOTHING_TO_BILL, record))
    given = {"billable_quantity": billable_quantity, "billing_type": billing_type}
    record_deed(
        transaction,
        company=company,
        act="approval_changed",
        by=(actor, at),
        number=str(entry_id),
        detail={"changes": {name: one for name, one in given.items() if one is not None}},
    )
