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
    ErrorCode(
        "ERR-U31",
        title="There is no file",
        cause="No file was chosen, or it is empty.",
        remedy="Choose the file again.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-U32",
        title="No reason is given",
        cause="Whoever looks at it later is told why it was done.",
        remedy="Say the reason in words that someone else understands next year.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-U33",
        title="The file is of another kind",
        cause="The page takes files that end as the field of the form offers, and reads no other.",
        remedy="Export it as the page asks for, keep the end of its name, and choose it again.",
        owner=PROJECT_ACCOUNTANT,
    ),
)
