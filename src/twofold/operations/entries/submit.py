"""Submit drafts, and entries that came back, for approval.

Before  the entries are drafts, returned or rejected.
After   each is submitted, with priced journal lines and an approval; or is as it was, with a
        refusal. There are no actuals yet.
Next    approve.py, reject.py, or recall.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal
from twofold.operations.entries.pricing import price_submission
from twofold.operations.entries.states import choose_entries, entry_record, move_entries
from twofold.operations.entries.submission import (
    GATHER_SUBMISSION,
    close_submission,
    open_submission,
    write_submission,
)


@dataclass(frozen=True, slots=True)
class SubmitResult:
    """How many entries were submitted, how many found no price, and which were refused."""

    entry_count: int
    unpriced_count: int
    uncosted_count: int
    refusals: tuple[Refusal, ...]


def submit_entries(
    transaction: Transaction, *, company: str, entry_ids: Iterable[int], actor: str, at: datetime
) -> SubmitResult:
    """Submit the entries that can be; one that cannot does not hold up the others."""
    chosen = choose_entries(
        transaction,
        company=company,
        entry_ids=entry_ids,
        states=("draft", "returned", "rejected"),
    )
    open_submission(transaction)
    transaction.run(GATHER_SUBMISSION, company=company, entry_ids=list(chosen.entry_ids))
    problems = price_submission(transaction, companies=(company,))
    chosen = chosen.without(
        (
            refuse(
                problem.code,
                entry_record(company, problem.entry_id),
                field=problem.field,
                value=problem.value,
            )
            for problem in problems
        ),
        (problem.entry_id for problem in problems),
    )
    move_entries(
        transaction,
        company=company,
        entry_ids=chosen.entry_ids,
        states=("submitted", "submitted"),
        act="entries_submitted",
        by=(actor, at),
    )
    counts = write_submission(transaction, company=company, actor=actor, at=at)
    close_submission(transaction)
    return SubmitResult(
        entry_count=counts.entry_count,
        unpriced_count=counts.unpriced_count,
        uncosted_count=counts.uncosted_count,
        refusals=chosen.refusals,
    )
