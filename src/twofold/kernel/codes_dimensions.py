"""Error codes of what accountants change: dimensions and tax groups, before and after posting."""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_ACCOUNTANT, ErrorCode

DIMENSION_CODES: Final = (
    ErrorCode(
        "ERR-J10",
        title="The line is not on this journal",
        cause="Only lines of the draft journal named are edited.",
        remedy="`twofold journal show NUMBER` lists the lines of a journal.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J11",
        title="There is no such dimension or value",
        cause="The setup of the company has no dimension attribute, or no value, of this name.",
        remedy="Correct the name, or add it to the setup file: `twofold setup finance FILE`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J12",
        title="The line repeats another one",
        cause="A reversal carries what its original carries, so that both sides meet.",
        remedy=(
            "Change the original: `twofold accounting edit-lines` while it is on a journal, "
            "`twofold accounting adjust` once it is posted."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J13",
        title="There is no such sales tax group",
        cause="No setup of the company names this group.",
        remedy="Correct the name, or add it to the setup file: `twofold setup finance FILE`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J14",
        title="A cost has no billing tax groups",
        cause="Only what is sold is taxed when it is billed.",
        remedy="Leave the cost out, or change its dimensions only.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J15",
        title="Nothing to change is given",
        cause="Neither a tax group nor a dimension is named.",
        remedy="Name what shall change, for example `--dimension Department=D10`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J16",
        title="The transaction is not posted",
        cause="Only a posted project transaction has accounting that can be adjusted.",
        remedy="`twofold accounting edit-lines` while it is on a draft journal.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J17",
        title="The transaction is invoiced",
        cause="What a customer invoice posted is corrected by a credit, never adjusted.",
        remedy="Revise the proforma in the operations book: `twofold proforma revise NUMBER`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F11",
        title="Header dimensions may not be changed",
        cause="The company does not allow updates to dimensions for accounts receivable.",
        remedy=(
            "Set `receivable_dimensions_may_change = true` in the parameters of the setup file: "
            "`twofold setup finance FILE`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F12",
        title="There is no such on-account transaction",
        cause="No milestone with this key has arrived from operations.",
        remedy="`twofold accounting on-account-list` shows those that have.",
        owner=PROJECT_ACCOUNTANT,
    ),
)
