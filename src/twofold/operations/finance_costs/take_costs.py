"""Take over the costs that finance posted itself: each becomes a cost and, if it is sold, a sale.

Before  general journals and vendor invoices of finance have arrived (``maps/finance_costs.toml``).
After   each of their lines has a cost actual, which is never sent because finance has it, and
        on a line of time and material an unbilled sale, which is. A document is an entry journal,
        confirmed at once. A line that cannot be priced or paid stays, with its reason.
Next    the sales are in the backlog, and come to finance by staging like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal
from twofold.operations.backlog.open_sales import open_sales
from twofold.operations.entries.pricing import price_submission
from twofold.operations.entries.reversal import ACTUAL_KEY
from twofold.operations.entries.submission import (
    close_submission,
    open_submission,
)
from twofold.operations.keys import take_keys

JOURNAL_KEY: Final = "operations.journal_key"


@dataclass(frozen=True, slots=True)
class TakenCosts:
    """How many costs and sales were made; ``refusals`` are of the lines that stay."""

    cost_count: int
    sale_count: int
    journal_count: int
    set_id: int | None
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Lock:
    is_taken: bool


@dataclass(frozen=True, slots=True)
class _Problem:
    document: str
    line_number: int
    code: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class _Counts:
    cost_count: int
    sale_count: int
    journal_count: int


SQL: Final = SqlFile(__name__)
LOCK_COSTS: Final = SQL.query("lock_costs", gives=_Lock)
GATHER_COSTS: Final = SQL.command("gather_costs")
CREATE_PROBLEM: Final = SQL.command("create_problem")
FIND_PROBLEMS: Final = SQL.command("find_problems")
LIST_PROBLEMS: Final = SQL.query("list_problems", gives=_Problem)
CREATE_TAKEN_LINE: Final = SQL.command("create_taken_line")
FILL_TAKEN_LINE: Final = SQL.command("fill_taken_line")
ANALYZE_TAKEN_LINE: Final = SQL.command("analyze_taken_line")
COUNT_TAKEN: Final = SQL.query("count_taken", gives=_Counts)
OPEN_JOURNALS: Final = SQL.command("open_journals")
WRITE_LINES: Final = SQL.command("write_lines")
WRITE_ACTUALS: Final = SQL.command("write_actuals")
NOTE_TAKEN: Final = SQL.command("note_taken")
CLOSE_JOURNALS: Final = SQL.command("close_journals")
DROP_TAKEN: Final = SQL.command("drop_taken")


def take_costs(transaction: Transaction, *, company: str, actor: str, at: datetime) -> TakenCosts:
    """Make the actuals of every finance cost that has none, and tell which cannot have them.

    A line stays where its project is completed here (ERR-E24), a price that follows the cost has
    no rate (ERR-E25), or who is to pay is not on the contract (ERR-B56).
    """
    transaction.one(LOCK_COSTS, company=company)
    open_submission(transaction)
    transaction.run(GATHER_COSTS, company=company)
    price_submission(transaction, companies=(company,))
    transaction.run(CREATE_PROBLEM)
    transaction.run(FIND_PROBLEMS, company=company)
    refusals = tuple(
        refuse(one.code, f"{one.document} line {one.line_number}", field=one.field, value=one.value)
        for one in transaction.all(LIST_PROBLEMS, company=company)
    )
    transaction.run(CREATE_TAKEN_LINE)
    transaction.run(FILL_TAKEN_LINE, company=company)
    transaction.run(ANALYZE_TAKEN_LINE)
    counts = transaction.one(COUNT_TAKEN)
    set_id = None
    if counts.cost_count:
        set_id = _write(transaction, company=company, counts=counts, actor=actor, at=at)
        record_deed(
            transaction,
            company=company,
            act="finance_costs_taken",
            by=(actor, at),
            detail={"count": counts.cost_count, "refused": len(refusals)},
        )
    transaction.run(DROP_TAKEN)
    close_submission(transaction)
    return TakenCosts(counts.cost_count, counts.sale_count, counts.journal_count, set_id, refusals)


def _write(
    transaction: Transaction, *, company: str, counts: _Counts, actor: str, at: datetime
) -> int:
    """Write a journal per document, its lines and their actuals; give the set they travel in."""
    line_count = counts.cost_count + counts.sale_count
    first_journal = take_keys(transaction, JOURNAL_KEY, how_many=counts.journal_count)
    first_key = take_keys(transaction, ACTUAL_KEY, how_many=line_count)
    last_key = first_key + line_count - 1
    change_set = open_change_set(
        transaction,
        company=company,
        kind="approval",
        stream=f"finance-costs/{first_key}",
        actor=actor,
        at=at,
    )
    change_set.covers(first_key, last_key)
    numbered = {"company": company, "first_journal": first_journal}
    transaction.run(OPEN_JOURNALS, **numbered, actor=actor, at=at)
    transaction.run(WRITE_LINES, **numbered)
    transaction.run(WRITE_ACTUALS, company=company, first_key=first_key, set_id=change_set.set_id)
    refresh_statistics(transaction, "operations.actual", rows_added=line_count)
    transaction.run(NOTE_TAKEN, **numbered, first_key=first_key)
    open_sales(transaction, company=company, first_key=first_key, last_key=last_key)
    transaction.run(
        CLOSE_JOURNALS,
        **numbered,
        first_key=first_key,
        set_id=change_set.set_id,
        actor=actor,
        at=at,
    )
    return change_set.set_id
