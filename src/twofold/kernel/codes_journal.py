"""Error codes of the way from staging to posted journals: imports (I11 up), journals (J20 up).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_ACCOUNTANT, ErrorCode

JOURNAL_CODES: Final = (
    ErrorCode(
        "ERR-J20",
        title="The line is not on this journal",
        cause="The journal has no line of this actual: it was posted, moved, or never there.",
        remedy="`twofold journal show NUMBER` lists the lines of the journal.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J21",
        title="What reverses the line stays in the finance book",
        cause=(
            "The reversal of this line is posted or on a journal, with the same rate and tax "
            "groups; made anew, the line might no longer cancel it."
        ),
        remedy=(
            "`twofold journal delete NUMBER` for the reversal too, in one call where both are on "
            "one journal, or before; where it is posted, post the line as it is."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J22",
        title="The journal is being posted",
        cause="Someone posts this journal at this moment, or works on it.",
        remedy="Wait until it has ended; `twofold journal progress` shows how far it is.",
        owner=PROJECT_ACCOUNTANT,
    ),
)
