"""Import from staging: what arrived from operations gets its accounting facts.

Costs and unbilled sales become integration-journal lines; proposal headers get their lines once
everything behind them is posted. One bad row never stops the others: it is held with its reason
and judged again at the next import. Running it again without news changes nothing.

Before  the company has its project parameters and number sequences.
After   every change set that arrived is imported; each of its rows is a journal line or held;
        each proposal that waited has all lines, or none and its reasons.
Next    ``journal.post`` posts the journals; then import again, and ``posting.post`` posts the
        proposals that became ready.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.staging.journal_lines import FilledJournal, make_journal_lines
from twofold.finance.staging.judged_lines import close_judged_lines, judge_lines
from twofold.finance.staging.proposal_lines import make_proposal_lines
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class ImportRun:
    """What one import did. ``refusals`` name held rows and what proposals wait for."""

    taken_count: int
    line_count: int
    held_count: int
    journals: tuple[FilledJournal, ...]
    ready_proposal_ids: tuple[int, ...]
    waiting_proposal_count: int
    empty_proposal_count: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Lock:
    is_taken: bool


@dataclass(frozen=True, slots=True)
class _Parameters:
    company: str


SQL: Final = SqlFile(__name__)
LOCK_COMPANY: Final = SQL.query("lock_company", gives=_Lock)
FIND_PARAMETERS: Final = SQL.query("find_parameters", gives=_Parameters)


def import_from_staging(
    transaction: Transaction, *, company: str, actor: str, at: datetime, on: date
) -> ImportRun:
    """Import everything that has arrived for one company.

    ``at`` is the moment of the import, ``on`` the business day: the due date of an invoice
    without terms. Refused: ERR-I09 while another import of the company runs, ERR-J08 when
    the company is not set up.
    """
    record = f"company/{company}"
    if not transaction.one(LOCK_COMPANY, company=company).is_taken:
        raise Refused(refuse("ERR-I09", record, field="actor", value=actor))
    if transaction.first(FIND_PARAMETERS, company=company) is None:
        raise Refused(refuse("ERR-J08", record, field="parameter"))

    judged = judge_lines(transaction, company=company, at=at)
    line_count = judged.taken_count - len(judged.held)
    journals: tuple[FilledJournal, ...] = ()
    if line_count:
        journals = make_journal_lines(transaction, company=company, at=at)
    close_judged_lines(transaction)
    proposals = make_proposal_lines(transaction, company=company, on=on, actor=actor, at=at)
    return ImportRun(
        taken_count=judged.taken_count,
        line_count=line_count,
        held_count=len(judged.held),
        journals=journals,
        ready_proposal_ids=proposals.ready_ids,
        waiting_proposal_count=proposals.waiting_count,
        empty_proposal_count=proposals.empty_count,
        refusals=(*judged.held, *proposals.problems),
    )
