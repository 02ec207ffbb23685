"""Which cost and revenue profile applies to a project, a contract and a billing method.

The choice is made once per combination. A process opens the working tables, puts the
combinations it needs into ``needed_profile``, and joins its lines to ``found_profile``; what is
missing there has no profile rule (ERR-I08).
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
CREATE_NEEDED_PROFILE: Final = SQL.command("create_needed_profile")
CREATE_FOUND_PROFILE: Final = SQL.command("create_found_profile")
FIND_PROFILES: Final = SQL.command("find_profiles")
ANALYZE_FOUND_PROFILE: Final = SQL.command("analyze_found_profile")
DROP_PROFILES: Final = SQL.command("drop_profiles")


def open_profile_search(transaction: Transaction) -> None:
    """Make the empty working tables ``needed_profile`` and ``found_profile``."""
    transaction.run(CREATE_NEEDED_PROFILE)
    transaction.run(CREATE_FOUND_PROFILE)


def find_profiles(transaction: Transaction, *, company: str) -> None:
    """Fill ``found_profile`` for every combination in ``needed_profile`` that has a rule."""
    transaction.run(FIND_PROFILES, company=company)
    transaction.run(ANALYZE_FOUND_PROFILE)


def close_profile_search(transaction: Transaction) -> None:
    """Drop the working tables, so that the transaction may search again."""
    transaction.run(DROP_PROFILES)
