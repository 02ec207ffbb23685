"""What waits for a project manager and for approvers, counted as far as it is worth counting.

Before  the book is open for reading.
After   nothing has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts in one company, none above the limit that was asked for.

    ``work_count`` is time and material in the backlog, ``late_count`` milestones whose day has come
    and that are not ready; an ``unposted`` proforma is confirmed and has no customer invoice.
    """

    work_count: int
    limited_count: int
    late_count: int
    draft_count: int
    unposted_count: int
    submitted_count: int


SQL = SqlFile(__name__)
READ = SQL.query("read_waiting", gives=Waiting)


def read_waiting(reader: Reader, *, company: str, day: date, count_max: int) -> Waiting:
    """Count what waits in a company on a day."""
    return reader.one(READ, company=company, day=day, count_max=count_max)
