"""The moment and the day on which tests happen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

TODAY: Final = date(2026, 11, 2)
NOW: Final = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
