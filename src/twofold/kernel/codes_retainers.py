"""Error codes of retainers and advances (B30 to B39).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_MANAGER, ErrorCode

RETAINER_CODES: Final = (
    ErrorCode(
        "ERR-B30",
        title="Two proformas use one retainer at once",
        cause=(
            "What the second may use of the retainer is known only once the first is confirmed, "
            "and both were to be confirmed together."
        ),
        remedy="Confirm them one after the other: `twofold proforma confirm NUMBER`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B31",
        title="The retainer is in use",
        cause="Part of the retainer is applied or refunded, or its refund is on a draft.",
        remedy=(
            "Credit what used it first with `twofold proforma revise`, or take the refund off "
            "with `twofold retainer cancel-refund`."
        ),
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B32",
        title="No retainers can be made of this",
        cause=(
            "Each retainer is above zero, in whole units of the contract's currency, and a "
            "schedule has a day."
        ),
        remedy="Give another amount, number or end: `twofold retainer schedule`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B33",
        title="The contract has no project",
        cause="What is billed of a retainer stands on a project of its contract.",
        remedy="Give it a project with `twofold setup operations`, then add the retainer.",
        owner=PROJECT_MANAGER,
    ),
)
