"""Open a correction journal: approved entries, and the values they should have had.

Before  the entries are approved, nothing of them is on a draft or billed, and no other open
        journal names them.
After   the journal has the new values; every actual of the entries is In Process, and its sales
        cannot be billed until the journal is closed. No actual and no entry has changed.
Next    confirm_correction.py, which also shows what it would do; discard_correction.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.reversal import (
    DROP_REVERSING,
    choose_actuals_of,
    without_billed,
)
from twofold.operations.entries.states import choose_entries, entry_record
from twofold.operations.journals.held_items import hold_items
from twofold.operations.keys import take_keys

JOURNAL_KEY: Final = "operations.journal_key"

NOTHING_CHANGES: Final = "ERR-B51"
TASK_WITHOUT_PROJECT: Final = "ERR-B52"
PROJECT_UNKNOWN: Final = "ERR-E16"
PERSON_UNKNOWN: Final = "ERR-E19"
TASK_UNKNOWN: Final = "ERR-E20"
ROLE_UNKNOWN: Final = "ERR-E21"
CATEGORY_UNKNOWN: Final = "ERR-E23"
PROJECT_COMPLETED: Final = "ERR-E24"


@dataclass(frozen=True, slots=True)
class NewValues:
    """What was right; None leaves a value. A role is time's, a category all other classes'.

    A new project takes the task away unless one of its tasks is named.
    """

    project_number: str | None = None
    task: str | None = None
    on: date | None = None
    person: str | None = None
    role: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedCorrection:
    """The journal, and how many entries and actuals it is about."""

    journal_id: int
    entry_count: int
    actual_count: int


@dataclass(frozen=True, slots=True)
class _Setup:
    project_id: int | None
    project_state: str | None
    task_id: int | None
    resource_id: int | None
    role_id: int | None
    category_id: int | None


@dataclass(frozen=True, slots=True)
class _Entry:
    entry_id: int


SQL: Final = SqlFile(__name__)
FIND_VALUES: Final = SQL.query("find_values", gives=_Setup)
FIND_UNCHANGED: Final = SQL.query("find_unchanged", gives=_Entry)
WRITE_JOURNAL: Final = SQL.command("write_journal")
TAKE_IN_PROCESS: Final = SQL.command("take_in_process")


def open_correction(
    transaction: Transaction,
    *,
    company: str,
    entry_ids: Iterable[int],
    values: NewValues,
    description: str,
    actor: str,
    at: datetime,
) -> OpenedCorrection:
    """Open the journal, or refuse it with all that speaks against it (ERR-B20, B50, B51, E27)."""
    setup = _found(transaction, company, values)
    problems = list(_problems(f"correction {company}/new", values, setup))
    approved = choose_entries(
        transaction, company=company, entry_ids=entry_ids, states=("approved",)
    )
    chosen = without_billed(transaction, company=company, chosen=approved)
    ids = list(chosen.entry_ids)
    found = {
        "company": company,
        "project_id": setup.project_id,
        "task_id": setup.task_id,
        "transaction_date": values.on,
        "resource_id": setup.resource_id,
        "role_id": setup.role_id,
        "category_id": setup.category_id,
    }
    if not problems:
        unchanged = transaction.all(FIND_UNCHANGED, entry_ids=ids, **found)
        problems.extend(
            refuse(NOTHING_CHANGES, entry_record(company, one.entry_id)) for one in unchanged
        )
    problems.extend(chosen.refusals)
    if problems:
        raise Refused(*problems)
    journal_id = take_keys(transaction, JOURNAL_KEY, how_many=1)
    transaction.run(
        WRITE_JOURNAL,
        journal_id=journal_id,
        description=description or "Correction",
        actor=actor,
        at=at,
        **found,
    )
    actual_count = _take_in_process(transaction, company, journal_id, ids)
    opened = OpenedCorrection(journal_id, len(ids), actual_count)
    _record(transaction, company, journal_id, ids, (actor, at))
    return opened


def _found(transaction: Transaction, company: str, values: NewValues) -> _Setup:
    """Look up the records that the new values name."""
    return transaction.one(
        FIND_VALUES,
        company=company,
        project_number=values.project_number,
        task=values.task,
        person=values.person,
        role=values.role,
        category=values.category,
    )


def _take_in_process(
    transaction: Transaction, company: str, journal_id: int, entry_ids: list[int]
) -> int:
    """Hold the actuals of the entries for a journal, and tell how many there are."""
    actual_count = choose_actuals_of(transaction, company=company, entry_ids=entry_ids)
    transaction.run(TAKE_IN_PROCESS, company=company, journal_id=journal_id)
    hold_items(transaction, company=company, journal_id=journal_id)
    transaction.run(DROP_REVERSING)
    return actual_count


def _record(
    transaction: Transaction,
    company: str,
    journal_id: int,
    entry_ids: list[int],
    by: tuple[str, datetime],
) -> None:
    record_deed(
        transaction,
        company=company,
        act="correction_opened",
        by=by,
        number=str(journal_id),
        detail=those(entry_ids),
    )


def _problems(record: str, values: NewValues, setup: _Setup) -> Iterator[Refusal]:
    """Check the new values against what was found of the records they name."""
    named = (
        (PROJECT_UNKNOWN, "project", values.project_number, setup.project_id),
        (TASK_UNKNOWN, "task", values.task if setup.project_id else None, setup.task_id),
        (PERSON_UNKNOWN, "person", values.person, setup.resource_id),
        (ROLE_UNKNOWN, "role", values.role, setup.role_id),
        (CATEGORY_UNKNOWN, "category", values.category, setup.category_id),
    )
    for code, field, value, found in named:
        if value is not None and found is None:
            yield refuse(code, record, field=field, value=value)
    if values.task is not None and values.project_number is None:
        yield refuse(TASK_WITHOUT_PROJECT, record, field="task", value=values.task)
    if setup.project_state == "completed":
        yield refuse(PROJECT_COMPLETED, record, field="project", value=values.project_number or "")
    if values == NewValues():
        yield refuse(NOTHING_CHANGES, record)
