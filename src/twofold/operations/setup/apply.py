"""Bring the book's setup to what a file says: add what is new, change what differs.

Rows that are as the file says are not touched, so applying a file twice writes nothing and
opens no change set. Nothing is removed, except that a price list is taken from a contract or
unit that the file no longer names as its owner.

Customers that finance created become customers of a company when it is set up.

Before  the companies have arrived from finance, each with its ledger.
After   each table of a company with rows that finance must get has one change set of kind
        ``setup``, in a stream of its own; roles and categories are shared, so a change there makes
        one for every company of the book.
Next    entries can be recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.setup.contract_lines import LINE_TABLES, MILESTONE_TABLES
from twofold.operations.setup.contracts import CONTRACT_TABLES
from twofold.operations.setup.guards import book_problems, file_problems, known_companies
from twofold.operations.setup.line_components import LINE_COMPONENTS
from twofold.operations.setup.masters import COMPANY_TABLES, MASTER_TABLES, SHARED_TABLES
from twofold.operations.setup.merging import Table, TableResult, merge_table
from twofold.operations.setup.prices import PRICE_TABLES
from twofold.operations.setup.records import OperationsSetup

SQL: Final = SqlFile(__name__)
LOCK_SETUP: Final = SQL.command("lock_setup")

NO_COMPANY: Final = ""

# In the order in which they refer to each other.
TABLES_OF_COMPANY: Final = (
    *MASTER_TABLES,
    *CONTRACT_TABLES,
    *LINE_TABLES,
    *LINE_COMPONENTS,
    *MILESTONE_TABLES,
    *PRICE_TABLES,
)


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
    """The change sets of this request: one per company and table, opened when first needed."""

    def __init__(self, transaction: Transaction, actor: str, at: datetime) -> None:
        self._transaction = transaction
        self._actor = actor
        self._at = at
        self.opened: dict[tuple[str, str], int] = {}

    def of(self, company: str, table: str) -> int:
        """Give the set of a company's table."""
        if (company, table) not in self.opened:
            change_set = open_change_set(
                self._transaction,
                company=company,
                kind="setup",
                stream=table,
                actor=self._actor,
                at=self._at,
            )
            self.opened[company, table] = change_set.set_id
        return self.opened[company, table]

    def giver(self, company: str, table: str) -> Callable[[], int]:
        """Give what opens the set of a company's table when it is asked."""
        return lambda: self.of(company, table)


def apply_setup(
    transaction: Transaction, *, setup: OperationsSetup, actor: str, at: datetime
) -> SetupResult:
    """Merge a setup into the book, or refuse it with everything that is wrong with it."""
    transaction.run(LOCK_SETUP)
    companies = known_companies(transaction)
    problems: list[Refusal] = list(file_problems(transaction, setup, companies))
    sets = _Sets(transaction, actor, at)

    def merge(tables: tuple[Table, ...], company: str) -> list[TableResult]:
        return [
            merge_table(
                transaction,
                table,
                setup=setup,
                company=company,
                set_id=sets.giver(company, table.name),
            )
            for table in tables
        ]

    # What all companies share is told in the history of each.
    shared = merge(SHARED_TABLES, NO_COMPANY)
    results = {company: merge(COMPANY_TABLES, company) for company in sorted(companies)}
    for company in sorted(set(setup.companies) & companies.keys()):
        results[company] += merge(TABLES_OF_COMPANY, company)
        problems.extend(book_problems(transaction, setup, company))
    if problems:
        # What was written so far goes with the transaction.
        raise Refused(*problems)
    for company, of_company in results.items():
        _record(transaction, company, [*shared, *of_company], (actor, at))
    tables = _summed([*shared, *chain.from_iterable(results.values())])
    for one in tables:
        refresh_statistics(
            transaction, f"operations.{one.table}", rows_added=one.added + one.changed
        )
    return SetupResult(
        tables, tuple(sorted((company, set_id) for (company, _), set_id in sets.opened.items()))
    )


def _record(
    transaction: Transaction,
    company: str,
    results: list[TableResult],
    by: tuple[str, datetime],
) -> None:
    """Keep who changed how many rows of which tables, if there are any."""
    written = {one.table: one.added + one.changed for one in results if one.added + one.changed}
    if written:
        record_deed(
            transaction,
            company=company,
            act="setup_applied",
            by=by,
            detail={"count": sum(written.values()), "tables": written},
        )


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
