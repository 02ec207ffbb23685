"""Post revenue estimates: each draft becomes an estimate with a voucher of its own.

A completed percentage recognises revenue: debit WIP sales value, credit accrued revenue, for what
the percent complete is worth more than before; costs in the balance sheet go to profit and loss. A
completed contract takes its costs out of profit and loss instead: debit WIP cost value, credit cost
(spec P23 c).

Before  drafts were created, and what they are made of is as it was then.
After   the estimates stand, dated the end of their period, and their costs are estimated; a draft
        that something speaks against is still there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.estimates.calculation import (
    calculate,
    close_calculation,
    open_calculation,
    place_estimates,
)
from twofold.finance.estimates.vouchers import (
    close_vouchers,
    enter_vouchers,
    hold_vouchers,
    judge_vouchers,
    open_vouchers,
    record_vouchers,
)
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class PostedEstimate:
    """An estimate as it was posted; amounts in the accounting currency."""

    number: str
    voucher: str
    estimated_through: date
    percent: Decimal
    accrued_amount: Decimal
    moved_amount: Decimal


@dataclass(frozen=True, slots=True)
class PostedEstimates:
    """What was posted, and the drafts that were not, with the reasons."""

    posted: tuple[PostedEstimate, ...]
    declined: tuple[Refusal, ...]


SQL: Final = SqlFile(__name__)
ASK: Final = SQL.command("ask")
FIND_OUTDATED: Final = SQL.command("find_outdated")
FILL_ACCRUED: Final = SQL.command("fill_accrued")
FILL_MOVED: Final = SQL.command("fill_moved")
ADD_ESTIMATES: Final = SQL.command("add_estimates")
ADD_COSTS: Final = SQL.command("add_costs")
READ_POSTED: Final = SQL.query("read_posted", gives=PostedEstimate)


def post_estimates(
    transaction: Transaction, *, company: str, actor: str, at: datetime
) -> PostedEstimates:
    """Post every draft of the company that nothing speaks against.

    Declined one by one: out of date (ERR-F85), and what ``judge_vouchers`` finds.
    """
    hold_vouchers(transaction, company=company)
    open_calculation(transaction)
    transaction.run(ASK, company=company)
    place_estimates(transaction, company=company)
    calculate(transaction, company=company)
    open_vouchers(transaction)
    transaction.run(FIND_OUTDATED, company=company)
    transaction.run(FILL_ACCRUED)
    transaction.run(FILL_MOVED)
    declined = judge_vouchers(transaction, company=company)
    enter_vouchers(transaction, company=company)
    transaction.run(ADD_ESTIMATES, company=company, actor=actor, at=at)
    transaction.run(ADD_COSTS, company=company)
    posted = tuple(transaction.all(READ_POSTED, company=company))
    close_vouchers(transaction)
    close_calculation(transaction)
    record_vouchers(
        transaction,
        company=company,
        kind="estimate",
        vouchers=tuple(one.voucher for one in posted),
        actor=actor,
        at=at,
    )
    if posted:
        record_deed(
            transaction,
            company=company,
            act="estimates_posted",
            by=(actor, at),
            detail=those([one.number for one in posted]),
        )
    return PostedEstimates(posted, declined)
