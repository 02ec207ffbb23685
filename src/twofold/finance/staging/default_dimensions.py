"""The default dimensions of lines: of project, contract line and worker, merged by the rules.

Found once per combination of class, project, contract line and worker. A process opens the working
tables, puts what it needs into ``needed_default``, and joins its lines to ``found_default``; what
is missing there has no dimensions.

The project's dimensions, or where none are stated those of its contract or of its customer, come
first and the contract line fills what they lack; a rule may turn that round. Without a rule only
fixed-price lines count, and on-account amounts take those of the contract line first (spec 4.4,
4.10, P18.8). A cost also takes those of its worker: against its own side the project wins; on the
offset of hours, the payroll allocation, the worker wins, on that of expenses the project.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.sets import close_sets, intern_sets, open_sets
from twofold.finance.posting.profiles import (
    close_profile_search,
    find_profiles,
    open_profile_search,
)

SQL: Final = SqlFile(__name__)
CREATE_NEEDED_DEFAULT: Final = SQL.command("create_needed_default")
CREATE_FOUND_DEFAULT: Final = SQL.command("create_found_default")
NAME_PROFILES: Final = SQL.command("name_profiles")
CREATE_MERGED_DEFAULT: Final = SQL.command("create_merged_default")
MERGE_DEFAULTS: Final = SQL.command("merge_defaults")
WANT_SETS: Final = SQL.command("want_sets")
FILL_FOUND_DEFAULT: Final = SQL.command("fill_found_default")
ANALYZE_FOUND_DEFAULT: Final = SQL.command("analyze_found_default")
DROP_DEFAULTS: Final = SQL.command("drop_defaults")


def open_default_search(transaction: Transaction) -> None:
    """Make the empty working tables ``needed_default`` and ``found_default``."""
    transaction.run(CREATE_NEEDED_DEFAULT)
    transaction.run(CREATE_FOUND_DEFAULT)
    transaction.run(CREATE_MERGED_DEFAULT)
    transaction.run(ANALYZE_FOUND_DEFAULT)


def find_defaults(transaction: Transaction, *, company: str) -> None:
    """Fill ``found_default`` for every combination in ``needed_default`` that has dimensions."""
    open_profile_search(transaction)
    transaction.run(NAME_PROFILES)
    find_profiles(transaction, company=company)
    transaction.run(MERGE_DEFAULTS, company=company)
    close_profile_search(transaction)
    open_sets(transaction)
    transaction.run(WANT_SETS)
    intern_sets(transaction, company=company)
    transaction.run(FILL_FOUND_DEFAULT)
    close_sets(transaction)
    transaction.run(ANALYZE_FOUND_DEFAULT)


def close_default_search(transaction: Transaction) -> None:
    """Drop the working tables, so that the transaction may search again."""
    transaction.run(DROP_DEFAULTS)
