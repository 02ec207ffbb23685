"""Why lines of a journal could not be posted: each reason with how many lines it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class LineReason:
    """A reason and its lines."""

    code: str
    line_count: int


SQL: Final = SqlFile(__name__)
COUNT_PROBLEMS: Final = SQL.query("count_problems", gives=LineReason)


def count_problems(reader: Reader, *, company: str, journal_id: int) -> tuple[LineReason, ...]:
    """Count the lines of a journal by what is wrong with them, most first."""
    return tuple(reader.all(COUNT_PROBLEMS, company=company, journal_id=journal_id))
