"""Which combinations of dimensions an account does not take, by the account structures.

Judged once per account and combination, never per line. A process opens the working tables, puts
the accounts it really posts to into ``needed_combination`` (0 stands for no dimensions), and joins
to ``bad_combination``, which says what is wrong (ERR-J04). An account in no structure takes any
combination.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction


@dataclass(frozen=True, slots=True)
class _Found:
    has_structures: bool


SQL: Final = SqlFile(__name__)
FIND_STRUCTURES: Final = SQL.query("find_structures", gives=_Found)
CREATE_NEEDED_COMBINATION: Final = SQL.command("create_needed_combination")
CREATE_BAD_COMBINATION: Final = SQL.command("create_bad_combination")
JUDGE_COMBINATIONS: Final = SQL.command("judge_combinations")
ANALYZE_BAD_COMBINATION: Final = SQL.command("analyze_bad_combination")
DROP_COMBINATIONS: Final = SQL.command("drop_combinations")


def has_structures(reader: Reader, *, company: str) -> bool:
    """Say whether a company has account structures at all."""
    return reader.one(FIND_STRUCTURES, company=company).has_structures


def open_combination_check(transaction: Transaction) -> None:
    """Make the empty working tables ``needed_combination`` and ``bad_combination``."""
    transaction.run(CREATE_NEEDED_COMBINATION)
    transaction.run(CREATE_BAD_COMBINATION)


def judge_combinations(transaction: Transaction, *, company: str) -> int:
    """Fill ``bad_combination`` from ``needed_combination``; give how many are not valid."""
    bad_count = transaction.run(JUDGE_COMBINATIONS, company=company)
    transaction.run(ANALYZE_BAD_COMBINATION)
    return bad_count


def close_combination_check(transaction: Transaction) -> None:
    """Drop the working tables, so that the transaction may check again."""
    transaction.run(DROP_COMBINATIONS)
