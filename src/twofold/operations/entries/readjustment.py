"""Make the actuals of approved entries anew: from their present values and the present setup.

A correction journal does, after it gave the entries other values; a contract that is confirmed
or re-evaluated does, after the setup changed. Entries are priced, find their contract line and
become actuals by the very statements of submission and approval, so that what comes of it is
what approving them afresh would make. Of the approver's decisions those stay that differ from
what the setup had decided: another billable quantity, another billing type.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.entries.approving import (
    approve_anew,
    close_split,
    key_count_max,
    open_split,
    write_approved,
)
from twofold.operations.entries.pricing import price_submission
from twofold.operations.entries.reversal import ACTUAL_KEY, choose_actuals_of, write_reversals
from twofold.operations.entries.states import RESUBMIT_ENTRIES, entry_record
from twofold.operations.entries.submission import (
    GATHER_SUBMISSION,
    close_submission,
    open_submission,
    write_submission,
)
from twofold.operations.entries.withdrawal import withdraw_submission
from twofold.operations.keys import take_keys


@dataclass(frozen=True, slots=True)
class ChangeTotal:
    """What was taken back, or made instead, per transaction type, billing type and currency."""

    is_reversal: bool
    transaction_type: str
    billing_type: str
    currency: str
    actual_count: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Readjusted:
    """The block of reversals and new actuals, the set that takes it to finance, and its sums."""

    entry_count: int
    first_actual_id: int
    last_actual_id: int
    set_id: int
    totals: tuple[ChangeTotal, ...]


SQL: Final = SqlFile(__name__)
CREATE_DECISION: Final = SQL.command("create_decision")
KEEP_DECISIONS: Final = SQL.command("keep_decisions")
ANALYZE_DECISION: Final = SQL.command("analyze_decision")
APPLY_DECISIONS: Final = SQL.command("apply_decisions")
DROP_DECISION: Final = SQL.command("drop_decision")
TOTAL_CHANGE: Final = SQL.query("total_change", gives=ChangeTotal)


def readjust(
    transaction: Transaction,
    *,
    company: str,
    entry_ids: list[int],
    event: Literal["adjustment", "contract_change"],
    actor: str,
    at: datetime,
) -> Readjusted:
    """Reverse every actual of the entries and make them anew; one set takes both to finance.

    Before  the entries are approved and locked, there is one at least, and nothing of them is
            billed or on a draft.
    After   they are approved as before; or refused are all that can no longer be submitted.
    """
    reversal_count = choose_actuals_of(transaction, company=company, entry_ids=entry_ids)
    customer_count = open_split(transaction, company=company)
    key_count = reversal_count + key_count_max(len(entry_ids), customer_count)
    first_key = take_keys(transaction, ACTUAL_KEY, how_many=key_count)
    change_set = open_change_set(
        transaction,
        company=company,
        kind="adjustment",
        stream=f"adjustment/{first_key}",
        actor=actor,
        at=at,
    )
    _keep_decisions(transaction, company, entry_ids)
    written = write_reversals(
        transaction, company=company, event=event, first_key=first_key, set_id=change_set.set_id
    )
    assert written == reversal_count, f"{company}: {written} reversals of {reversal_count} actuals"
    _submit_anew(transaction, company, entry_ids, actor, at)
    first_new_key = first_key + reversal_count
    approved = approve_anew(
        transaction, company=company, entry_ids=entry_ids, first_key=first_new_key
    )
    assert approved.last_key is not None, f"{company}: {len(entry_ids)} entries were submitted"
    write_approved(
        transaction,
        company=company,
        block=(first_new_key, approved.last_key),
        event=event,
        set_id=change_set.set_id,
    )
    close_split(transaction)
    change_set.covers(first_key, approved.last_key)
    block = (first_key, approved.last_key)
    totals = _totals(transaction, company, block)
    return Readjusted(approved.entry_count, *block, change_set.set_id, totals)


def _totals(
    transaction: Transaction, company: str, block: tuple[int, int]
) -> tuple[ChangeTotal, ...]:
    first_key, last_key = block
    return tuple(
        transaction.all(TOTAL_CHANGE, company=company, first_key=first_key, last_key=last_key)
    )


def _keep_decisions(transaction: Transaction, company: str, entry_ids: list[int]) -> None:
    """Remember what the approver decided otherwise than the setup."""
    transaction.run(CREATE_DECISION)
    transaction.run(KEEP_DECISIONS, company=company, entry_ids=entry_ids)
    transaction.run(ANALYZE_DECISION)


def _submit_anew(
    transaction: Transaction, company: str, entry_ids: list[int], actor: str, at: datetime
) -> None:
    """Price the entries as they are now and ask for the approval they had."""
    transaction.run(RESUBMIT_ENTRIES, company=company, entry_ids=entry_ids)
    withdraw_submission(transaction, company=company, entry_ids=tuple(entry_ids))
    open_submission(transaction)
    transaction.run(GATHER_SUBMISSION, company=company, entry_ids=entry_ids)
    problems = price_submission(transaction, companies=(company,))
    if problems:
        raise Refused(
            *(
                refuse(
                    one.code,
                    entry_record(company, one.entry_id),
                    field=one.field,
                    value=one.value,
                )
                for one in problems
            )
        )
    write_submission(transaction, company=company, actor=actor, at=at)
    transaction.run(APPLY_DECISIONS, company=company)
    transaction.run(DROP_DECISION)
    close_submission(transaction)
