"""What import gives proposals besides lines of work: on-account accounting, header dimensions.

An on-account line has the default dimensions of its contract line and project, and whatever an
accountant gave the on-account transaction before (spec P28.1-2). The header has those of its
funding source, else of its customer, completed with what all lines agree on (P20.1, P21.5); where a
person gave it others they stay. They go to the customer balance only.

Before  the working table ``billed_sale`` is filled, and ``ready_proposal`` for the header.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.sets import close_sets, intern_sets, open_sets, uses_dimensions
from twofold.finance.staging.default_dimensions import (
    close_default_search,
    find_defaults,
    open_default_search,
)

SQL: Final = SqlFile(__name__)
NAME_ON_ACCOUNT: Final = SQL.command("name_on_account")
PLACE_ON_ACCOUNT: Final = SQL.command("place_on_account")
APPLY_ACCOUNTING: Final = SQL.command("apply_accounting")
CREATE_HEADER_DIMENSION: Final = SQL.command("create_header_dimension")
FILL_HEADER_DIMENSION: Final = SQL.command("fill_header_dimension")
WANT_HEADER_SETS: Final = SQL.command("want_header_sets")
PLACE_HEADER_DIMENSIONS: Final = SQL.command("place_header_dimensions")
DROP_HEADER_DIMENSION: Final = SQL.command("drop_header_dimension")


def give_on_account_accounting(transaction: Transaction, *, company: str) -> None:
    """Give on-account lines of ``billed_sale`` their dimensions and the groups a person chose."""
    if uses_dimensions(transaction, company=company):
        open_default_search(transaction)
        if transaction.run(NAME_ON_ACCOUNT, company=company):
            find_defaults(transaction, company=company)
            transaction.run(PLACE_ON_ACCOUNT, company=company)
        close_default_search(transaction)
    transaction.run(APPLY_ACCOUNTING, company=company)


def give_header_dimensions(transaction: Transaction, *, company: str) -> None:
    """Give every header of ``ready_proposal`` its default dimensions."""
    if not uses_dimensions(transaction, company=company):
        return
    transaction.run(CREATE_HEADER_DIMENSION)
    transaction.run(FILL_HEADER_DIMENSION, company=company)
    open_sets(transaction)
    transaction.run(WANT_HEADER_SETS)
    intern_sets(transaction, company=company)
    transaction.run(PLACE_HEADER_DIMENSIONS, company=company)
    close_sets(transaction)
    transaction.run(DROP_HEADER_DIMENSION)
