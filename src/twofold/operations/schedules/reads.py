"""What people see of invoice schedules: the days of each line, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """One day of a contract line. ``proforma_numbers`` are the drafts its run opened."""

    contract_number: str
    line_number: int
    line_name: str
    run_date: date
    cutoff_date: date
    state: str
    proforma_numbers: str
    message: str | None


SQL: Final = SqlFile(__name__)
LIST_SCHEDULES: Final = SQL.query("list_schedules", gives=ScheduledRun)


def list_schedules(
    reader: Reader, *, company: str, contract_id: int | None = None, state: str | None = None,
    limit: int,
) -> list[ScheduledRun]:  # fmt: skip
    """Days of a contract, or of all, in a state or in any, by date."""
    return reader.all(
        LIST_SCHEDULES, company=company, contract_id=contract_id, state=state, row_max=max(limit, 0)
    )
