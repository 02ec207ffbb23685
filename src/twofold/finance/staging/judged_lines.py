"""First half of import for costs and unbilled sales: every arrived row is completed and judged.

A row gets its accounting date, category, line property, tax groups and exchange rate; a
reversal repeats those of its original. The fee of a sale becomes a row of its own. Each
decision is made once per combination of what it depends on (a currency and a day, a category
and a class) and joined back to the rows. A row that lacks something is held with the reason and
judged again at every import, alone.

After   the working table ``judged_import`` has every row taken: good ones without a code, the
        others also in ``held_actual``.
Next    ``journal_lines`` turns the good ones into journal lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import CATALOGUE, refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class JudgedLines:
    """How many rows were taken, and those that wait for something."""

    taken_count: int
    held: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _HeldLine:
    actual_id: int
    code: str
    field: str
    value: str
    transaction_type: str
    class_: str
    transaction_date: date
    project_number: str
    project_name: str


SQL: Final = SqlFile(__name__)
CREATE_TAKEN_SET: Final = SQL.command("create_taken_set")
FILL_TAKEN_SET: Final = SQL.command("fill_taken_set")
ANALYZE_TAKEN_SET: Final = SQL.command("analyze_taken_set")
MARK_SETS_IMPORTED: Final = SQL.command("mark_sets_imported")
CREATE_IMPORT_LINE: Final = SQL.command("create_import_line")
TAKE_ARRIVED: Final = SQL.command("take_arrived")
TAKE_HELD: Final = SQL.command("take_held")
TAKE_FEES: Final = SQL.command("take_fees")
ANALYZE_IMPORT_LINE: Final = SQL.command("analyze_import_line")
CREATE_IMPORT_DATE: Final = SQL.command("create_import_date")
FILL_IMPORT_DATE: Final = SQL.command("fill_import_date")
CREATE_IMPORT_RATE: Final = SQL.command("create_import_rate")
FILL_IMPORT_RATE: Final = SQL.command("fill_import_rate")
CREATE_IMPORT_CATEGORY: Final = SQL.command("create_import_category")
FILL_IMPORT_CATEGORY: Final = SQL.command("fill_import_category")
CREATE_IMPORT_PAYER: Final = SQL.command("create_import_payer")
FILL_IMPORT_PAYER: Final = SQL.command("fill_import_payer")
ANALYZE_FACTS: Final = SQL.command("analyze_facts")
CREATE_JUDGED_LINE: Final = SQL.command("create_judged_line")
JUDGE_LINES: Final = SQL.command("judge_lines")
ANALYZE_JUDGED_LINE: Final = SQL.command("analyze_judged_line")
RELEASE_HELD: Final = SQL.command("release_held")
HOLD_LINES: Final = SQL.command("hold_lines")
READ_HELD: Final = SQL.query("read_held", gives=_HeldLine)
DROP_JUDGED_LINE: Final = SQL.command("drop_judged_line")


def judge_lines(transaction: Transaction, *, company: str, at: datetime) -> JudgedLines:
    """Take what has arrived and what is held, complete each row, and hold what lacks something."""
    taken_count = _take_lines(transaction, company=company, at=at)
    _find_facts(transaction, company=company)
    transaction.run(CREATE_JUDGED_LINE)
    transaction.run(JUDGE_LINES, company=company)
    transaction.run(ANALYZE_JUDGED_LINE)
    transaction.run(RELEASE_HELD, company=company)
    transaction.run(HOLD_LINES, company=company, at=at)
    held = transaction.all(READ_HELD, company=company)
    return JudgedLines(taken_count, tuple(_refusal(line) for line in held))


def close_judged_lines(transaction: Transaction) -> None:
    """Drop the working tables, so that the transaction may import again."""
    transaction.run(DROP_JUDGED_LINE)


def _take_lines(transaction: Transaction, *, company: str, at: datetime) -> int:
    transaction.run(CREATE_TAKEN_SET)
    transaction.run(FILL_TAKEN_SET, company=company)
    transaction.run(ANALYZE_TAKEN_SET)
    transaction.run(MARK_SETS_IMPORTED, company=company, at=at)
    transaction.run(CREATE_IMPORT_LINE)
    arrived_count = transaction.run(TAKE_ARRIVED, company=company)
    held_count = transaction.run(TAKE_HELD, company=company)
    transaction.run(ANALYZE_IMPORT_LINE)
    fee_count = transaction.run(TAKE_FEES, company=company)
    return arrived_count + held_count + fee_count


def _find_facts(transaction: Transaction, *, company: str) -> None:
    transaction.run(CREATE_IMPORT_DATE)
    transaction.run(FILL_IMPORT_DATE, company=company)
    transaction.run(CREATE_IMPORT_RATE)
    transaction.run(FILL_IMPORT_RATE, company=company)
    transaction.run(CREATE_IMPORT_CATEGORY)
    transaction.run(FILL_IMPORT_CATEGORY, company=company)
    transaction.run(CREATE_IMPORT_PAYER)
    transaction.run(FILL_IMPORT_PAYER, company=company)
    transaction.run(ANALYZE_FACTS)


def _refusal(line: _HeldLine) -> Refusal:
    kind = line.transaction_type.replace("_", " ")
    return refuse(
        line.code,
        f"actual/{line.actual_id}",
        field=line.field,
        value=line.value,
        reason=(
            f"{CATALOGUE[line.code].title}: {kind}, {line.class_} of {line.transaction_date} "
            f"on project {line.project_number} {line.project_name}".rstrip()
        ),
    )
