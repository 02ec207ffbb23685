"""What entries sell for and what they cost, for one entry or a million.

Entries find their contract line, the price lists in force and their prices, and what is wrong with
them. Whoever submits, readjusts or only asks puts the entries into ``pg_temp.submission``.

Before  the working tables are open, ``submission`` is filled.
After   ``pg_temp.priced`` holds every entry, with prices or with a code.
Next    ``submission`` writes them, or the caller reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an entry cannot be submitted."""

    entry_id: int
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
WORKING_TABLES: Final = (
    SQL.command("create_agreed"),
    SQL.command("create_effective_list"),
    SQL.command("create_priced"),
)
# A table that was just filled has no statistics, and the next statement joins it.
ANALYZE_SUBMISSION: Final = SQL.command("analyze_submission")
ANALYZE_AGREED: Final = SQL.command("analyze_agreed")
ANALYZE_EFFECTIVE_LIST: Final = SQL.command("analyze_effective_list")
ANALYZE_PRICED: Final = SQL.command("analyze_priced")
FIND_AGREED: Final = SQL.command("find_agreed")
FIND_EFFECTIVE_LISTS: Final = SQL.command("find_effective_lists")
FIND_PRICES: Final = SQL.command("find_prices")
LIST_PROBLEMS: Final = SQL.query("list_problems", gives=Problem)
DROP_PRICING: Final = SQL.command("drop_pricing")


def open_pricing(transaction: Transaction) -> None:
    """Make the working tables, empty."""
    for create in WORKING_TABLES:
        transaction.run(create)


def price_submission(transaction: Transaction, *, companies: tuple[str, ...]) -> list[Problem]:
    """Price the entries in ``pg_temp.submission``; give what is wrong with some of them.

    Before  ``pg_temp.submission`` holds the entries of these companies.
    After   ``pg_temp.priced`` holds them all, each with prices or with a code.
    """
    transaction.run(ANALYZE_SUBMISSION)
    for company in companies:
        transaction.run(FIND_AGREED, company=company)
    transaction.run(ANALYZE_AGREED)
    for company in companies:
        transaction.run(FIND_EFFECTIVE_LISTS, company=company)
    transaction.run(ANALYZE_EFFECTIVE_LIST)
    for company in companies:
        transaction.run(FIND_PRICES, company=company)
    transaction.run(ANALYZE_PRICED)
    return transaction.all(LIST_PROBLEMS)


def close_pricing(transaction: Transaction) -> None:
    """Drop the working tables."""
    transaction.run(DROP_PRICING)
