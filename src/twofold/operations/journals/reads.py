"""Journals as people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.operations.journals.states import Kind


@dataclass(frozen=True, slots=True)
class ListedJournal:
    """One journal: what it is about, and what became of it."""

    company: str
    journal_id: int
    description: str
    state: str
    row_count: int
    created_by: str
    created_at: datetime
    closed_by: str | None
    set_id: int | None


SQL: Final = SqlFile(__name__)
LIST_JOURNALS: Final = SQL.query("list_journals", gives=ListedJournal)


def list_journals(
    reader: Reader, *, company: str, kind: Kind, row_count_max: int
) -> list[ListedJournal]:
    """Give the newest journals of a kind; ``row_count`` counts actuals in process, or lines."""
    return reader.all(LIST_JOURNALS, company=company, kind=kind, row_count_max=row_count_max)
