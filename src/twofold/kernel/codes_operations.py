"""Error codes of the operations book: its setup and contracts (A).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import ADMINISTRATOR, INTEGRATION_ADMIN, PROJECT_MANAGER, ErrorCode

OPERATIONS_CODES: Final = (
    ErrorCode(
        "ERR-A01",
        title="The contracting unit's currency is not its company's accounting currency",
        cause=(
            "The contracting unit keeps its figures in another currency than the company "
            "that owns it."
        ),
        remedy="Choose a contracting unit or a company whose currencies agree.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-A02",
        title="The company has no ledger record",
        cause="The company, or its ledger, has never reached the operations book.",
        remedy="`twofold setup finance FILE` with the company, then `twofold deliver`.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-A03",
        title="The billing split is not 100 percent",
        cause="The percentages of the customers of a contract or a line do not add up to 100.",
        remedy="Edit the percentages, or distribute them evenly.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A04",
        title="The primary customer cannot be removed",
        cause="The customer to delete is the one the contract is with.",
        remedy="Make another customer the contract's customer first.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A05",
        title="A customer with actuals cannot be removed",
        cause="Actuals already name this customer of the contract.",
        remedy="Set the customer's percentage to 0 instead of deleting it.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A06",
        title="The customer is already on the contract",
        cause="A contract names each customer once.",
        remedy="Edit the customer's existing row.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A07",
        title="Two contract lines claim the same work",
        cause=(
            "Another line of the contract already covers this project, task and transaction class."
        ),
        remedy="Split the transaction classes or the tasks between the lines.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A08",
        title="The milestones do not add up to the contracted amount",
        cause="The sum of the milestones differs from the amount agreed on the contract line.",
        remedy="Adjust the milestones until their sum is the contracted amount.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A09",
        title="The milestone does not fit its contract line",
        cause=(
            "The line bills by time and material, or has no project, or the milestone taxes "
            "a zero amount."
        ),
        remedy="Use a fixed-price line with a project, and no tax on a zero amount.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A10",
        title="The payment term is unknown downstream",
        cause="The payment term of the customer has no counterpart on the record that needs it.",
        remedy="Make the payment terms of both books agree, then retry.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-A11",
        title="The project type forbids this",
        cause=(
            "An investment project carries no contract, and a project with actuals keeps its type."
        ),
        remedy="Use a time-and-material or fixed-price project.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A12",
        title="Unbilled actuals are still open",
        cause="The contract or line to delete has actuals that wait to be billed.",
        remedy="Bill or write off the open actuals first.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A13",
        title="The setup file cannot be read",
        cause="The file is not there, is not UTF-8, or breaks the rules of TOML.",
        remedy="Correct the place that the message names.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-A14",
        title="A value is missing",
        cause="A key that every record of this kind needs is not there.",
        remedy="Add the key with its value.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-A15",
        title="The key is unknown",
        cause="No record of this kind has a key of this name; it may be misspelt.",
        remedy="Use one of the keys that the message lists, or remove it.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-A16",
        title="The value is not valid",
        cause="The value is of the wrong kind, or not one of those allowed.",
        remedy="Write a value of the kind that the message asks for.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-A17",
        title="The record is there twice",
        cause="Two records of the file have the same name, and only one can count.",
        remedy="Remove one of them, or rename it.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-A18",
        title="The named record is unknown",
        cause="Neither the file nor the operations book has a record of this name.",
        remedy="Correct the name, or add the record to the file.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-A19",
        title="The contract keeps its currency",
        cause="It is settled when a contract is first saved, because sales follow from it.",
        remedy="Restore the value, or make a new contract.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A20",
        title="The milestone is on a proforma",
        cause="What is being billed or was billed cannot change underneath its proforma.",
        remedy="Restore the value; what was billed is credited with `twofold proforma revise`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A21",
        title="The price list is in another currency than the contract",
        cause="Everything sold under a contract is priced in the contract's currency.",
        remedy="Give the contract a price list in its own currency.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A22",
        title="Exactly one customer takes the rounding",
        cause=(
            "What rounding leaves of a split goes to one customer, who pays a share; here none "
            "or several are named."
        ),
        remedy="Write `rounding = true` at one customer whose percentage is above 0.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A23",
        title="A fixed price has no limit",
        cause="Not-to-exceed limits are for lines that bill by time and material.",
        remedy="Remove the limit, or change the billing method of the line.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A50",
        title="The contract is in another state",
        cause="The contract is not in a state from which this step leads on.",
        remedy="`twofold contract list` shows its state; a closed contract is not opened again.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A51",
        title="The contract has work that is not billed",
        cause="Chargeable sales, milestones that are due, or drafts of the contract are open.",
        remedy="Bill them first, or close the contract with `twofold contract close --lost`.",
        owner=PROJECT_MANAGER,
    ),
)
