"""What people see of the billing backlog: its items page by page, and totals per contract.

Only open work is in the backlog, so adjusted, reversed and invoiced sales never show. Milestones
show beside time and material items until they are posted; retainers until they are invoiced, and
again, with a negative amount, while they are to be refunded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.operations.backlog.selection import Kind

LAST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class BacklogFilter:
    """Which open work to see; None does not narrow. ``as_of`` leaves out what is dated later.

    ``state`` is created (not ready), ready, on_proforma or in_process.
    """

    contract_id: int | None = None
    customer_id: int | None = None
    project_id: int | None = None
    as_of: date | None = None
    kind: Kind | None = None
    state: str | None = None


EVERYTHING: Final = BacklogFilter()


@dataclass(frozen=True, slots=True)
class Place:
    """An item's place in the list, behind which its next page begins."""

    contract_id: int
    kind: str
    key: int


@dataclass(frozen=True, slots=True)
class BacklogItem:
    """One unbilled sale, milestone or retainer; ``key`` is that of its kind.

    What is billed of it is ``amount`` less ``discount_amount`` with ``fee_amount``. A retainer is
    on no contract line and no project. ``name`` is who or what was at work, or what it is called;
    ``exceeds`` the level of the first limit that did not suffice.
    """

    kind: str
    key: int
    contract_id: int
    contract_number: str
    contract_line: str | None
    customer_account: str | None
    project_number: str | None
    transaction_class: str
    billing_type: str
    transaction_date: date
    quantity: Decimal
    amount: Decimal
    discount_amount: Decimal
    fee_amount: Decimal
    currency: str
    state: str
    not_to_exceed: str
    exceeds: str | None
    name: str | None
    proforma_number: str | None

    @property
    def place(self) -> Place:
        """Where the item stands in the list."""
        return Place(self.contract_id, self.kind, self.key)


@dataclass(frozen=True, slots=True)
class ContractBacklog:
    """The open work of one contract, by state: extended amounts in its currency, if chargeable.

    ``place`` is where it stands in the order that was asked for, from one up.
    """

    contract_id: int
    contract_number: str
    contract_name: str
    customer_account: str
    currency: str
    created_count: int
    created_amount: Decimal
    ready_count: int
    ready_amount: Decimal
    on_proforma_count: int
    on_proforma_amount: Decimal
    place: int


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of the numbers people use; None for a number that was not given or is unknown."""

    contract_id: int | None
    project_id: int | None
    customer_id: int | None


@dataclass(frozen=True, slots=True)
class _Count:
    count: int


SQL: Final = SqlFile(__name__)
COUNT_BACKLOG: Final = SQL.query("count_backlog", gives=_Count)
LIST_BACKLOG: Final = SQL.query("list_backlog", gives=BacklogItem)
BACKLOG_TOTALS: Final = SQL.query("backlog_totals", gives=ContractBacklog)
FIND_KEYS: Final = SQL.query("find_keys", gives=Keys)


def list_backlog(
    reader: Reader,
    *,
    company: str,
    only: BacklogFilter = EVERYTHING,
    after: Place | None = None,
    limit: int,
) -> list[BacklogItem]:
    """Give the next items after ``after``: by contract its sales, its retainers, its milestones."""
    contract, sale, retainer, milestone = _place(after)
    return reader.all(
        LIST_BACKLOG,
        company=company,
        contract_id=only.contract_id,
        customer_id=only.customer_id,
        project_id=only.project_id,
        as_of=only.as_of,
        kind=only.kind,
        state=only.state,
        after_contract_id=contract,
        after_actual_id=sale,
        after_retainer_id=retainer,
        after_milestone_id=milestone,
        rows_max=limit,
    )


def count_backlog(reader: Reader, *, company: str, only: BacklogFilter, count_max: int) -> int:
    """Count the items of one kind or of all; where there are more, ``count_max``."""
    return reader.one(
        COUNT_BACKLOG,
        company=company,
        contract_id=only.contract_id,
        customer_id=only.customer_id,
        project_id=only.project_id,
        as_of=only.as_of,
        kind=only.kind,
        state=only.state,
        count_max=count_max,
    ).count


def backlog_totals(
    reader: Reader,
    *,
    company: str,
    only: BacklogFilter = EVERYTHING,
    sort: str = "",
    after: int = 0,
    limit: int | None = None,
) -> list[ContractBacklog]:
    """Give count and chargeable amount per contract and state, milestones included.

    By number, or by contract, customer, created, ready or on_proforma ('-' before it: descending);
    ``after`` is the place of the last contract seen. Without a ``limit`` all of them.
    """
    return reader.all(
        BACKLOG_TOTALS,
        company=company,
        contract_id=only.contract_id,
        customer_id=only.customer_id,
        project_id=only.project_id,
        as_of=only.as_of,
        sort=sort.removeprefix("-"),
        is_down=sort.startswith("-"),
        after=after,
        rows_max=limit,
    )


def find_keys(
    reader: Reader,
    *,
    company: str,
    contract: str | None = None,
    project: str | None = None,
    customer: str | None = None,
) -> Keys:
    """Give the keys of a contract's number, a project's number and a customer's account."""
    return reader.one(
        FIND_KEYS, company=company, contract=contract, project=project, customer=customer
    )


def _place(after: Place | None) -> tuple[int, int, int, int]:
    """Give contract, sale, retainer and milestone behind which the next page begins."""
    if after is None:
        return -1, LAST, LAST, LAST
    if after.kind == "sale":
        return after.contract_id, after.key, -1, -1
    if after.kind == "retainer":
        return after.contract_id, LAST, after.key, -1
    return after.contract_id, LAST, LAST, after.key
