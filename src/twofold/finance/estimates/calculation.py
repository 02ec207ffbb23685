"""How far estimate projects are, and what that recognises: calculated once, for all that are asked.

A process locks the estimates of its company, opens the working tables, puts what it asks for into
``asked_estimate``, places it, and calculates. ``calculated_estimate`` then has one row for each,
with a code where it cannot be estimated; ``posted_cost`` has the costs behind it.

Percent complete is spent of total cost, by the cost template: a cost line's total is its forecast,
or what was spent where that is more and the line does not say otherwise (decision Q-26). Revenue is
the line's share of its contract's milestones by standalone selling price, where prices are stated:
invoiced milestones as they were posted, the others at the rate of the day. All in the accounting
currency.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.profiles import (
    close_profile_search,
    find_profiles,
    open_profile_search,
)

SQL: Final = SqlFile(__name__)
LOCK_ESTIMATES: Final = SQL.command("lock_estimates")
CREATE_ASKED: Final = SQL.command("create_asked")
CREATE_LINE: Final = SQL.command("create_line")
CREATE_COST: Final = SQL.command("create_cost")
CREATE_PROGRESS: Final = SQL.command("create_progress")
CREATE_WORTH: Final = SQL.command("create_worth")
CREATE_CALCULATED: Final = SQL.command("create_calculated")
NAME_PROFILES: Final = SQL.command("name_profiles")
FILL_LINE: Final = SQL.command("fill_line")
ANALYZE_LINE: Final = SQL.command("analyze_line")
FILL_COST: Final = SQL.command("fill_cost")
ANALYZE_COST: Final = SQL.command("analyze_cost")
FILL_PROGRESS: Final = SQL.command("fill_progress")
ANALYZE_PROGRESS: Final = SQL.command("analyze_progress")
FILL_WORTH: Final = SQL.command("fill_worth")
ANALYZE_WORTH: Final = SQL.command("analyze_worth")
FILL_CALCULATED: Final = SQL.command("fill_calculated")
ANALYZE_CALCULATED: Final = SQL.command("analyze_calculated")
DROP_CALCULATION: Final = SQL.command("drop_calculation")


def lock_estimates(transaction: Transaction, *, company: str) -> None:
    """Let nobody else work on the estimates of the company until this transaction ends."""
    transaction.run(LOCK_ESTIMATES, company=company)


def open_calculation(transaction: Transaction) -> None:
    """Make the empty working tables; the caller fills ``asked_estimate``."""
    for create in (
        CREATE_ASKED, CREATE_LINE, CREATE_COST, CREATE_PROGRESS, CREATE_WORTH, CREATE_CALCULATED,
    ):  # fmt: skip
        transaction.run(create)


def place_estimates(transaction: Transaction, *, company: str) -> None:
    """Fill ``estimated_line``: the profile, the template and the last estimate of what is asked.

    An estimate project keeps the profile of its first estimate. The caller may delete from it.
    """
    open_profile_search(transaction)
    transaction.run(NAME_PROFILES, company=company)
    find_profiles(transaction, company=company)
    transaction.run(FILL_LINE, company=company)
    close_profile_search(transaction)
    transaction.run(ANALYZE_LINE)


def calculate(transaction: Transaction, *, company: str) -> None:
    """Fill ``posted_cost`` and ``calculated_estimate`` for every row of ``estimated_line``."""
    transaction.run(FILL_COST, company=company)
    transaction.run(ANALYZE_COST)
    transaction.run(FILL_PROGRESS, company=company)
    transaction.run(ANALYZE_PROGRESS)
    transaction.run(FILL_WORTH, company=company)
    transaction.run(ANALYZE_WORTH)
    transaction.run(FILL_CALCULATED, company=company)
    transaction.run(ANALYZE_CALCULATED)


def close_calculation(transaction: Transaction) -> None:
    """Drop the working tables, so that the transaction may calculate again."""
    transaction.run(DROP_CALCULATION)
