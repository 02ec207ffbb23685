"""Cancel actuals that entry journals made: the journal's «actuals to cancel».

Before  they were made by an entry journal, and nothing of them is reversed, on a draft or billed.
After   each has a reversal, and its sale has left the backlog; or all are as they were, with a
        refusal for each that cannot be cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.entries.reversal import Reversed, cancel_chosen, choose_reversals

NOT_CANCELLABLE: Final = "ERR-B58"


@dataclass(frozen=True, slots=True)
class _Locked:
    locked_count: int


@dataclass(frozen=True, slots=True)
class _Problem:
    actual_id: int


SQL: Final = SqlFile(__name__)
LOCK_JOURNAL_ITEMS: Final = SQL.query("lock_journal_items", gives=_Locked)
FIND_NOT_CANCELLABLE: Final = SQL.query("find_not_cancellable", gives=_Problem)
CHOOSE_NAMED: Final = SQL.command("choose_named")


def cancel_journal_actuals(
    transaction: Transaction, *, company: str, actual_ids: Iterable[int], actor: str, at: datetime
) -> Reversed:
    """Reverse the actuals named, at least one, or refuse those that cannot be (ERR-B58)."""
    asked = sorted(set(actual_ids))
    assert asked, "a cancellation names at least one actual"
    transaction.one(LOCK_JOURNAL_ITEMS, company=company, actual_ids=asked)
    problems = transaction.all(FIND_NOT_CANCELLABLE, company=company, actual_ids=asked)
    if problems:
        raise Refused(
            *(refuse(NOT_CANCELLABLE, f"actual {company}/{one.actual_id}") for one in problems)
        )
    count = choose_reversals(transaction, CHOOSE_NAMED, actual_ids=asked)
    record_deed(
        transaction,
        company=company,
        act="journal_actuals_cancelled",
        by=(actor, at),
        detail=those(asked),
    )
    return cancel_chosen(transaction, company=company, count=count, actor=actor, at=at)
