"""What pages and commands may ask of integration journals: the list, and one with its lines.

A line is shown from its staged row and where it stands now: on the journal, with its problem in
words, or posted, with its amounts. Lists come in pages: give the last key seen as ``after``.
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
class JournalSummary:
    """One journal of the list. ``original_number``: the journal whose bad lines these are."""

    journal_id: int
    number: str
    description: str
    state: str
    period_start: date | None
    original_number: str | None
    created_at: datetime
    posted_at: datetime | None
    posted_by: str | None
    line_count: int
    problem_count: int


@dataclass(frozen=True, slots=True)
class JournalTotal:
    """The lines of a journal per type, class and currency."""

    transaction_type: str
    class_: str
    currency: str
    line_count: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line; amounts in the accounting currency once it is posted.

    Dimensions as text: of the line's own side and of its offset, as they are by now.
    """

    actual_id: int
    voucher: str
    state: str
    transaction_type: str
    class_: str
    transaction_date: date
    accounting_date: date
    project_number: str | None
    resource_name: str | None
    description: str | None
    category_number: str
    line_property: str
    tax_group: str | None
    item_tax_group: str | None
    quantity: Decimal
    price: Decimal
    amount: Decimal
    currency: str
    exchange_rate: Decimal
    dimensions: str | None
    offset_dimensions: str | None
    accounting_amount: Decimal | None
    accrued_amount: Decimal | None
    code: str | None
    field: str | None
    value: str | None

    @property
    def problem(self) -> Refusal | None:
        """Why the line could not be posted, in words; None when nothing is wrong."""
        if self.code is None:
            return None
        return refuse(
            self.code, f"actual/{self.actual_id}", field=self.field or "", value=self.value or ""
        )


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal with its totals and first lines."""

    summary: JournalSummary
    totals: tuple[JournalTotal, ...]
    lines: tuple[JournalLine, ...]


# Below the key of every line: those of fees are negative.
BEFORE_ALL: Final = -(2**63)

SQL: Final = SqlFile(__name__)
LIST_JOURNALS: Final = SQL.query("list_journals", gives=JournalSummary)
JOURNAL_TOTALS: Final = SQL.query("journal_totals", gives=JournalTotal)
JOURNAL_LINES: Final = SQL.query("journal_lines", gives=JournalLine)


def list_journals(
    reader: Reader,
    *,
    company: str,
    state: str | None = None,
    day_from: date | None = None,
    day_to: date | None = None,
    after: int | None = None,
    limit: int = 50,
) -> tuple[JournalSummary, ...]:
    """Give the journals of a company, newest first; ``after`` is a journal's key.

    The day of a journal is the first of its period.
    """
    return tuple(
        reader.all(
            LIST_JOURNALS,
            company=company,
            state=state,
            number=None,
            day_from=day_from,
            day_to=day_to,
            after=after,
            rows_max=limit,
        )
    )


def show_journal(reader: Reader, *, company: str, number: str, lines: int = 200) -> Journal | None:
    """Give one journal by its number; None when there is none."""
    summary = reader.first(
        LIST_JOURNALS,
        company=company,
        state=None,
        number=number,
        day_from=None,
        day_to=None,
        after=None,
        rows_max=1,
    )
    if summary is None:
        return None
    return Journal(
        summary=summary,
        totals=tuple(reader.all(JOURNAL_TOTALS, company=company, journal_id=summary.journal_id)),
        lines=journal_lines(reader, company=company, journal_id=summary.journal_id, limit=lines),
    )


def journal_lines(
    reader: Reader, *, company: str, journal_id: int, after: int = BEFORE_ALL, limit: int = 200
) -> tuple[JournalLine, ...]:
    """Give the lines of a journal; ``after`` is an actual's key."""
    return tuple(
        reader.all(
            JOURNAL_LINES, company=company, journal_id=journal_id, after=after, rows_max=limit
        )
    )
