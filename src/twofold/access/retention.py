"""Remove what signing in leaves behind and nobody can use any more.

Before  nothing.
After   sessions, links and sign-ins under way that have ended are gone, tokens a month after their
        end, and counts of attempts a day after the last. What people did (access.event) stays:
        nobody may remove it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from twofold.access.sessions import IDLE_HOURS
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

# How long a token is still shown as one that ended.
TOKEN_DAYS: Final = 30
# Every bucket is full again long before.
ATTEMPT_DAYS: Final = 1

SQL: Final = SqlFile(__name__)
SESSIONS: Final = SQL.command("sessions")
LINKS: Final = SQL.command("links")
DEPARTURES: Final = SQL.command("departures")
TOKENS: Final = SQL.command("tokens")
ATTEMPTS: Final = SQL.command("attempts")


def remove_ended(transaction: Transaction, *, at: datetime) -> dict[str, int]:
    """Remove it, and tell how many of each there were."""
    return {
        "sessions": transaction.run(SESSIONS, at=at, idle=timedelta(hours=IDLE_HOURS)),
        "links": transaction.run(LINKS, at=at),
        "departures": transaction.run(DEPARTURES, at=at),
        "tokens": transaction.run(TOKENS, before=at - timedelta(days=TOKEN_DAYS)),
        "attempts": transaction.run(ATTEMPTS, before=at - timedelta(days=ATTEMPT_DAYS)),
    }
