"""Remove jobs that ended long ago, with what they declined.

Before  nothing.
After   jobs that ended more than a quarter of a year ago are gone. What they did stands in the
        books, in the name of who asked; jobs that wait or run stay however old they are.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

JOB_DAYS: Final = 90

SQL: Final = SqlFile(__name__)
REFUSALS: Final = SQL.command("refusals")
JOBS: Final = SQL.command("jobs")


def remove_old_jobs(transaction: Transaction, *, at: datetime) -> int:
    """Remove them, and tell how many there were."""
    before = at - timedelta(days=JOB_DAYS)
    transaction.run(REFUSALS, before=before)
    return transaction.run(JOBS, before=before)
