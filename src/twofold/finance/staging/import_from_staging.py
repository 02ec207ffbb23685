"""Import from staging: what arrived from operations gets its accounting facts.

Costs and unbilled sales become integration-journal lines; proposal headers get their lines once
everything behind them is posted. One bad row never stops the others: it is held with its reason
and judged again at the next import. Running it again without news changes nothing.

The same for one proposal alone: only the unbilled sales it needs, and its lines.

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

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.staging.import_lock import lock_import
from twofold.finance.staging.journal_lines import FilledJournal, make_journal_lines
from twofold.finance.staging.judged_lines import close_judged_lines, judge_lines
from twofold.finance.staging.line_dimensions import (
    close_line_dimensions,
    find_line_dimensions,
)
from twofold.finance.staging.proposal_lines import make_proposal_lines
from twofold.finance.staging.taken_rows import (
    close_taken_rows,
    take_all_rows,
    take_rows_of_proposal,
)
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
    brought_over_proposal_count: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Parameters:
    company: str


@dataclass(frozen=True, slots=True)
class _Proposal:
    proposal_id: int


SQL: Final = SqlFile(__name__)
FIND_PARAMETERS: Final = SQL.query("find_parameters", gives=_Parameters)
PURGE_MESSAGES: Final = SQL.command("purge_messages")
FIND_PROPOSAL: Final = SQL.query("find_proposal", gives=_Proposal)


def import_from_staging(
    transaction: Transaction,
    *,
    company: str,
    actor: str,
    at: datetime,
    on: date,
    proposal_number: str | None = None,
) -> ImportRun:
    """Import everything that has arrived for one company, or what one proposal needs.

    ``at`` is the moment of the import, ``on`` the business day: the due date of an invoice
    without terms. Refused: ERR-I09 while another import of the company runs, ERR-J08 when
    the company is not set up, ERR-F09 when there is no such proposal.
    """
    lock_import(transaction, company=company, actor=actor)
    if transaction.first(FIND_PARAMETERS, company=company) is None:
        raise Refused(refuse("ERR-J08", f"company/{company}", field="parameter"))
    transaction.run(PURGE_MESSAGES, company=company, at=at)
    proposal_id = None
    if proposal_number is None:
        taken_count = take_all_rows(transaction, company=company, at=at)
    else:
        proposal_id = _find_proposal(transaction, company=company, number=proposal_number)
        taken_count = take_rows_of_proposal(transaction, company=company, proposal_id=proposal_id)
    held = judge_lines(transaction, company=company, at=at)
    line_count = taken_count - len(held)
    journals: tuple[FilledJournal, ...] = ()
    if line_count:
        find_line_dimensions(transaction, company=company)
        journals = make_journal_lines(transaction, company=company, at=at)
        close_line_dimensions(transaction)
    close_judged_lines(transaction)
    close_taken_rows(transaction)
    proposals = make_proposal_lines(
        transaction, company=company, on=on, actor=actor, at=at, proposal_id=proposal_id
    )
    if taken_count or proposals.ready_ids:
        _record(transaction, company, proposal_number, line_count, len(held), (actor, at))
    return ImportRun(
        taken_count=taken_count,
        line_count=line_count,
        held_count=len(held),
        journals=journals,
        ready_proposal_ids=proposals.ready_ids,
        waiting_proposal_count=proposals.waiting_count,
        empty_proposal_count=proposals.empty_count,
        brought_over_proposal_count=proposals.brought_over_count,
        refusals=(*held, *proposals.problems),
    )


def _record(
    transaction: Transaction,
    company: str,
    proposal_number: str | None,
    line_count: int,
    held_count: int,
    by: tuple[str, datetime],
) -> None:
    """Keep who imported how much."""
    record_deed(
        transaction,
        company=company,
        act="staging_imported",
        by=by,
        number=proposal_number or "",
        detail={"count": line_count, "refused": held_count},
    )


def _find_proposal(transaction: Transaction, *, company: str, number: str) -> int:
    found = transaction.first(FIND_PROPOSAL, company=company, number=number)
    if found is None:
        raise Refused(refuse("ERR-F09", f"proposal/{number}", field="number", value=number))
    return found.proposal_id
