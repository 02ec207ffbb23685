"""Confirm a contract: from draft to active, with everything worked so far judged anew.

Before  the contract is a draft.
After   it is active and may be billed. Every actual of its projects' approved entries has a
        reversal and is there anew, with the lines, chargeability and prices of today; what was
        invoiced, or is on a draft, is untouched.
Next    hold.py, close.py; re_evaluate.py when the setup changes.
"""

from __future__ import annotations

from datetime import datetime

from twofold.database.deeds import record_deed
from twofold.database.transaction import Transaction
from twofold.operations.contracts.evaluation import (
    Evaluated,
    choose_concerned,
    evaluate_anew,
)
from twofold.operations.contracts.states import lock_contract, move_contract


def confirm_contract(
    transaction: Transaction, *, company: str, number: str, actor: str, at: datetime
) -> Evaluated:
    """Confirm the contract, or refuse with its state (ERR-A50) or what cannot be priced (P03.1)."""
    contract = lock_contract(transaction, company=company, number=number, states=("draft",))
    move_contract(
        transaction, company=company, contract=contract, state="active", actor=actor, at=at
    )
    record_deed(
        transaction, company=company, act="contract_confirmed", by=(actor, at), number=number
    )
    concerned = choose_concerned(transaction, company=company, contract=contract)
    return evaluate_anew(
        transaction,
        company=company,
        contract=contract,
        concerned=concerned,
        actor=actor,
        at=at,
    )
