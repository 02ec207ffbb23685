"""Error codes of revenue estimates of fixed prices (F80 to F89).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_ACCOUNTANT, ErrorCode

ESTIMATE_CODES: Final = (
    ErrorCode(
        "ERR-F80",
        title="The forecast file is not as expected",
        cause=(
            "A column is missing, a cell has a value that cannot be right, a category is unknown, "
            "or a line is stated twice."
        ),
        remedy="Correct the file and run `twofold estimate forecast` again; nothing was written.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F81",
        title="No such estimate project or period code",
        cause=(
            "A fixed-price contract line with a project is an estimate project from its first "
            "milestone on; period codes are in the setup."
        ),
        remedy="`twofold estimate list` shows the projects; periods come by `finance setup apply`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F82",
        title="The profile cannot be estimated",
        cause=(
            "No profile rule finds the contract line, or its profile lacks a cost template or a "
            "period code, or has another principle than completed contract or percentage, or "
            "matches production and profit, which is not recognised here."
        ),
        remedy="Complete the profile in the setup file, then `twofold finance setup apply`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F83",
        title="There is no forecast",
        cause="Nothing says what the costs that the template counts will come to in the end.",
        remedy=(
            "Load one with `twofold estimate forecast FILE`, or create the estimate with "
            "`--complete` once nothing more is spent."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F84",
        title="A later estimate stands",
        cause="Estimates of a project follow one another; one this late or later was posted.",
        remedy="Choose a later day, or reverse that one with `twofold estimate reverse`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F85",
        title="The draft is out of date",
        cause="Costs, forecast, milestones or setup changed since the estimate was created.",
        remedy="`twofold estimate create` makes it anew; look at it, then post.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F86",
        title="The estimate project is not ready to be eliminated",
        cause="Milestones are not invoiced yet, or costs were posted since the last estimate.",
        remedy="Invoice the milestones, or create and post an estimate with the costs.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F87",
        title="There is no estimate to reverse",
        cause="None was posted for the project, or all of them are reversed.",
        remedy="`twofold estimate show NUMBER` lists what was posted.",
        owner=PROJECT_ACCOUNTANT,
    ),
)
