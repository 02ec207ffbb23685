"""The accounting of costs: the profile, accounts and dimensions of every line.

Before  ``costing_line`` has what the lines name, and their tax.
After   each line has its profile, its accounts on both sides and that of recoverable tax, and its
        dimensions, as far as the setup has them; a combination that an account does not take is
        noted. All of it was found once per combination.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.sets import uses_dimensions
from twofold.finance.dimensions.structures import (
    close_combination_check,
    has_structures,
    judge_combinations,
    open_combination_check,
)
from twofold.finance.posting.accounts import (
    close_account_search,
    find_accounts,
    open_account_search,
)
from twofold.finance.posting.profiles import (
    close_profile_search,
    find_profiles,
    open_profile_search,
)
from twofold.finance.staging.default_dimensions import (
    close_default_search,
    find_defaults,
    open_default_search,
)

SQL: Final = SqlFile(__name__)
NAME_PROFILES: Final = SQL.command("name_profiles")
NAME_ACCOUNTS: Final = SQL.command("name_accounts")
PLACE_COSTS: Final = SQL.command("place_costs")
NAME_DEFAULTS: Final = SQL.command("name_defaults")
TAKE_DEFAULTS: Final = SQL.command("take_defaults")
NAME_COMBINATIONS: Final = SQL.command("name_combinations")
REFUSE_COMBINATIONS: Final = SQL.command("refuse_combinations")


def place_costs(transaction: Transaction, *, company: str) -> None:
    """Find profile, accounts and dimensions of every line of ``costing_line``."""
    open_profile_search(transaction)
    transaction.run(NAME_PROFILES)
    find_profiles(transaction, company=company)
    open_account_search(transaction)
    transaction.run(NAME_ACCOUNTS, company=company)
    find_accounts(transaction, company=company)
    transaction.run(PLACE_COSTS, company=company)
    close_account_search(transaction)
    close_profile_search(transaction)
    if uses_dimensions(transaction, company=company):
        open_default_search(transaction)
        transaction.run(NAME_DEFAULTS)
        find_defaults(transaction, company=company)
        transaction.run(TAKE_DEFAULTS)
        close_default_search(transaction)
    if has_structures(transaction, company=company):
        open_combination_check(transaction)
        transaction.run(NAME_COMBINATIONS)
        if judge_combinations(transaction, company=company):
            transaction.run(REFUSE_COMBINATIONS)
        close_combination_check(transaction)
