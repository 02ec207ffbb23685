"""Hold a contract, and resume it: meanwhile nothing of it is billed.

Before  the contract is active; to resume it, it is on hold.
After   it is on hold, or active again. Entries, actuals and drafts are as they were.
"""

from __future__ import annotations

from datetime import datetime

from twofold.database.deeds import record_deed
from twofold.database.transaction import Transaction
from twofold.operations.contracts.states import lock_contract, move_contract


def hold_contract(
    transaction: Transaction, *, company: str, number: str, actor: str, at: datetime
) -> None:
    """Put an active contract on hold (ERR-A50)."""
    contract = lock_contract(transaction, company=company, number=number, states=("active",))
    move_contract(
        transaction, company=company, contract=contract, state="on_hold", actor=actor, at=at
    )
    record_deed(transaction, company=company, act="contract_held", by=(actor, at), number=number)


def resume_contract(
    transaction: Transaction, *, company: str, number: str, actor: str, at: datetime
) -> None:
    """Let a contract on hold be billed again (ERR-A50)."""
    contract = lock_contract(transaction, company=company, number=number, states=("on_hold",))
    move_contract(
        transaction, company=company, contract=contract, state="active", actor=actor, at=at
    )
    record_deed(transaction, company=company, act="contract_resumed", by=(actor, at), number=number)
