"""Error codes of a finance setup in use (S): what is fixed, and number sequences.

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_ACCOUNTANT, ErrorCode

SETUP_CODES: Final = (
    ErrorCode(
        "ERR-S01",
        title="What was used no longer changes",
        cause="Posted documents or numbers given out depend on what the setup file would change.",
        remedy=(
            "Give the file the value of the book, as `twofold finance setup plan` shows it, or "
            "add a new row beside the old one."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-S02",
        title="The number sequence is blocked",
        cause="The setup of the company blocks the sequence that numbers these documents.",
        remedy=(
            "Take is_blocked off the sequence in the setup file, then "
            "`twofold finance setup apply`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-S03",
        title="The number sequence is at its end",
        cause="Fewer numbers are left below the highest one of the sequence than are needed.",
        remedy=(
            "Raise highest_number, or give the sequence a new prefix, in the setup file, then "
            "`twofold finance setup apply`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-S04",
        title="The period stays as it is",
        cause="A setup file closes periods; it never opens one that the book has closed.",
        remedy="State the period in the file as the book has it.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-S05",
        title="The shares of a funding rule do not fit",
        cause="They do not make 100 percent, one is not above zero, or a payer has two.",
        remedy="Correct the shares in the setup file, then `twofold finance setup apply`.",
        owner=PROJECT_ACCOUNTANT,
    ),
)
