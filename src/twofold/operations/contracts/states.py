"""From one state of a contract to the next: lock it, refuse another state, move it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

CONTRACT_UNKNOWN: Final = "ERR-B22"
WRONG_STATE: Final = "ERR-A50"

ContractState = Literal["draft", "active", "on_hold", "closed"]


@dataclass(frozen=True, slots=True)
class LockedContract:
    """A contract that nobody else changes, bills or marks until the transaction ends."""

    contract_id: int
    number: str
    state: str


SQL: Final = SqlFile(__name__)
LOCK_CONTRACT: Final = SQL.query("lock_contract", gives=LockedContract)
MOVE_CONTRACT: Final = SQL.command("move_contract")


def lock_contract(
    transaction: Transaction, *, company: str, number: str, states: tuple[ContractState, ...]
) -> LockedContract:
    """Lock a contract that is in one of these states; refused otherwise (ERR-B22, A50)."""
    found = transaction.first(LOCK_CONTRACT, company=company, number=number)
    record = contract_record(company, number)
    if found is None:
        raise Refused(refuse(CONTRACT_UNKNOWN, record, field="contract", value=number))
    if found.state not in states:
        wanted = " or ".join(states).replace("_", " ")
        raise Refused(
            refuse(
                WRONG_STATE,
                record,
                field="state",
                value=found.state,
                reason=f"the contract is {found.state.replace('_', ' ')}, not {wanted}",
            )
        )
    return found


def move_contract(
    transaction: Transaction,
    *,
    company: str,
    contract: LockedContract,
    state: ContractState,
    actor: str,
    at: datetime,
) -> None:
    """Give a locked contract another state; its row travels to finance."""
    change_set = open_change_set(
        transaction, company=company, kind="setup", stream="contract", actor=actor, at=at
    )
    transaction.run(
        MOVE_CONTRACT,
        company=company,
        contract_id=contract.contract_id,
        state=state,
        set_id=change_set.set_id,
    )


def contract_record(company: str, number: str) -> str:
    """Name a contract in messages."""
    return f"contract {company}/{number}"
