"""Error codes of the way from staging to posted journals: imports (I11 up), journals (J20 up).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_ACCOUNTANT, ErrorCode

JOURNAL_CODES: Final = (
    ErrorCode(
        "ERR-I11",
        title="The cut-off of the opening balances is locked",
        cause=(
            "An opening balance of the company is posted, or something dated up to the day is in "
            "the ledger already."
        ),
        remedy="Keep the day; what is dated later is imported and posted as always.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-I12",
        title="A journal has lines dated up to the cut-off",
        cause="They were imported before the day was stated, or under another day.",
        remedy="`twofold journal delete NUMBER`, state the day, then import again.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-I13",
        title="The proposal cannot be brought over",
        cause=(
            "It is dated up to the cut-off of the opening balances, and bills milestones, "
            "retainers or credits, or work that is in the ledger already."
        ),
        remedy=(
            "Confirm the proforma with an accounting date after the cut-off: `twofold proforma "
            "revise`, or `twofold proforma header` on a new draft."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
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
