"""What pages may ask of the accountant's inbox: what has arrived, what is held and why.

Lists come in pages: give the last key seen as ``after``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits in a company, by where it waits. Sets have arrived and were not imported yet."""

    set_count: int
    last_arrived_at: datetime | None
    reopened_count: int
    held_count: int
    draft_journal_count: int
    error_journal_count: int
    waiting_proposal_count: int
    ready_proposal_count: int
    submitted_proposal_count: int


@dataclass(frozen=True, slots=True)
class HeldActual:
    """A staged row that could not become a journal line, and since when."""

    actual_id: int
    code: str
    field: str
    value: str
    held_since: datetime
    transaction_type: str
    class_: str
    transaction_date: date
    project_number: str | None
    resource_name: str | None
    quantity: Decimal
    amount: Decimal
    currency: str

    @property
    def refusal(self) -> Refusal:
        """Why it is held, and the remedy."""
        return refuse(self.code, f"actual/{self.actual_id}", field=self.field, value=self.value)


SQL: Final = SqlFile(__name__)
READ_INBOX: Final = SQL.query("read_inbox", gives=Inbox)
LIST_HELD: Final = SQL.query("list_held", gives=HeldActual)


def read_inbox(reader: Reader, *, company: str) -> Inbox:
    """Count what waits for an accountant of a company."""
    return reader.one(READ_INBOX, company=company)


def list_held(
    reader: Reader, *, company: str, after: int = 0, limit: int
) -> tuple[HeldActual, ...]:
    """Give what is held, by key; ``after`` is an actual's key."""
    return tuple(reader.all(LIST_HELD, company=company, after=after, rows_max=limit))
