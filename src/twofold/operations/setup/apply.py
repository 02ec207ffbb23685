"""Bring the book's setup to what a file says: add what is new, change what differs.

Rows that are as the file says are not touched, so applying a file twice writes nothing and
opens no change set. Nothing is removed, except that a price list is taken from a contract or
unit that the file no longer names as its owner.

Before  the companies have arrived from finance.
After   each company with rows that finance must get has one change set of kind ``setup``; roles
        and categories are shared, so a change there makes one for every company of the book.
Next    entries can be recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.setup.contracts import CONTRACT_TABLES
from twofold.operations.setup.guards import book_problems, file_problems, known_companies
from twofold.operations.setup.masters import MASTER_TABLES, SHARED_TABLES
from twofold.operations.setup.merging import TableResult, merge_table
from twofold.operations.setup.prices import PRICE_TABLES
from twofold.operations.setup.records import OperationsSetup

SQL: Final = SqlFile(__name__)
LOCK_SETUP: Final = SQL.command("lock_setup")

NO_COMPANY: Final = ""


@dataclass(frozen=True, slots=True)
class SetupResult:
    """What one file did: rows per table, over all companies, and the sets opened for finance."""

    tables: tuple[TableResult, ...]
    set_ids: tuple[tuple[str, int], ...]

    @property
    def written(self) -> int:
        """How many rows were added or changed; none when the book was as the file says."""
        return sum(table.added + table.changed for table in self.tables)


class _Sets:
    """The change sets of this request: at most one per company, opened when first needed."""

    def __init__(self, transaction: Transaction, actor: str, at: datetime) -> None:
        self._transaction = transaction
        self._actor = actor
        self._at = at
        self.opened: dict[str, int] = {}

    def of(self, company: str) -> int:
        """Give the set of a company."""
        if company not in self.opened:
            change_set = open_change_set(
                self._transaction,
                company=company,
                kind="setup",
                stream="setup",
                actor=self._actor,
                at=self._at,
            )
            self.opened[company] = change_set.set_id
        return self.opened[company]

    def giver(self, company: str) -> Callable[[], int]:
        """Give what opens the set of a company when it is asked."""
        return lambda: self.of(company)


def apply_setup(
    transaction: Transaction, *, setup: OperationsSetup, actor: str, at: datetime
) -> SetupResult:
    """Merge a setup into the book, or refuse it with everything that is wrong with it."""
    transaction.run(LOCK_SETUP)
    companies = known_companies(transaction)
    problems: list[Refusal] = list(file_problems(transaction, setup, companies))
    sets = _Sets(transaction, actor, at)
    results = _merge_shared(transaction, setup, companies, sets)
    for company in sorted(set(setup.companies) & companies.keys()):
        for table in (*MASTER_TABLES, *CONTRACT_TABLES, *PRICE_TABLES):
            result = merge_table(
                transaction, table, setup=setup, company=company, set_id=sets.giver(company)
            )
            results.append(result)
        problems.extend(book_problems(transaction, setup, company))
    if problems:
        # What was written so far goes with the transaction.
        raise Refused(*problems)
    tables = _summed(results)
    for one in tables:
        refresh_statistics(
            transaction, f"operations.{one.table}", rows_added=one.added + one.changed
        )
    return SetupResult(tables, tuple(sorted(sets.opened.items())))


def _merge_shared(
    transaction: Transaction, setup: OperationsSetup, companies: dict[str, str], sets: _Sets
) -> list[TableResult]:
    """Merge what all companies share; every company of the book must hear of a change."""
    results = [
        merge_table(
            transaction, table, setup=setup, company=NO_COMPANY, set_id=sets.giver(NO_COMPANY)
        )
        for table in SHARED_TABLES
    ]
    if any(result.added or result.changed for result in results):
        for company in sorted(companies):
            sets.of(company)
    return results


def _summed(results: list[TableResult]) -> tuple[TableResult, ...]:
    """Add up the companies, table by table, in the order of the tables."""
    names = dict.fromkeys(result.table for result in results)
    return tuple(
        TableResult(
            table=name,
            added=sum(result.added for result in results if result.table == name),
            changed=sum(result.changed for result in results if result.table == name),
            unchanged=sum(result.unchanged for result in results if result.table == name),
        )
        for name in names
    )
