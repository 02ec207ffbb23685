"""Which ledger account a posting type leads to: by project, category, funding source, tax group.

The search is made once per combination, never per line. A process opens the working tables,
puts the combinations it needs into ``needed_account``, and joins its lines to
``found_account``; what is missing there has no account in the posting setup (ERR-J03).
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
CREATE_NEEDED_ACCOUNT: Final = SQL.command("create_needed_account")
CREATE_FOUND_ACCOUNT: Final = SQL.command("create_found_account")
FIND_ACCOUNTS: Final = SQL.command("find_accounts")
ANALYZE_FOUND_ACCOUNT: Final = SQL.command("analyze_found_account")
DROP_ACCOUNTS: Final = SQL.command("drop_accounts")


def open_account_search(transaction: Transaction) -> None:
    """Make the empty working tables ``needed_account`` and ``found_account``."""
    transaction.run(CREATE_NEEDED_ACCOUNT)
    transaction.run(CREATE_FOUND_ACCOUNT)


def find_accounts(transaction: Transaction, *, company: str) -> None:
    """Fill ``found_account`` for every combination in ``needed_account`` that has one."""
    transaction.run(FIND_ACCOUNTS, company=company)
    transaction.run(ANALYZE_FOUND_ACCOUNT)


def close_account_search(transaction: Transaction) -> None:
    """Drop the working tables, so that the transaction may search again."""
    transaction.run(DROP_ACCOUNTS)
