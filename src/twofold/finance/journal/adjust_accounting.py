"""Adjust the accounting of posted project transactions: other dimensions, nothing else (P19.9).

The ledger is never changed. One voucher takes back what the transactions posted with their old
dimensions and states it with the new ones: same accounts, amounts, currencies. A posted reversal
follows its original; one that still waits on a journal takes the new dimensions when it is posted.

Before  the transactions are posted, and stand on no proposal: its proforma is not confirmed, or all
        lines of the proposal were deleted.
After   each carries the new dimensions, and so does work in progress; the adjustment says who
        changed them, and why.
Next    import from staging makes the lines of a proposal with the new dimensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.changes import (
    change_sets,
    close_changes,
    open_changes,
    unknown_dimensions,
)
from twofold.finance.dimensions.structures import (
    close_combination_check,
    judge_combinations,
    open_combination_check,
)
from twofold.finance.posting.numbering import draw_numbers
from twofold.finance.posting.recording import record_posting
from twofold.finance.staging.import_lock import await_import
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Which transactions get which dimensions, and why.

    ``dimensions`` are those to change, "" takes one away; ``of_offset`` turns them to the offset
    side of costs. ``accounting_date`` dates the entries; without it each is dated as it was.
    """

    actual_ids: tuple[int, ...]
    dimensions: Mapping[str, str]
    reason: str
    of_offset: bool = False
    accounting_date: date | None = None


@dataclass(frozen=True, slots=True)
class AdjustedAccounting:
    """What the adjustment did. Without a voucher everything was as asked for already."""

    voucher: str | None
    transaction_count: int
    entry_count: int


@dataclass(frozen=True, slots=True)
class _Problem:
    actual_id: int
    code: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class _Changed:
    changed_count: int


@dataclass(frozen=True, slots=True)
class _Recorded:
    voucher: str
    adjustment_number: int


SQL: Final = SqlFile(__name__)
CREATE_ADJUSTED_LINE: Final = SQL.command("create_adjusted_line")
FILL_ADJUSTED_LINE: Final = SQL.command("fill_adjusted_line")
NAME_SETS: Final = SQL.command("name_sets")
PLACE_SETS: Final = SQL.command("place_sets")
CREATE_ADJUSTED_LEG: Final = SQL.command("create_adjusted_leg")
FILL_ADJUSTED_LEG: Final = SQL.command("fill_adjusted_leg")
NAME_COMBINATIONS: Final = SQL.command("name_combinations")
COUNT_CHANGED: Final = SQL.query("count_changed", gives=_Changed)
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
RECORD_ADJUSTMENT: Final = SQL.query("record_adjustment", gives=_Recorded)
ADD_ADJUSTED: Final = SQL.command("add_adjusted")
ADD_ENTRIES: Final = SQL.command("add_entries")
DROP_ADJUSTED_LINE: Final = SQL.command("drop_adjusted_line")


def adjust_accounting(
    transaction: Transaction, *, company: str, adjustment: Adjustment, actor: str, at: datetime
) -> AdjustedAccounting:
    """Give posted transactions other dimensions.

    Refused with everything at once: not posted (ERR-J16), a reversal (ERR-J12), on a proposal
    (ERR-F03), invoiced (ERR-J17), period not open (ERR-J01), dimension unknown (ERR-J11), not taken
    by an account (ERR-J04), nothing given (ERR-J15).
    """
    await_import(transaction, company=company)
    refusals = unknown_dimensions(
        transaction, company=company, record="adjustment", changes=adjustment.dimensions
    )
    if not adjustment.dimensions or not adjustment.actual_ids:
        refusals.append(refuse("ERR-J15", "adjustment", field="change"))
    _take(transaction, company=company, adjustment=adjustment)
    refusals += _problems(transaction, company=company)
    if refusals:
        raise Refused(*refusals)
    adjusted = AdjustedAccounting(None, 0, 0)
    if transaction.one(COUNT_CHANGED).changed_count:
        adjusted = _write(transaction, company=company, adjustment=adjustment, actor=actor, at=at)
    transaction.run(DROP_ADJUSTED_LINE)
    return adjusted


def _take(transaction: Transaction, *, company: str, adjustment: Adjustment) -> None:
    """Fill ``adjusted_line`` with old and new dimensions, ``adjusted_leg`` with what that moves."""
    transaction.run(CREATE_ADJUSTED_LINE)
    transaction.run(
        FILL_ADJUSTED_LINE,
        company=company,
        actual_ids=sorted(set(adjustment.actual_ids)),
        accounting_date=adjustment.accounting_date,
    )
    open_changes(transaction)
    transaction.run(NAME_SETS, of_offset=adjustment.of_offset)
    change_sets(transaction, company=company, changes=adjustment.dimensions)
    transaction.run(PLACE_SETS, of_offset=adjustment.of_offset)
    close_changes(transaction)
    transaction.run(CREATE_ADJUSTED_LEG)
    transaction.run(FILL_ADJUSTED_LEG)


def _problems(transaction: Transaction, *, company: str) -> list[Refusal]:
    open_combination_check(transaction)
    transaction.run(NAME_COMBINATIONS)
    judge_combinations(transaction, company=company)
    problems = transaction.all(READ_PROBLEMS)
    close_combination_check(transaction)
    return [
        refuse(one.code, f"actual/{one.actual_id}", field=one.field, value=one.value)
        for one in problems
    ]


def _write(
    transaction: Transaction, *, company: str, adjustment: Adjustment, actor: str, at: datetime
) -> AdjustedAccounting:
    numbers = draw_numbers(
        transaction, company=company, reference="integration_journal_voucher", count=1
    )
    recorded = transaction.one(
        RECORD_ADJUSTMENT,
        company=company,
        prefix=numbers.prefix,
        digits=numbers.digits,
        first_number=numbers.first_number,
        reason=adjustment.reason,
        actor=actor,
        at=at,
    )
    given = {
        "company": company,
        "voucher": recorded.voucher,
        "adjustment_number": recorded.adjustment_number,
    }
    count = transaction.run(ADD_ADJUSTED, **given)
    entry_count = transaction.run(ADD_ENTRIES, company=company, voucher=recorded.voucher)
    record_posting(
        transaction,
        company=company,
        kind="adjustment",
        document=f"adjustment {recorded.adjustment_number}",
        actor=actor,
        at=at,
    )
    record_deed(
        transaction,
        company=company,
        act="accounting_adjusted",
        by=(actor, at),
        number=recorded.voucher,
        detail={
            **those(sorted(set(adjustment.actual_ids))),
            "changes": dict(adjustment.dimensions),
            "reason": adjustment.reason,
        },
    )
    return AdjustedAccounting(recorded.voucher, count, entry_count)
