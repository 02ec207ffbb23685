"""Error codes of entries (E), as part of the operations book.

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_MANAGER, ErrorCode

ENTRY_CODES: Final = (
    ErrorCode(
        "ERR-E01",
        title="The file cannot be read",
        cause="The file is missing, empty, not text, in another encoding, or a damaged workbook.",
        remedy="Export the report again, as CSV in UTF-8 or as XLSX.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E02",
        title="The header is of no known format",
        cause="A column is missing, is named differently, or is one that the format does not have.",
        remedy="Export the detailed report again with exactly the columns of its format.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E03",
        title="The format of the dates is unclear",
        cause="The dates of the file fit several formats, or no one format fits them all.",
        remedy="Import again with --date-format.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E04",
        title="The row is broken",
        cause="The row has the wrong number of cells, wrong quoting, or a formula without a value.",
        remedy="Repair the row so that it has one cell per column.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E05",
        title="A needed field is empty",
        cause="The row cannot become an entry without this field.",
        remedy="Fill it in.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E06",
        title="Not a date",
        cause="The text is no day of the calendar in the format of the file's dates.",
        remedy="Write the date in that format, or import again with --date-format.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E07",
        title="Not a time of day",
        cause="The text is no time on a 24-hour or a 12-hour clock.",
        remedy="Write it like 09:30:00 or 9:30 AM.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E08",
        title="Not a duration that one entry can have",
        cause="The duration is unreadable, zero, negative, or longer than 24 hours.",
        remedy="Write the time worked, or split the entry by day.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E09",
        title="Two statements of the duration disagree",
        cause="Start, end and duration of the row do not fit together.",
        remedy="Correct the one that is wrong.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E10",
        title="Not a usable number",
        cause="The number is unreadable, could mean two things, or is out of range.",
        remedy="Write it like 1500.25, without a thousands separator or the sign of a currency.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E11",
        title="Not one of the possible values",
        cause="The field takes only certain words or codes.",
        remedy="Write one of them.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E12",
        title="The row is already invoiced elsewhere",
        cause="The time tracker says that it has invoiced this time itself.",
        remedy="Remove the row, or mark it as not invoiced if that is wrong.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E13",
        title="The reference stands twice in the file",
        cause="A reference is the identity of its row, so two rows cannot share one.",
        remedy="Give each row its own reference, or none.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E14",
        title="The file was not written",
        cause="The name is taken, or does not end as the kind of file needs.",
        remedy="Give a new file name with the right ending.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E15",
        title="The field does not belong to this class",
        cause="The row fills a field that entries of its class do not have.",
        remedy="Clear the cell.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E16",
        title="The project is unknown",
        cause="No project has this number or name.",
        remedy="Correct the project, or add it to the setup.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E17",
        title="The client does not fit the project",
        cause="The project of this name is for another customer.",
        remedy="Correct the client, or leave it empty where the project is clear without it.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E18",
        title="The name is not clear",
        cause="More than one record answers to this name.",
        remedy="Write what tells them apart: the client, the e-mail address, or the number.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E19",
        title="The person is unknown",
        cause="Nobody in the company of the project has this name or e-mail address.",
        remedy="Correct the person, or add them to the company's setup.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E20",
        title="The task is unknown",
        cause="The project has no task of this name.",
        remedy="Correct the task, leave it empty, or add it to the project.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E21",
        title="The role is unknown",
        cause="No role has this name.",
        remedy="Correct the role, or add it to the setup.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E22",
        title="The role is missing",
        cause="The row names no role and the person has no usual one.",
        remedy="Write the role, or give the person a usual one in the setup.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E23",
        title="The category is unknown",
        cause="No transaction category has this number or name.",
        remedy="Correct the category, or add it to the setup.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E24",
        title="The project is completed",
        cause="A completed project takes no more entries.",
        remedy="Choose another project, or reopen this one.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E25",
        title="The price cannot be converted to the contract's currency",
        cause=(
            "The sales price follows the cost, and no exchange rate between the two currencies "
            "is valid on the day; or a fee was entered in another currency than its contract's."
        ),
        remedy=(
            "Set the rate up in finance and run `twofold deliver`, or enter the price in the "
            "contract's currency."
        ),
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E26",
        title="The currency does not fit",
        cause="The currency is not known, or it is given without a price or for time.",
        remedy="Write the three letters of a known currency beside the price.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E27",
        title="The entry is in another state",
        cause="Somebody decided about the entry already, or it is not ready for this.",
        remedy="Look at the entry again; only entries in the state named can go on.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E28",
        title="The entry is unknown",
        cause="The company has no entry of this number.",
        remedy="Correct the number or the company.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E29",
        title="The entry sells nothing",
        cause="No time-and-material line covers the entry, so there is nothing to bill otherwise.",
        remedy="Approve it as it is, or put its class on a time-and-material line first.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E30",
        title="The number is not possible",
        cause=(
            "The quantity or price is negative, too large, zero where something is needed, or "
            "has more than four decimals."
        ),
        remedy="Correct the number.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-E31",
        title="The product does not fit",
        cause="The product is not known, or the entry is of another class than material.",
        remedy=(
            "Correct the number, add the product with `twofold setup operations FILE`, or leave "
            "it out and write the material in."
        ),
        owner=PROJECT_MANAGER,
    ),
)
