"""State the cut-off of the opening balances: the last day before the company works with Twofold.

Actuals with an accounting date up to it are brought over: the import collects them on a journal of
opening balances, whose lines go to the subledger only, because the ledger received the same days as
balances (spec P38.1). What is dated later is imported as always.

Before  nothing dated up to it is posted or on a journal.
After   the day is stated; the next import goes by it.
Next    ``staging.import_from_staging``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.staging.import_lock import lock_import
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class CutOff:
    """The last day that is brought over, and the day stated before."""

    cut_off_on: date
    before: date | None


@dataclass(frozen=True, slots=True)
class _Stated:
    cut_off_on: date


@dataclass(frozen=True, slots=True)
class _Posted:
    journal_id: int
    number: str
    is_beginning_balance: bool


@dataclass(frozen=True, slots=True)
class _Draft:
    number: str


SQL: Final = SqlFile(__name__)
FIND_POSTED: Final = SQL.query("find_posted", gives=_Posted)
FIND_DRAFTS: Final = SQL.query("find_drafts", gives=_Draft)
READ_CUT_OFF: Final = SQL.query("read_cut_off", gives=_Stated)
STATE_CUT_OFF: Final = SQL.command("state_cut_off")


def state_cut_off(
    transaction: Transaction, *, company: str, cut_off_on: date, actor: str, at: datetime
) -> CutOff:
    """State or change the cut-off.

    Refused: ERR-I11 once an opening balance, or anything dated up to it, is posted; ERR-I12 while
    such lines wait on a journal; ERR-I09 while an import runs.
    """
    lock_import(transaction, company=company, actor=actor)
    stated = transaction.first(READ_CUT_OFF, company=company)
    before = stated.cut_off_on if stated else None
    if before == cut_off_on:
        return CutOff(cut_off_on, before)
    posted = transaction.first(FIND_POSTED, company=company, cut_off_on=cut_off_on)
    if posted is not None:
        raise Refused(
            refuse("ERR-I11", f"journal/{posted.number}", field="cut_off", value=str(cut_off_on))
        )
    drafts = transaction.all(FIND_DRAFTS, company=company, cut_off_on=cut_off_on)
    if drafts:
        raise Refused(
            *(
                refuse("ERR-I12", f"journal/{one.number}", field="cut_off", value=str(cut_off_on))
                for one in drafts
            )
        )
    transaction.run(STATE_CUT_OFF, company=company, cut_off_on=cut_off_on, actor=actor, at=at)
    record_deed(
        transaction,
        company=company,
        act="cut_off_stated",
        by=(actor, at),
        detail={"changes": {"cut_off_on": {"from": before, "to": cut_off_on}}},
    )
    return CutOff(cut_off_on, before)
