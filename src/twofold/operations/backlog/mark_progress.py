"""Say how much of a milestone is invoiced next, where its line is billed by progress.

The amount is typed as it is, or as a percentage of the whole milestone. What is invoiced next and
what remains are parts of the milestone: those of the one are ready, those of the other are not. As
long as the next part is not on a draft, saying another amount replaces it.

Before  the line is fixed price and billed by progress.
After   the ready parts of the milestone add up to what was said, the parts not ready to the rest,
        and all parts to the milestone, tax included; parts on a proforma are as they were. Parts of
        another amount are one change set of kind ``setup``.
Next    proforma/create.py; once nothing remains, the milestone is completed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.keys import take_keys


@dataclass(frozen=True, slots=True)
class NextInvoice:
    """What to invoice next: an amount in the contract's currency, or a percentage of the whole."""

    amount: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A milestone over all its parts, in the contract's currency; amounts are before tax.

    ``remaining_amount`` is what is not invoiced yet, the next amount included.
    """

    name: str
    currency: str
    amount: Decimal
    tax_amount: Decimal
    invoiced_amount: Decimal
    next_amount: Decimal
    remaining_amount: Decimal
    next_state: str
    state: str


@dataclass(frozen=True, slots=True)
class _Milestone:
    contract_id: int
    contract_line_id: int
    name: str
    is_progress: bool
    project_number: str
    project_state: str
    next_amount: Decimal
    rounded_amount: Decimal
    open_amount: Decimal


@dataclass(frozen=True, slots=True)
class _Contract:
    contract_id: int


@dataclass(frozen=True, slots=True)
class _Part:
    milestone_id: int | None
    customer_id: int
    part: int
    state: str
    amount: Decimal
    tax_amount: Decimal
    is_divided: bool


SQL: Final = SqlFile(__name__)
LOCK_CONTRACT: Final = SQL.query("lock_contract", gives=_Contract)
FIND: Final = SQL.query("find", gives=_Milestone)
PLAN: Final = SQL.query("plan", gives=_Part)
CHANGE_PARTS: Final = SQL.command("change_parts")
ADD_PARTS: Final = SQL.command("add_parts")
SHOW: Final = SQL.query("show", gives=Progress)


def mark_progress(
    transaction: Transaction,
    *,
    company: str,
    milestone_id: int,
    invoice: NextInvoice,
    actor: str,
    at: datetime,
) -> Progress:
    """Make this much of a milestone ready, named by the key of any of its parts.

    Raises  Refused: ERR-B22 there is none; ERR-B43 its line is not billed by progress; ERR-B21 the
            project is completed; ERR-B44 the amount is not above zero, has more decimals than the
            currency, or is more than what is neither invoiced nor on a draft.
    Source  P29.
    """
    assert (invoice.amount is None) != (invoice.percent is None), "amount or percentage"
    record = f"milestone/{milestone_id}"
    key = {"company": company, "milestone_id": milestone_id}
    if transaction.first(LOCK_CONTRACT, **key) is None:
        raise Refused(refuse("ERR-B22", record))
    found = transaction.one(FIND, amount=invoice.amount, percent=invoice.percent, **key)
    _assert_fits(found, record)
    header: dict[str, object] = {
        "company": company,
        "contract_line_id": found.contract_line_id,
        "name": found.name,
    }
    parts = transaction.all(PLAN, next_amount=found.next_amount, **header)
    _write(transaction, company, milestone_id, parts, actor, at)
    record_deed(
        transaction,
        company=company,
        act="progress_marked",
        by=(actor, at),
        number=str(milestone_id),
        detail={"total": found.next_amount},
    )
    return transaction.one(SHOW, **header)


def _assert_fits(found: _Milestone, record: str) -> None:
    if not found.is_progress:
        reason = "Its line is billed by completed milestones: `twofold backlog ready`"
        raise Refused(refuse("ERR-B43", record, reason=reason))
    if found.project_state != "in_process":
        raise Refused(refuse("ERR-B21", record, field="project", value=found.project_number))
    fits = 0 < found.next_amount <= found.open_amount
    if not fits or found.next_amount != found.rounded_amount:
        raise Refused(
            refuse(
                "ERR-B44",
                record,
                field="next_amount",
                value=str(found.next_amount),
                reason=f"{found.open_amount} is neither invoiced nor on a draft",
            )
        )


def _write(
    transaction: Transaction,
    company: str,
    milestone_id: int,
    parts: list[_Part],
    actor: str,
    at: datetime,
) -> None:
    """Write the parts as planned. State alone is no business of finance, amounts are."""
    set_id: int | None = None
    if any(part.is_divided for part in parts):
        set_id = open_change_set(
            transaction, company=company, kind="setup", stream="milestone", actor=actor, at=at
        ).set_id
    changed = [part for part in parts if part.milestone_id is not None]
    transaction.run(
        CHANGE_PARTS,
        company=company,
        milestone_ids=[part.milestone_id for part in changed],
        states=[part.state for part in changed],
        amounts=[part.amount for part in changed],
        tax_amounts=[part.tax_amount for part in changed],
        set_id=set_id,
    )
    new = [part for part in parts if part.milestone_id is None]
    if new:
        added = transaction.run(
            ADD_PARTS,
            company=company,
            like_id=milestone_id,
            first_milestone_id=take_keys(
                transaction, "operations.milestone_key", how_many=len(new)
            ),
            customer_ids=[part.customer_id for part in new],
            parts=[part.part for part in new],
            amounts=[part.amount for part in new],
            tax_amounts=[part.tax_amount for part in new],
            set_id=set_id,
        )
        assert added == len(new), "what remains is a part of its own"
