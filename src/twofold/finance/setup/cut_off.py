"""The cut-off of the opening balances as it was stated: what pages may ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class StatedCutOff:
    """The last day that was brought over as balances, and who stated it."""

    cut_off_on: date
    stated_by: str
    stated_at: datetime


SQL: Final = SqlFile(__name__)
READ: Final = SQL.query("read_cut_off", gives=StatedCutOff)


def read_cut_off(reader: Reader, *, company: str) -> StatedCutOff | None:
    """Give the cut-off of a company; None where none was stated."""
    return reader.first(READ, company=company)
