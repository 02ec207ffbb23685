"""One table of the setup and how the file's rows are merged into it.

A merge is asked twice. Asked without keys it writes nothing and tells what it would do; only if
that is something are keys taken and a change set opened, and it is asked again to do it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from twofold.database.merge import Shape, Verdict, merge_statement
from twofold.database.statement import Command, Query
from twofold.database.transaction import Transaction
from twofold.operations.keys import take_keys
from twofold.operations.setup.records import (
    LineComponent,
    LineCustomer,
    OfCompany,
    OperationsSetup,
)

SETUP_KEY: Final = "operations.setup_key"
MILESTONE_KEY: Final = "operations.milestone_key"

# Where a table has no keys of its own there are none to take, and any number says «write».
NO_KEY: Final = 0

Row = Mapping[str, object]
Rows = Callable[[OperationsSetup, str], list[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its statement, the rows of the file for one company, and its keys.

    ``travels`` says that its rows carry the number of the change set that takes them to finance.
    """

    name: str
    merge: Query[Verdict]
    rows: Rows
    key_sequence: str | None = None
    travels: bool = False


@dataclass(frozen=True, slots=True)
class TableResult:
    """What became of the rows that the file has for one table."""

    table: str
    added: int
    changed: int
    unchanged: int


def merged_table(
    name: str, given: Command, shape: Shape, rows: Rows, *, key_sequence: str = SETUP_KEY
) -> Table:
    """Declare a table of the book that is merged by natural key.

    ``given`` selects what the file's rows mean in the table's columns.
    """
    return Table(
        name,
        merge_statement(f"operations.{name}", shape, given=given),
        rows,
        key_sequence if shape.number else None,
        travels=bool(shape.set_column),
    )


def rows_of_company(pick: Callable[[OperationsSetup], Iterable[OfCompany]]) -> Rows:
    """Rows of a table are the fields of its records, for the company asked for."""

    def rows(setup: OperationsSetup, company: str) -> list[Row]:
        return [asdict(record) for record in pick(setup) if record.company == company]

    return rows


def rows_of_lines(
    pick: Callable[[OperationsSetup], Iterable[LineCustomer | LineComponent]],
) -> Rows:
    """Rows are every line, by its number alone, then what the file lists of it."""

    def rows(setup: OperationsSetup, company: str) -> list[Row]:
        lines = [
            {"contract": one.contract, "line_number": one.line_number}
            for one in setup.contract_lines
            if one.company == company
        ]
        return [*lines, *(asdict(one) for one in pick(setup) if one.company == company)]

    return rows


def of_the_book(_setup: OperationsSetup, _company: str) -> list[Row]:
    """Rows that the book has already: the statement finds them, the file says nothing of them."""
    return [{}]


def merge_table(
    transaction: Transaction,
    table: Table,
    *,
    setup: OperationsSetup,
    company: str,
    set_id: Callable[[], int],
) -> TableResult:
    """Bring one table to what the file says. ``set_id`` is asked only if rows that travel change.

    After  rows that are as the file says are untouched.
    """
    rows = table.rows(setup, company)
    if not rows:
        return TableResult(table.name, 0, 0, 0)
    arguments: dict[str, object] = {
        "company": company,
        "rows": json.dumps(rows, default=str),
        "first_key": None,
        "set_id": None,
    }
    result = _ask(transaction, table, arguments)
    if result.added or result.changed:
        arguments["first_key"] = NO_KEY
        if table.key_sequence and result.added:
            key = take_keys(transaction, table.key_sequence, how_many=result.added)
            arguments["first_key"] = key
        if table.travels:
            arguments["set_id"] = set_id()
        _ask(transaction, table, arguments)
    return result


def _ask(transaction: Transaction, table: Table, arguments: Mapping[str, object]) -> TableResult:
    given = {name: arguments[name] for name in table.merge.parameters}
    counts = {row.verdict: row.row_count for row in transaction.all(table.merge, **given)}
    return TableResult(
        table=table.name,
        added=counts.get("added", 0),
        changed=counts.get("changed", 0),
        unchanged=counts.get("unchanged", 0),
    )
