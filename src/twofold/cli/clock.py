"""The one place where the command line reads the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """Tell the moment."""
    return datetime.now(UTC)  # noqa: TID251 - this is the edge; everybody below is told


def today() -> date:
    """Tell the day, where this machine stands."""
    return now().astimezone().date()
