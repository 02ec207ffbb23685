"""The part of import that gives proposals their lines: all of them, or none with the reasons.

A header says how many chargeable billed sales it announces, and the hash over their keys. Its
lines are made only when exactly those have arrived, each unbilled sale behind them is posted
with its fee, each milestone has its on-account transaction open, and terms and tax rates are
known. A billed retainer waits for nothing else: its line is a prepayment, or a deduction where
it is applied or refunded. What a correction reverses becomes a credit line that mirrors the
posted line, once that is posted and what is open again is posted too. A proposal dated up to the
cut-off is closed without lines: its sales were invoiced before. Until then the header keeps its
zero amount, and ``proposal_problem`` says row by row what it waits for.

After   each header that waited has all its lines and its totals, or is closed with nothing to
        bill, or is as before with its problems renewed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deeds
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.staging.billed_sales import drop_billed_sales, take_billed_sales
from twofold.finance.staging.proposal_dimensions import give_header_dimensions
from twofold.finance.tax.line_tax import close_tax_search, open_tax_search
from twofold.kernel.catalogue import CATALOGUE, refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class FilledProposals:
    """What became of the headers that waited for lines."""

    ready_ids: tuple[int, ...]
    waiting_count: int
    empty_count: int
    brought_over_count: int
    problems: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Problem:
    proposal_number: str
    code: str
    field: str
    value: str
    row_count: int
    first_date: date | None
    last_date: date | None
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class _Ready:
    proposal_id: int


@dataclass(frozen=True, slots=True)
class _Closed:
    number: str


SQL: Final = SqlFile(__name__)
CREATE_OPEN_PROPOSAL: Final = SQL.command("create_open_proposal")
FILL_OPEN_PROPOSAL: Final = SQL.command("fill_open_proposal")
ANALYZE_OPEN_PROPOSAL: Final = SQL.command("analyze_open_proposal")
CLEAR_PROBLEMS: Final = SQL.command("clear_problems")
NOTE_HEADER_PROBLEMS: Final = SQL.command("note_header_problems")
NOTE_LINE_PROBLEMS: Final = SQL.command("note_line_problems")
FORGET_MESSAGES: Final = SQL.command("forget_messages")
LOG_PROBLEMS: Final = SQL.command("log_problems")
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
CREATE_READY_PROPOSAL: Final = SQL.command("create_ready_proposal")
FILL_READY_PROPOSAL: Final = SQL.command("fill_ready_proposal")
ANALYZE_READY_PROPOSAL: Final = SQL.command("analyze_ready_proposal")
ADD_LINES: Final = SQL.command("add_lines")
BRING_OVER: Final = SQL.command("bring_over")
CLOSE_EMPTY: Final = SQL.query("close_empty", gives=_Closed)
READ_READY: Final = SQL.query("read_ready", gives=_Ready)
DROP_OPEN_PROPOSAL: Final = SQL.command("drop_open_proposal")


def make_proposal_lines(
    transaction: Transaction,
    *,
    company: str,
    on: date,
    actor: str,
    at: datetime,
    proposal_id: int | None,
) -> FilledProposals:
    """Give every header that waits (or this one) its lines, or renew the reasons why it waits.

    A header that is closed with nothing to bill says so in its history (decision Q-07).
    """
    transaction.run(CREATE_OPEN_PROPOSAL)
    open_count = transaction.run(
        FILL_OPEN_PROPOSAL, company=company, today=on, proposal_id=proposal_id
    )
    transaction.run(ANALYZE_OPEN_PROPOSAL)
    open_tax_search(transaction)
    take_billed_sales(transaction, company=company)
    _note_problems(transaction, company=company, at=at)
    problems = transaction.all(READ_PROBLEMS, company=company)

    transaction.run(CREATE_READY_PROPOSAL)
    transaction.run(FILL_READY_PROPOSAL, company=company)
    transaction.run(ANALYZE_READY_PROPOSAL)
    transaction.run(ADD_LINES, company=company)
    give_header_dimensions(transaction, company=company)
    brought_over_count = transaction.run(BRING_OVER, company=company)
    empty = transaction.all(CLOSE_EMPTY, company=company, actor=actor, at=at)
    record_deeds(
        transaction,
        company=company,
        act="proposal_nothing_to_bill",
        by=(actor, at),
        done={one.number: {} for one in empty},
    )
    ready_ids = tuple(row.proposal_id for row in transaction.all(READ_READY))
    close_tax_search(transaction)
    drop_billed_sales(transaction)
    transaction.run(DROP_OPEN_PROPOSAL)
    return FilledProposals(
        ready_ids,
        waiting_count=open_count - len(ready_ids) - len(empty) - brought_over_count,
        empty_count=len(empty),
        brought_over_count=brought_over_count,
        problems=tuple(_refusal(problem) for problem in problems),
    )


def _note_problems(transaction: Transaction, *, company: str, at: datetime) -> None:
    transaction.run(CLEAR_PROBLEMS, company=company)
    transaction.run(NOTE_HEADER_PROBLEMS, company=company)
    transaction.run(NOTE_LINE_PROBLEMS, company=company)
    transaction.run(FORGET_MESSAGES, company=company)
    transaction.run(LOG_PROBLEMS, company=company, at=at)


def _refusal(problem: _Problem) -> Refusal:
    record = f"proposal/{problem.proposal_number}"
    title = CATALOGUE[problem.code].title
    if problem.field == "corrects_number":
        title = f"What it corrects is not posted, invoice proposal {problem.value}"
    if problem.first_date is None:
        return refuse(problem.code, record, field=problem.field, value=problem.value)
    return refuse(
        problem.code,
        record,
        field=problem.field,
        value=(
            problem.value
            if problem.row_count == 1 or problem.field == "corrects_number"
            else f"{problem.row_count} rows"
        ),
        reason=(
            f"{title}: {problem.row_count} of {problem.first_date} to {problem.last_date}, "
            f"together {problem.amount} {problem.currency}"
        ),
    )
