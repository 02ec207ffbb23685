"""Error codes of jobs (W01 to W09).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import ADMINISTRATOR, ErrorCode

JOB_CODES: Final = (
    ErrorCode(
        "ERR-W01",
        title="There is no such job",
        cause="No job has this number.",
        remedy="Look at `twofold job list`.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-W02",
        title="The job has ended",
        cause="It ended before it could be cancelled; what it did stands.",
        remedy="See what became of it with `twofold job show NUMBER`.",
        owner=ADMINISTRATOR,
    ),
)
