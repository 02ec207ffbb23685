"""Add retainers to a contract: one advance, or a schedule of equal ones.

The total is divided into equal retainers, each rounded; the last takes the rounding. A number
overrides the end. Splitting never concerns a retainer: it belongs to one customer of the contract.

Before  the contract is not closed, has a project, and the customer is one of its customers.
After   the retainers are there, not ready, with nothing available until they are invoiced.
Next    backlog/mark.py marks them ready, proforma/create.py puts them on a draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.kernel.money import round_half_away
from twofold.operations.keys import take_keys

Frequency = Literal["weekly", "biweekly", "monthly"]


@dataclass(frozen=True, slots=True)
class RetainerPlan:
    """``total_amount`` in the contract's currency, from ``first_on`` at every ``frequency``.

    There are ``number`` retainers; without a number, those up to and including ``last_on``.
    """

    total_amount: Decimal
    first_on: date
    description: str
    frequency: Frequency = "monthly"
    number: int | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class AddedRetainer:
    """One retainer as it was added; ``amount`` is in ``currency``."""

    retainer_id: int
    description: str
    invoice_date: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class _Home:
    number: str
    state: str
    customer_id: int | None
    project_id: int | None
    currency: str
    precision: int
    day_count: int


SQL: Final = SqlFile(__name__)
FIND_HOME: Final = SQL.query("find_home", gives=_Home)
ADD: Final = SQL.query("add", gives=AddedRetainer)

# How many a schedule may have: weekly for nearly twenty years.
RETAINERS_MAX: Final = 1000


def add_retainers(
    transaction: Transaction,
    *,
    company: str,
    contract_id: int,
    customer: str | None,
    plan: RetainerPlan,
    actor: str,
    at: datetime,
) -> tuple[AddedRetainer, ...]:
    """Add the retainers of a plan; ``customer`` is an account, None the contract's first customer.

    Raises  Refused: ERR-B22 no such contract, or not a customer of it; ERR-B23 it is closed;
            ERR-B33 it has no project; ERR-B32 the plan gives none, or one of zero or less.
    Source: functional specification 3.18, P27.1.
    """
    days: dict[str, object] = {
        "first_on": plan.first_on,
        "last_on": plan.last_on,
        "frequency": plan.frequency,
        "number": plan.number,
        "retainers_max": RETAINERS_MAX + 1,
    }
    asked = {"company": company, "contract_id": contract_id}
    home = transaction.first(FIND_HOME, customer=customer, **asked, **days)
    if home is None:
        raise Refused(refuse("ERR-B22", f"contract/{contract_id}"))
    refusals = _refusals(home, customer, plan)
    if refusals:
        raise Refused(*refusals)
    first = take_keys(transaction, "operations.retainer_key", how_many=home.day_count)
    added = tuple(
        transaction.all(
            ADD,
            customer_id=home.customer_id,
            project_id=home.project_id,
            currency=home.currency,
            precision=home.precision,
            total_amount=plan.total_amount,
            description=plan.description,
            first_id=first,
            day_count=home.day_count,
            first_on=plan.first_on,
            frequency=plan.frequency,
            **asked,
        )
    )
    _record(transaction, company, home.number, added, plan.total_amount, (actor, at))
    return added


def _record(
    transaction: Transaction,
    company: str,
    number: str,
    added: tuple[AddedRetainer, ...],
    total: Decimal,
    by: tuple[str, datetime],
) -> None:
    """Keep who added which retainers to the contract."""
    record_deed(
        transaction,
        company=company,
        act="retainers_added",
        by=by,
        number=number,
        detail={**those([one.retainer_id for one in added]), "total": total},
    )


def _refusals(home: _Home, customer: str | None, plan: RetainerPlan) -> list[Refusal]:
    record = f"contract/{home.number}"
    refusals: list[Refusal] = []
    if home.state == "closed":
        refusals.append(refuse("ERR-B23", record, field="state", value=home.state))
    if home.customer_id is None:
        refusals.append(refuse("ERR-B22", record, field="customer", value=customer or ""))
    if home.project_id is None:
        refusals.append(refuse("ERR-B33", record))
    if not plan.description:
        refusals.append(refuse("ERR-B32", record, field="description", value=""))
    if not 0 < home.day_count <= RETAINERS_MAX:
        reason = f"The schedule has from 1 to {RETAINERS_MAX} days; this one has none or more."
        days = str(plan.last_on if plan.number is None else plan.number)
        refusals.append(refuse("ERR-B32", record, field="schedule", value=days, reason=reason))
    elif not _divides(plan.total_amount, home):
        total = str(plan.total_amount)
        refusals.append(refuse("ERR-B32", record, field="amount", value=total))
    return refusals


def _divides(total: Decimal, home: _Home) -> bool:
    """Tell whether the total gives as many retainers above zero, in whole units of the currency."""
    unit = Decimal(1).scaleb(-home.precision)
    if total % unit or total <= 0:
        return False
    each = round_half_away(total / home.day_count, home.precision)
    return each > 0 and total - each * (home.day_count - 1) > 0
