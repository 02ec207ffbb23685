"""Eliminate estimate projects that are complete and invoiced: work in progress goes, revenue stays.

What was invoiced on account and what stands in work in progress clear each other; a completed
contract recognises its revenue only now, and its costs with it. Where the line is invoiced another
amount than its share of the contract by standalone selling price, the difference goes to contract
variance: over all lines of a contract it is nothing (spec P23 c).

Before  the last estimate of the project is at 100 percent and has all its costs; all milestones are
        invoiced.
After   nothing of the project is left in work in progress, nor on account; the revenue recognised
        is the line's. It can be reversed as any estimate.
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
class EliminatedProject:
    """An eliminated estimate project; amounts in the accounting currency.

    ``variance_amount`` is what was invoiced more than the revenue of the line.
    """

    number: str
    voucher: str
    contract_amount: Decimal
    variance_amount: Decimal


@dataclass(frozen=True, slots=True)
class EliminatedProjects:
    """What was eliminated, and what is at 100 percent and was not, with the reasons."""

    eliminated: tuple[EliminatedProject, ...]
    declined: tuple[Refusal, ...]


SQL: Final = SqlFile(__name__)
ASK: Final = SQL.command("ask")
LEAVE_INCOMPLETE: Final = SQL.command("leave_incomplete")
FIND_UNREADY: Final = SQL.command("find_unready")
FILL_BACK: Final = SQL.command("fill_back")
FILL_RELEASED: Final = SQL.command("fill_released")
FILL_ON_ACCOUNT: Final = SQL.command("fill_on_account")
FILL_VARIANCE: Final = SQL.command("fill_variance")
ADD_ELIMINATIONS: Final = SQL.command("add_eliminations")
READ_ELIMINATED: Final = SQL.query("read_eliminated", gives=EliminatedProject)


def eliminate_estimates(
    transaction: Transaction, *, company: str, day: date, actor: str, at: datetime
) -> EliminatedProjects:
    """Eliminate every estimate project of the company that is at 100 percent, dated ``day``.

    Declined one by one: milestones that are not invoiced, or costs since the last estimate
    (ERR-F86), an estimate after the day (ERR-F84), no rate for a milestone of the contract
    (ERR-I04), and what ``judge_vouchers`` finds.
    """
    hold_vouchers(transaction, company=company)
    open_calculation(transaction)
    transaction.run(ASK, company=company, day=day)
    place_estimates(transaction, company=company)
    transaction.run(LEAVE_INCOMPLETE)
    calculate(transaction, company=company)
    open_vouchers(transaction)
    transaction.run(FIND_UNREADY)
    transaction.run(FILL_BACK, company=company)
    transaction.run(FILL_RELEASED)
    transaction.run(FILL_ON_ACCOUNT, company=company)
    transaction.run(FILL_VARIANCE)
    declined = judge_vouchers(transaction, company=company)
    enter_vouchers(transaction, company=company)
    transaction.run(ADD_ELIMINATIONS, company=company, actor=actor, at=at)
    eliminated = tuple(transaction.all(READ_ELIMINATED, company=company))
    close_vouchers(transaction)
    close_calculation(transaction)
    record_vouchers(
        transaction,
        company=company,
        kind="estimate elimination",
        vouchers=tuple(one.voucher for one in eliminated),
        actor=actor,
        at=at,
    )
    if eliminated:
        record_deed(
            transaction,
            company=company,
            act="estimates_eliminated",
            by=(actor, at),
            detail=those([one.number for one in eliminated]),
        )
    return EliminatedProjects(eliminated, declined)
