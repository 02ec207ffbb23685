"""Which dimensions of proposals the accounts they post to do not take (ERR-J04, P22.1).

Judged are revenue, discounts, tax and the customer balance. What a credit takes back, and what
leaves work in progress, goes where it came from and is not judged.

Before  the working tables of ``post`` are filled: invoices, lines, taxes, revenue accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.structures import (
    close_combination_check,
    has_structures,
    judge_combinations,
    open_combination_check,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class _Problem:
    number: str
    value: str


SQL: Final = SqlFile(__name__)
CREATE_POSTING_COMBINATION: Final = SQL.command("create_posting_combination")
FILL_POSTING_COMBINATION: Final = SQL.command("fill_posting_combination")
NAME_COMBINATIONS: Final = SQL.command("name_combinations")
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
DROP_POSTING_COMBINATION: Final = SQL.command("drop_posting_combination")


def combination_problems(transaction: Transaction, *, company: str) -> list[Refusal]:
    """Give a refusal per proposal and combination that an account does not take."""
    if not has_structures(transaction, company=company):
        return []
    transaction.run(CREATE_POSTING_COMBINATION)
    transaction.run(FILL_POSTING_COMBINATION)
    open_combination_check(transaction)
    transaction.run(NAME_COMBINATIONS)
    judge_combinations(transaction, company=company)
    problems = transaction.all(READ_PROBLEMS)
    close_combination_check(transaction)
    transaction.run(DROP_POSTING_COMBINATION)
    return [
        refuse("ERR-J04", f"proposal/{one.number}", field="dimensions", value=one.value)
        for one in problems
    ]
