"""Who did what to a book: each process writes one row for its act, in its own transaction.

A row tells who, when, what and to which record; an act on many rows tells how many and which. The
history of a company, a record or a person is read from these rows and from nothing else. They
are facts: nobody may change one or take one away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeVar

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction

Act = Literal[
    # Operations.
    "setup_applied",
    "entry_created", "entries_imported", "entries_submitted", "entries_recalled",
    "entries_rejected", "approval_changed", "entries_approved", "approvals_cancelled",
    "recall_requested", "recall_refused", "recall_approved",
    "correction_opened", "correction_confirmed", "correction_discarded",
    "entry_journal_written", "entry_journal_confirmed", "journal_actuals_cancelled",
    "finance_costs_taken",
    "contract_confirmed", "contract_held", "contract_resumed", "contract_completed",
    "contract_lost", "contract_re_evaluated",
    "marked_ready", "marked_not_ready", "progress_marked", "limits_evaluated", "limits_reset",
    "milestones_agreed", "retainers_added", "refund_marked", "refund_cancelled",
    "schedules_generated", "schedule_run", "failed_runs_retried",
    "proforma_created", "proforma_refreshed", "proforma_revised", "proforma_header_edited",
    "details_added", "details_edited", "details_removed", "retainer_used", "proforma_scheduled",
    "proforma_confirmed", "proforma_deleted",
    # Finance.
    "cut_off_stated", "staging_imported",
    "journal_lines_edited", "journal_lines_deleted", "journal_reopened", "journal_posted",
    "journal_refused", "posting_run_started", "accounting_adjusted",
    "proposal_header_edited", "proposal_taxes_edited", "proposal_format_edited",
    "proposal_dimensions_edited", "proposal_lines_deleted", "proposal_nothing_to_bill",
    "proposal_submitted", "proposal_approved", "proposal_rejected", "proposal_change_requested",
    "proposal_reset", "on_account_edited",
    "invoice_posted", "general_journal_posted", "vendor_invoice_posted",
    "payments_imported", "settled", "settlement_undone",
    "forecast_loaded", "estimates_created", "estimates_posted", "estimates_eliminated",
    "estimates_reversed",
    "accruals_adjusted", "period_opened", "period_held", "period_closed", "year_closed",
]  # fmt: skip
"""What can be done to a book; the schema has the same list."""

Key = Literal[
    "count", "keys", "first", "last", "of", "selection", "changes", "tables", "total", "voucher",
    "file", "day", "reason", "refused",
]  # fmt: skip
"""What a deed can tell besides: ``of`` is the number of what the record belongs to."""

Detail = Mapping[Key, object]
# Rows are named by their keys, or by their numbers.
K = TypeVar("K", int, str)

KEYS_MAX: Final = 100
"""Rows that a deed names one by one, and is found by."""
_ID_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did: when, what, to which record."""

    deed_id: int
    at: datetime
    act: str
    number: str
    actor: str
    detail: dict[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose history of which company is asked for; None is everybody's, and of every record."""

    company: str
    number: str | None = None
    actor: str | None = None


SQL: Final = SqlFile(__name__)
RECORD: Final = SQL.command("record")
NEWEST: Final = SQL.query("newest", gives=Deed)
OF_ACTOR: Final = SQL.query("of_actor", gives=Deed)
OF_NUMBER: Final = SQL.query("of_number", gives=Deed)


def record_deed(
    transaction: Transaction,
    *,
    company: str,
    act: Act,
    by: tuple[str, datetime],
    number: str = "",
    detail: Detail | None = None,
) -> None:
    """Keep that somebody did this, at this moment; ``number`` names the record if it is one."""
    record_deeds(transaction, company=company, act=act, by=by, done={number: detail or {}})


def record_deeds(
    transaction: Transaction,
    *,
    company: str,
    act: Act,
    by: tuple[str, datetime],
    done: Mapping[str, Detail],
) -> None:
    """Keep that somebody did the same to several records, each by its number."""
    if not done:
        return
    actor, at = by
    transaction.run(
        RECORD,
        company=company,
        act=act,
        actor=actor,
        at=at,
        numbers=list(done),
        details=[json.dumps(one, default=str) for one in done.values()],
    )


def those(keys: Sequence[K]) -> dict[Key, object]:
    """Tell which rows an act is about: how many, and each, or the first and last of very many."""
    if len(keys) <= KEYS_MAX:
        return {"count": len(keys), "keys": list(keys)}
    return {"count": len(keys), "first": min(keys), "last": max(keys)}


def only_one(keys: Sequence[int] | Sequence[str]) -> str:
    """Give the number of the row that an act is about, "" where there are several."""
    return str(keys[0]) if len(keys) == 1 else ""


def list_deeds(
    reader: Reader,
    *,
    asked: Asked,
    before: tuple[datetime, int] | None,
    limit: int,
) -> list[Deed]:
    """Give what was done before a deed (its moment and key), or to now, the newest first."""
    at, deed_id = before or (None, _ID_MAX)
    place = {
        "company": asked.company,
        "before_at": at,
        "before_id": deed_id,
        "rows_max": limit,
    }
    if asked.number is not None:
        return reader.all(OF_NUMBER, number=asked.number, actor=asked.actor, **place)
    if asked.actor is not None:
        return reader.all(OF_ACTOR, actor=asked.actor, **place)
    return reader.all(NEWEST, **place)
