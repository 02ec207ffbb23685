"""Close a contract for good: completed, or lost.

Before  the contract is not closed. To complete it, nothing is left to bill; to lose it, none of
        its sales is on an open correction journal.
After   it is closed, with the reason, and bills nothing more. Lost: its projects are completed,
        and every unbilled sale that is on no proforma has a reversal; costs stay, and so does
        what was invoiced or is on a draft.
Next    nothing: a closed contract is not opened again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.contracts.states import (
    LockedContract,
    contract_record,
    lock_contract,
    move_contract,
)
from twofold.operations.entries.reversal import (
    ACTUAL_KEY,
    DROP_REVERSING,
    choose_reversals,
    write_reversals,
)
from twofold.operations.keys import take_keys

STILL_TO_BILL: Final = "ERR-A51"
IN_PROCESS: Final = "ERR-B50"


@dataclass(frozen=True, slots=True)
class _Open:
    open_count: int
    in_process_count: int


@dataclass(frozen=True, slots=True)
class Lost:
    """How many unbilled sales were taken back, how many projects were completed."""

    contract_number: str
    reversal_count: int
    project_count: int
    set_id: int | None


SQL: Final = SqlFile(__name__)
LOCK_OPEN_WORK: Final = SQL.query("lock_open_work", gives=_Open)
WRITE_CLOSING: Final = SQL.command("write_closing")
CHOOSE_OPEN_SALES: Final = SQL.command("choose_open_sales")
COMPLETE_PROJECTS: Final = SQL.command("complete_projects")


def complete_contract(
    transaction: Transaction, *, company: str, number: str, actor: str, at: datetime
) -> None:
    """Close a contract that has billed everything (ERR-A50, A51)."""
    states = ("active", "on_hold")
    contract = lock_contract(transaction, company=company, number=number, states=states)
    found = transaction.one(LOCK_OPEN_WORK, company=company, contract_id=contract.contract_id)
    if found.open_count:
        record, value = contract_record(company, number), str(found.open_count)
        raise Refused(refuse(STILL_TO_BILL, record, field="open work", value=value))
    _close(transaction, company, contract, "completed", (actor, at))
    record_deed(
        transaction, company=company, act="contract_completed", by=(actor, at), number=number
    )


def lose_contract(
    transaction: Transaction, *, company: str, number: str, actor: str, at: datetime
) -> Lost:
    """Close a contract as lost and take its unbilled sales back (P03.3; ERR-A50, B50)."""
    states = ("draft", "active", "on_hold")
    contract = lock_contract(transaction, company=company, number=number, states=states)
    contract_id = contract.contract_id
    found = transaction.one(LOCK_OPEN_WORK, company=company, contract_id=contract_id)
    if found.in_process_count:
        record, value = contract_record(company, number), str(found.in_process_count)
        raise Refused(refuse(IN_PROCESS, record, field="sales in process", value=value))
    _close(transaction, company, contract, "lost", (actor, at))
    count = choose_reversals(
        transaction, CHOOSE_OPEN_SALES, company=company, contract_id=contract_id
    )
    set_id = _take_back(transaction, company, count, (actor, at))
    change_set = open_change_set(
        transaction, company=company, kind="setup", stream="project", actor=actor, at=at
    )
    projects = transaction.run(
        COMPLETE_PROJECTS, company=company, contract_id=contract_id, set_id=change_set.set_id
    )
    record_deed(
        transaction,
        company=company,
        act="contract_lost",
        by=(actor, at),
        number=number,
        detail={"count": count},
    )
    return Lost(contract.number, count, projects, set_id)


def _close(
    transaction: Transaction,
    company: str,
    contract: LockedContract,
    reason: str,
    by: tuple[str, datetime],
) -> None:
    actor, at = by
    move_contract(
        transaction, company=company, contract=contract, state="closed", actor=actor, at=at
    )
    transaction.run(
        WRITE_CLOSING,
        company=company,
        contract_id=contract.contract_id,
        reason=reason,
        actor=actor,
        at=at,
    )


def _take_back(
    transaction: Transaction, company: str, count: int, by: tuple[str, datetime]
) -> int | None:
    """Reverse the sales that were gathered, and give the set that tells finance."""
    if not count:
        transaction.run(DROP_REVERSING)
        return None
    actor, at = by
    first_key = take_keys(transaction, ACTUAL_KEY, how_many=count)
    change_set = open_change_set(
        transaction,
        company=company,
        kind="adjustment",
        stream=f"adjustment/{first_key}",
        actor=actor,
        at=at,
    )
    write_reversals(
        transaction,
        company=company,
        event="contract_change",
        first_key=first_key,
        set_id=change_set.set_id,
    )
    change_set.covers(first_key, first_key + count - 1)
    return change_set.set_id
