"""The vouchers of estimates: one each, in the accounting currency, balanced in every currency.

A process fills ``estimate_leg`` with what its estimates post, one leg per side; a leg without an
account gets it from the posting setup. Judging finds what speaks against an estimate; the good ones
are numbered and entered.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.structures import (
    close_combination_check,
    judge_combinations,
    open_combination_check,
)
from twofold.finance.estimates.calculation import lock_estimates
from twofold.finance.posting.accounts import (
    close_account_search,
    find_accounts,
    open_account_search,
)
from twofold.finance.posting.numbering import NumberBlock, draw_numbers
from twofold.finance.posting.recording import hold_postings, record_posting
from twofold.finance.staging.default_dimensions import (
    close_default_search,
    find_defaults,
    open_default_search,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class _Count:
    good_count: int


@dataclass(frozen=True, slots=True)
class _Problem:
    number: str
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
CREATE_LEG: Final = SQL.command("create_leg")
CREATE_PROBLEM: Final = SQL.command("create_problem")
CREATE_NUMBERED: Final = SQL.command("create_numbered")
NAME_DEFAULTS: Final = SQL.command("name_defaults")
PLACE_DEFAULTS: Final = SQL.command("place_defaults")
ANALYZE_LEG: Final = SQL.command("analyze_leg")
NAME_ACCOUNTS: Final = SQL.command("name_accounts")
PLACE_ACCOUNTS: Final = SQL.command("place_accounts")
PLACE_REPORTING: Final = SQL.command("place_reporting")
FIND_PROBLEMS: Final = SQL.command("find_problems")
NAME_COMBINATIONS: Final = SQL.command("name_combinations")
FIND_BAD_COMBINATIONS: Final = SQL.command("find_bad_combinations")
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
COUNT_GOOD: Final = SQL.query("count_good", gives=_Count)
NUMBER_ESTIMATES: Final = SQL.command("number_estimates")
ANALYZE_NUMBERED: Final = SQL.command("analyze_numbered")
ADD_ENTRIES: Final = SQL.command("add_entries")
DELETE_DRAFTS: Final = SQL.command("delete_drafts")
DROP_VOUCHERS: Final = SQL.command("drop_vouchers")


def hold_vouchers(transaction: Transaction, *, company: str) -> None:
    """Let nobody else work on the estimates of the company, nor post its costs or invoices.

    The sequence first, then the chain: the order in which every posting locks.
    """
    lock_estimates(transaction, company=company)
    draw_vouchers(transaction, company=company, count=0)
    hold_postings(transaction, company=company)


def draw_vouchers(transaction: Transaction, *, company: str, count: int) -> NumberBlock:
    """Draw so many numbers for vouchers of estimates."""
    return draw_numbers(transaction, company=company, reference="estimate_voucher", count=count)


def open_vouchers(transaction: Transaction) -> None:
    """Make the empty working tables ``estimate_leg`` and ``estimate_problem``."""
    transaction.run(CREATE_LEG)
    transaction.run(CREATE_PROBLEM)
    transaction.run(CREATE_NUMBERED)


def judge_vouchers(transaction: Transaction, *, company: str) -> tuple[Refusal, ...]:
    """Complete the legs; give what speaks against estimates, together with what was known before.

    Codes: period not open (ERR-J01), no account (ERR-J03), dimensions that an account does not take
    (ERR-J04), no rate of the reporting currency (ERR-I04).
    """
    open_default_search(transaction)
    transaction.run(NAME_DEFAULTS)
    find_defaults(transaction, company=company)
    transaction.run(PLACE_DEFAULTS)
    close_default_search(transaction)
    transaction.run(ANALYZE_LEG)
    open_account_search(transaction)
    transaction.run(NAME_ACCOUNTS)
    find_accounts(transaction, company=company)
    transaction.run(PLACE_ACCOUNTS)
    close_account_search(transaction)
    transaction.run(PLACE_REPORTING, company=company)
    transaction.run(FIND_PROBLEMS, company=company)
    open_combination_check(transaction)
    transaction.run(NAME_COMBINATIONS)
    judge_combinations(transaction, company=company)
    transaction.run(FIND_BAD_COMBINATIONS)
    close_combination_check(transaction)
    return tuple(
        refuse(one.code, f"estimate/{one.number}", field=one.field, value=one.value)
        for one in transaction.all(READ_PROBLEMS)
    )


def enter_vouchers(transaction: Transaction, *, company: str) -> None:
    """Give the estimates that nothing speaks against their vouchers; their drafts are gone."""
    count = transaction.one(COUNT_GOOD).good_count
    block = draw_vouchers(transaction, company=company, count=count)
    transaction.run(NUMBER_ESTIMATES, **asdict(block))
    transaction.run(ANALYZE_NUMBERED)
    transaction.run(ADD_ENTRIES, company=company)
    transaction.run(DELETE_DRAFTS, company=company)


def record_vouchers(
    transaction: Transaction,
    *,
    company: str,
    kind: str,
    vouchers: tuple[str, ...],
    actor: str,
    at: datetime,
) -> None:
    """Record the posting of vouchers, given in their order; without any there is nothing."""
    if vouchers:
        record_posting(
            transaction,
            company=company,
            kind=kind,
            document=f"{vouchers[0]} to {vouchers[-1]}",
            actor=actor,
            at=at,
        )


def close_vouchers(transaction: Transaction) -> None:
    """Drop the working tables."""
    transaction.run(DROP_VOUCHERS)
