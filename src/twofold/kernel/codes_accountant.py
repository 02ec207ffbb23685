"""Error codes of the accountant's pages (U30 to U39).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_ACCOUNTANT, ErrorCode

ACCOUNTANT_CODES: Final = (
    ErrorCode(
        "ERR-U30",
        title="Nothing is selected",
        cause="No box of the list is ticked, and that is not taken for all of them.",
        remedy="Tick what you mean, or use the button for all.",
        owner=PROJECT_ACCOUNTANT,
    ),
)
