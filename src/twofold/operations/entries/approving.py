"""What approving makes, for one entry or a million: actuals in one block, and open sales.

``approve`` turns what waits into actuals; ``readjustment`` makes those of approved entries anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.operations.backlog.open_sales import open_sales

ACTUAL_KEY: Final = "operations.actual_key"

# What is billed and what is not, for each customer; one cost besides.
SALES_PER_CUSTOMER_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class Project:
    """A project that was found by its number."""

    project_id: int


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry_count: int


@dataclass(frozen=True, slots=True)
class _Customers:
    customer_count: int


@dataclass(frozen=True, slots=True)
class Numbered:
    """How many entries were approved, and the last key their actuals will have."""

    entry_count: int
    last_key: int | None


@dataclass(frozen=True, slots=True)
class ActualTotal:
    """What the approval made, per transaction type, billing type and currency."""

    transaction_type: str
    billing_type: str
    currency: str
    actual_count: int
    quantity: Decimal
    amount: Decimal


SQL: Final = SqlFile(__name__)
FIND_PROJECT: Final = SQL.query("find_project", gives=Project)
CREATE_SPLIT: Final = SQL.command("create_split")
FIND_SPLIT: Final = SQL.command("find_split")
ANALYZE_SPLIT: Final = SQL.command("analyze_split")
COUNT_CUSTOMERS: Final = SQL.query("count_customers", gives=_Customers)
DROP_SPLIT: Final = SQL.command("drop_split")
COUNT_WAITING: Final = SQL.query("count_waiting", gives=_Waiting)
APPROVE_ENTRIES: Final = SQL.query("approve_entries", gives=Numbered)
WRITE_ACTUALS: Final = SQL.command("write_actuals")
CLOSE_APPROVALS: Final = SQL.command("close_approvals")
TOTAL_ACTUALS: Final = SQL.query("total_actuals", gives=ActualTotal)


def count_waiting(
    transaction: Transaction,
    *,
    company: str,
    entry_ids: list[int] | None,
    project_id: int | None = None,
    up_to: date | None = None,
) -> int:
    """Count the entries that wait for a decision, of those named."""
    return transaction.one(
        COUNT_WAITING, company=company, entry_ids=entry_ids, project_id=project_id, up_to=up_to
    ).entry_count


def open_split(transaction: Transaction, *, company: str) -> int:
    """Note who pays which share of every line until ``close_split``; give the most per line.

    What counts keys and what writes actuals must see the same shares.
    """
    transaction.run(CREATE_SPLIT)
    transaction.run(FIND_SPLIT, company=company)
    transaction.run(ANALYZE_SPLIT)
    return transaction.one(COUNT_CUSTOMERS).customer_count


def close_split(transaction: Transaction) -> None:
    """Forget the shares, so that the next approval of the transaction can note them anew."""
    transaction.run(DROP_SPLIT)


def key_count_max(entry_count: int, customer_count: int) -> int:
    """Tell how many keys the actuals of entries need at most, with customers per line."""
    return entry_count * (1 + SALES_PER_CUSTOMER_MAX * customer_count)


def approve_anew(
    transaction: Transaction, *, company: str, entry_ids: list[int], first_key: int
) -> Numbered:
    """Approve entries that were submitted anew in this transaction, and number their actuals."""
    return transaction.one(
        APPROVE_ENTRIES,
        company=company,
        entry_ids=entry_ids,
        project_id=None,
        up_to=None,
        entry_count=len(entry_ids),
        first_key=first_key,
    )


def write_approved(
    transaction: Transaction,
    *,
    company: str,
    block: tuple[int, int],
    event: Literal["approval", "adjustment", "contract_change"],
    set_id: int,
) -> None:
    """Write the actuals of entries that were just numbered, and open their sales for billing.

    Before  the shares are noted (``open_split``).
    """
    first_key, last_key = block
    written = transaction.run(
        WRITE_ACTUALS,
        company=company,
        first_key=first_key,
        last_key=last_key,
        event=event,
        set_id=set_id,
    )
    assert written == last_key - first_key + 1, f"{company}: {written} actuals from {first_key}"
    refresh_statistics(transaction, "operations.actual", rows_added=written)
    open_sales(transaction, company=company, first_key=first_key, last_key=last_key)
    transaction.run(CLOSE_APPROVALS, company=company, first_key=first_key, last_key=last_key)


def total_actuals(
    transaction: Transaction, *, company: str, block: tuple[int, int]
) -> list[ActualTotal]:
    """Add up a block of actuals, per type, billing type and currency."""
    first_key, last_key = block
    return transaction.all(TOTAL_ACTUALS, company=company, first_key=first_key, last_key=last_key)
