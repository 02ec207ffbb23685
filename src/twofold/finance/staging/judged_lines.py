"""First half of import for costs and unbilled sales: every arrived row is completed and judged.

A row gets its accounting date, category, line property, tax groups and exchange rate; a
reversal repeats those of its original. The fee of a sale becomes a row of its own. Each
decision is made once per combination of what it depends on (a currency and a day, a category
and a class) and joined back to the rows. A row that lacks something is held with the reason and
judged again at every import, alone.

Before  ``taken_rows`` has filled the working table ``import_line``.
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
HOLD_LINES: Final = SQL.command("hold_lines")
FORGET_MESSAGES: Final = SQL.command("forget_messages")
LOG_HELD: Final = SQL.command("log_held")
READ_HELD: Final = SQL.query("read_held", gives=_HeldLine)
DROP_JUDGED_LINE: Final = SQL.command("drop_judged_line")


def judge_lines(transaction: Transaction, *, company: str, at: datetime) -> tuple[Refusal, ...]:
    """Complete each row taken; hold what lacks something, and give the reasons."""
    _find_facts(transaction, company=company)
    transaction.run(CREATE_JUDGED_LINE)
    transaction.run(JUDGE_LINES, company=company)
    transaction.run(ANALYZE_JUDGED_LINE)
    transaction.run(HOLD_LINES, company=company, at=at)
    transaction.run(FORGET_MESSAGES, company=company)
    transaction.run(LOG_HELD, company=company, at=at)
    return tuple(_refusal(line) for line in transaction.all(READ_HELD, company=company))


def close_judged_lines(transaction: Transaction) -> None:
    """Drop the working tables, so that the transaction may import again."""
    transaction.run(DROP_JUDGED_LINE)


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
