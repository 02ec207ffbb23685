"""Error codes of the project manager's pages (U23 to U28).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_MANAGER, ErrorCode

MANAGER_CODES: Final = (
    ErrorCode(
        "ERR-U23",
        title="The milestone cannot be taken as it is written",
        cause=(
            "An amount has more decimals than the currency, a tax is below zero, or a name is "
            "empty or stands twice on the line."
        ),
        remedy="Correct what is named: every milestone of a line has a name of its own.",
        owner=PROJECT_MANAGER,
    ),
)
