"""Error codes of discount and fee (B34 to B39, I20 to I24).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_MANAGER, ErrorCode

DISCOUNT_CODES: Final = (
    ErrorCode(
        "ERR-B34",
        title="A fixed price has no discount and no fee",
        cause="Both are percentages of what is sold by time and material.",
        remedy=(
            "Take the percentage off the line, or bill the line by time and material; then run "
            "`twofold setup operations FILE` again."
        ),
        owner=PROJECT_MANAGER,
    ),
)
