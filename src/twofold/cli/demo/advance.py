"""The demo's advance: the second customer of the shared contract pays something before the work."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from twofold.journey.system import System
from twofold.operations.backlog.reads import find_keys
from twofold.operations.retainers.add import AddedRetainer, RetainerPlan, add_retainers
from twofold.operations.retainers.reads import list_retainers

COMPANY: Final = "USPM"
CONTRACT: Final = "US-C-004"
CUSTOMER: Final = "US-002"
AMOUNT: Final = Decimal(500)


def agree_advance(system: System, *, on: date, actor: str) -> AddedRetainer | None:
    """Add an advance for the customer, to be invoiced on that day; None when one is there."""
    with system.operations.transaction() as transaction:
        contract_id = find_keys(transaction, company=COMPANY, contract=CONTRACT).contract_id
        if contract_id is None or list_retainers(
            transaction, company=COMPANY, contract_id=contract_id, limit=1
        ):
            return None
        plan = RetainerPlan(AMOUNT, on, "Advance", number=1)
        (added,) = add_retainers(
            transaction,
            company=COMPANY,
            contract_id=contract_id,
            customer=CUSTOMER,
            plan=plan,
            actor=actor,
            at=system.now(),
        )
    return added
