"""Re-evaluate a contract: make anew what no longer fits its setup.

A project or task was mapped to a line or taken off it, a line covers other classes, a role or
category became chargeable or ceased to be, a line got another discount or fee: entries approved
before that keep the actuals they had, until this process is run. It prices the entries as they
stand, compares with their journal lines, and makes anew those that come out otherwise: another
line, chargeability, price, discount or fee.

Before  the contract is not closed.
After   no approved entry of its projects would come out otherwise, except those untouched: what
        was invoiced, is on a draft, on an open correction journal or in a completed project.
Next    run in a transaction that is rolled back, this shows what it would change.
"""

from __future__ import annotations

from datetime import datetime

from twofold.database.deeds import record_deed, those
from twofold.database.transaction import Transaction
from twofold.operations.contracts.evaluation import (
    Concerned,
    Evaluated,
    choose_concerned,
    evaluate_anew,
)
from twofold.operations.contracts.misfits import find_misfits
from twofold.operations.contracts.states import lock_contract


def re_evaluate_contract(
    transaction: Transaction, *, company: str, number: str, actor: str, at: datetime
) -> Evaluated:
    """Make anew what no longer fits, or refuse with what cannot be priced (ERR-A50, B02, E25)."""
    states = ("draft", "active", "on_hold")
    contract = lock_contract(transaction, company=company, number=number, states=states)
    concerned = choose_concerned(transaction, company=company, contract=contract)
    misfits = find_misfits(transaction, company=company, entry_ids=concerned.entry_ids)
    if misfits:
        record_deed(
            transaction,
            company=company,
            act="contract_re_evaluated",
            by=(actor, at),
            number=number,
            detail=those(misfits),
        )
    return evaluate_anew(
        transaction,
        company=company,
        contract=contract,
        concerned=Concerned(misfits, concerned.untouched_count),
        actor=actor,
        at=at,
    )
