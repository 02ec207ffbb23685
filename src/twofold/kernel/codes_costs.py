"""Error codes of costs that finance posts itself: general journals, vendor invoices (J70 up).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_ACCOUNTANT, ErrorCode

COST_CODES: Final = (
    ErrorCode(
        "ERR-J70",
        title="The file of costs cannot be read",
        cause="It is no CSV in UTF-8 with the columns that are known, or a cell of it is wrong.",
        remedy=(
            "Correct the place that is named, then `twofold general-journal post FILE` or "
            "`twofold vendor-invoice post FILE`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J71",
        title="The document was posted before",
        cause="Exactly this general journal, or this invoice of this vendor, is in the ledger.",
        remedy=(
            "Nothing is left to do. To take it back, post the same lines with quantities below "
            "zero: `twofold general-journal post FILE`, or `twofold vendor-invoice post FILE`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J72",
        title="A cost names something that finance does not have",
        cause="The project, task, currency or ledger account is not in the company's book.",
        remedy=(
            "Correct the line. Projects and tasks come from operations with `twofold deliver`, "
            "accounts with `twofold finance setup apply FILE`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J73",
        title="The contract line is missing or unknown",
        cause=(
            "The project has lines of time and material and of fixed price and the cost names "
            "none, or it names one that the project does not have: the cost account depends on it."
        ),
        remedy="Give the number of the project's contract line in the column `contract_line`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J74",
        title="Nobody is known to pay the sale of a cost",
        cause=(
            "The contract has more than one customer and the cost names none, or it names one who "
            "is not on the contract. A sale without a customer could never be invoiced."
        ),
        remedy="Give the account of a customer of the contract in the column `customer`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J75",
        title="The cost cannot be told per unit to the cent",
        cause=(
            "Divided by the quantity and rounded to four decimals it gives another amount, or zero."
        ),
        remedy="State the line with quantity 1 and the whole amount as its price.",
        owner=PROJECT_ACCOUNTANT,
    ),
)
