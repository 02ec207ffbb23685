"""Post one integration journal: its lines become project transactions and ledger entries.

Every line is judged first. Good lines are posted together, one transaction for the whole
journal; bad ones move to a journal of their own, in state error, with the reason on each line.
Where no line is good nothing is posted, and the journal itself becomes the one in error.

Lines of an opening-balance journal go to the subledger only (spec P38.1): the ledger has them as
balances, whatever period they lie in. A sale is kept as accrued where the profile says so.

A line that reverses a posted transaction mirrors it: its rate and profile, and the accounts it
accrued on, whatever the setup says by now.

Before  the journal is a draft and has lines, or a run has taken it (``posting_run``).
After   it is posted, or in error with nothing posted; no line of it waits any more.
Next    the change set of the posting brings voucher and amounts to the operations book;
        ``update_to_draft`` gives the bad lines another try once their reasons are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.structures import (
    close_combination_check,
    has_structures,
    judge_combinations,
    open_combination_check,
)
from twofold.finance.journal.effects import (
    DraftJournal,
    post_good_lines,
    refuse_journal,
    split_bad_lines,
)
from twofold.finance.journal.ledger_lines import close_ledger_lines, open_ledger_lines
from twofold.finance.posting.accounts import (
    close_account_search,
    find_accounts,
    open_account_search,
)
from twofold.finance.posting.offsets import close_offsets, open_offsets
from twofold.finance.posting.profiles import (
    close_profile_search,
    find_profiles,
    open_profile_search,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class PostedJournal:
    """What became of a journal. ``state`` is posted, or error where no line could be posted."""

    journal_id: int
    number: str
    state: str
    posted_count: int
    refused_count: int
    entry_count: int
    error_journal_number: str | None
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Journal:
    number: str
    state: str
    is_beginning_balance: bool
    has_lines: bool


@dataclass(frozen=True, slots=True)
class _Sum:
    good_count: int
    bad_count: int
    first_actual_id: int | None
    last_actual_id: int | None


SQL: Final = SqlFile(__name__)
LOCK_JOURNAL: Final = SQL.query("lock_journal", gives=_Journal)
NAME_PROFILES: Final = SQL.command("name_profiles")
NAME_ACCOUNTS: Final = SQL.command("name_accounts")
CREATE_POSTING_DATE: Final = SQL.command("create_posting_date")
FILL_POSTING_DATE: Final = SQL.command("fill_posting_date")
ANALYZE_POSTING_DATE: Final = SQL.command("analyze_posting_date")
CREATE_JUDGED_LINE: Final = SQL.command("create_judged_line")
JUDGE_LINES: Final = SQL.command("judge_lines")
ANALYZE_JUDGED_LINE: Final = SQL.command("analyze_judged_line")
NAME_COMBINATIONS: Final = SQL.command("name_combinations")
REFUSE_COMBINATIONS: Final = SQL.command("refuse_combinations")
FORGET_MESSAGES: Final = SQL.command("forget_messages")
LOG_BAD_LINES: Final = SQL.command("log_bad_lines")
SUM_UP: Final = SQL.query("sum_up", gives=_Sum)
DROP_JUDGED_LINE: Final = SQL.command("drop_judged_line")


def post_journal(
    transaction: Transaction,
    *,
    company: str,
    journal_id: int,
    actor: str,
    at: datetime,
    posting_run_id: int | None = None,
) -> PostedJournal:
    """Post a draft journal, or one that this run has taken.

    Refused with ERR-J09 when it is neither, or has no lines.
    """
    journal = _lock_journal(
        transaction, company=company, journal_id=journal_id, posting_run_id=posting_run_id
    )
    summed = _judge_lines(transaction, journal)
    transaction.run(FORGET_MESSAGES, company=company)
    if summed.bad_count:
        transaction.run(LOG_BAD_LINES, company=company, at=at)
    error_number: str | None = None
    refusals: tuple[Refusal, ...] = ()
    entry_count = 0
    if summed.first_actual_id is None or summed.last_actual_id is None:
        refusals = refuse_journal(transaction, journal)
    else:
        if summed.bad_count:
            error_number, refusals = split_bad_lines(transaction, journal, at=at)
        keys = (summed.first_actual_id, summed.last_actual_id)
        entry_count = post_good_lines(transaction, journal, keys=keys, actor=actor, at=at)
    transaction.run(DROP_JUDGED_LINE)
    close_ledger_lines(transaction)
    _record(transaction, journal, summed, (actor, at))
    return PostedJournal(
        journal_id=journal_id,
        number=journal.number,
        state="posted" if summed.good_count else "error",
        posted_count=summed.good_count,
        refused_count=summed.bad_count,
        entry_count=entry_count,
        error_journal_number=error_number,
        refusals=refusals,
    )


def _lock_journal(
    transaction: Transaction, *, company: str, journal_id: int, posting_run_id: int | None
) -> DraftJournal:
    journal = transaction.first(
        LOCK_JOURNAL, company=company, journal_id=journal_id, posting_run_id=posting_run_id
    )
    if journal is None:
        raise Refused(refuse("ERR-J09", f"journal/{journal_id}", field="state", value="unknown"))
    record = f"journal/{journal.number}"
    if journal.state not in {"draft", "taken"}:
        raise Refused(refuse("ERR-J09", record, field="state", value=journal.state))
    if not journal.has_lines:
        raise Refused(refuse("ERR-J09", record, field="lines", value="none"))
    return DraftJournal(company, journal_id, journal.number, journal.is_beginning_balance)


def _record(
    transaction: Transaction, journal: DraftJournal, summed: _Sum, by: tuple[str, datetime]
) -> None:
    """Keep who posted the journal, or tried to."""
    record_deed(
        transaction,
        company=journal.company,
        act="journal_posted" if summed.good_count else "journal_refused",
        by=by,
        number=journal.number,
        detail={"count": summed.good_count, "refused": summed.bad_count},
    )


def _judge_lines(transaction: Transaction, journal: DraftJournal) -> _Sum:
    """Fill ``ledger_line``, and ``judged_ledger_line`` with what becomes of each line."""
    company = journal.company
    open_ledger_lines(transaction, company=company, journal_id=journal.journal_id)
    open_profile_search(transaction)
    transaction.run(NAME_PROFILES)
    find_profiles(transaction, company=company)
    open_account_search(transaction)
    transaction.run(NAME_ACCOUNTS, company=company)
    find_accounts(transaction, company=company)
    open_offsets(transaction, company=company)
    transaction.run(CREATE_POSTING_DATE)
    transaction.run(
        FILL_POSTING_DATE, company=company, is_beginning_balance=journal.is_beginning_balance
    )
    transaction.run(ANALYZE_POSTING_DATE)
    transaction.run(CREATE_JUDGED_LINE)
    transaction.run(JUDGE_LINES, company=company)
    transaction.run(ANALYZE_JUDGED_LINE)
    close_offsets(transaction)
    close_account_search(transaction)
    close_profile_search(transaction)
    if has_structures(transaction, company=company):
        _judge_dimensions(transaction, company=company)
    return transaction.one(SUM_UP)


def _judge_dimensions(transaction: Transaction, *, company: str) -> None:
    """Refuse lines whose accounts do not take their dimensions (P19.3)."""
    open_combination_check(transaction)
    transaction.run(NAME_COMBINATIONS)
    if judge_combinations(transaction, company=company):
        transaction.run(REFUSE_COMBINATIONS)
    close_combination_check(transaction)
