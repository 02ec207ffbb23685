"""What an entry journal's lines mean: found in the setup, priced, allowed or not.

``write_entry_journal`` asks before it writes them, and ``confirm_entry_journal`` again, because
the setup may have changed meanwhile. Each line is priced by the statements of submission as if
it were an entry; of the result a cost line takes the cost, a line of unbilled sales the sale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import Command, SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.entries.pricing import price_submission
from twofold.operations.entries.submission import (
    close_submission,
    open_submission,
)


@dataclass(frozen=True, slots=True)
class _Problem:
    line_number: int
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
CREATE_GIVEN_LINE: Final = SQL.command("create_given_line")
ANALYZE_GIVEN_LINE: Final = SQL.command("analyze_given_line")
GATHER_LINES: Final = SQL.command("gather_lines")
LIST_LINE_PROBLEMS: Final = SQL.query("list_line_problems", gives=_Problem)
DROP_GIVEN_LINE: Final = SQL.command("drop_given_line")


def judge_lines(
    transaction: Transaction, fill: Command, *, company: str, record: str, **given: object
) -> int:
    """Gather lines in ``pg_temp.given_line`` with ``fill``, price them and tell how many there are.

    Refused with all that is wrong with any of them.

    After   ``pg_temp.given_line`` and ``pg_temp.priced`` hold the lines, until ``close_lines``.
    """
    transaction.run(CREATE_GIVEN_LINE)
    line_count = transaction.run(fill, company=company, **given)
    transaction.run(ANALYZE_GIVEN_LINE)
    open_submission(transaction)
    transaction.run(GATHER_LINES, company=company)
    price_submission(transaction, companies=(company,))
    problems = transaction.all(LIST_LINE_PROBLEMS, company=company)
    if problems:
        raise Refused(
            *(
                refuse(
                    one.code, f"{record} line {one.line_number}", field=one.field, value=one.value
                )
                for one in problems
            )
        )
    return line_count


def close_lines(transaction: Transaction) -> None:
    """Drop the working tables."""
    transaction.run(DROP_GIVEN_LINE)
    close_submission(transaction)
