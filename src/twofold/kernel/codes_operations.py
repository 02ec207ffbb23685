"""Error codes of the operations book: contracts (A), backlog and proforma (B), corrections (C).

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
        cause="The percentages of the contract's customers do not add up to 100.",
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
        title="The contract keeps its currency and its customer",
        cause="Both are settled when a contract is first saved, because sales follow from them.",
        remedy="Restore the value, or make a new contract.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-A20",
        title="The milestone is on a proforma",
        cause="What is being billed or was billed cannot change underneath its proforma.",
        remedy="Restore the value; correcting what was billed is not built yet.",
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
        "ERR-B01",
        title="Actuals are written only by their processes",
        cause="The row tries to create or change an actual outside an entry or a correction.",
        remedy="Approve an entry, or make the change with a correction journal.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B02",
        title="The class does not fit the billing method",
        cause="This transaction class or type is not allowed on a line with this billing method.",
        remedy="Choose another class, or a contract line with the other billing method.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B03",
        title="The not-to-exceed check has not passed",
        cause=(
            "The limit check of the item failed or has not been run, so it cannot become "
            "ready to invoice."
        ),
        remedy="Reset other items to make room, or raise the limit, then evaluate again.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B04",
        title="The unbilled sale has no customer",
        cause="The sale names no customer of its contract line.",
        remedy="Complete the journal line with a contract-line customer.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B05",
        title="Nothing is billable",
        cause="The contract has no item that is ready to invoice up to the chosen date.",
        remedy="Mark items as ready to invoice, or choose a later date.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B06",
        title="The item is on another proforma",
        cause="An item is billed by one open proforma at a time.",
        remedy="Confirm the other proforma; taking items off a draft is not built yet.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B07",
        title="The item lies in the future",
        cause="The item's date is after the day up to which this proforma bills.",
        remedy="Wait for the date, or bill up to a later one.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B08",
        title="A refresh of this proforma is running",
        cause="Another refresh of the same proforma has not finished.",
        remedy="Wait until it has finished.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B09",
        title="The field is locked",
        cause="The field cannot change in this state or with this billing method.",
        remedy="Change one of the open fields, or revise the proforma.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B10",
        title="The proforma is already confirmed",
        cause="A confirmed proforma never changes.",
        remedy="Leave it as it is; corrective proformas are not built yet.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B11",
        title="The unbilled sale behind the line is gone",
        cause=(
            "The sale that backs this line is missing, was adjusted, or belongs to another "
            "proforma."
        ),
        remedy="`twofold verify` shows what is wrong; refreshing a draft is not built yet.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B12",
        title="The transaction class of the line changed",
        cause="A proforma line keeps the transaction class it was created with.",
        remedy="Delete the line and create it again.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B13",
        title="The retainer cannot be applied like this",
        cause=(
            "The amount is above what is available or chargeable, or the retainer belongs to "
            "another customer."
        ),
        remedy="Lower the extended amount, or choose a retainer of this customer.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B14",
        title="Too many rows for live confirmation",
        cause="The proforma has more rows than a live confirmation may carry.",
        remedy="Confirm it as a background job, or split it.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B15",
        title="The currency is not the contract's",
        cause="Everything billed on a contract is in the contract's currency.",
        remedy="Enter the amount in the contract's currency.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B16",
        title="A confirmed proforma stays",
        cause="A confirmed proforma and its lines can be neither deleted nor deactivated.",
        remedy="Leave it as it is; corrective proformas are not built yet.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B17",
        title="Too many items are selected",
        cause="A selection made by hand is above the number of items allowed at once.",
        remedy="Select fewer items, or use a batch.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B18",
        title="The recurring job already exists",
        cause="The recurring job runs once per company.",
        remedy="Stop the first job, then start another.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-B19",
        title="A proforma has no discount and no freight",
        cause="Discount and freight are agreed on the contract, not on the proforma.",
        remedy="Leave both empty; change the price on the contract instead.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B20",
        title="The entry is already billed",
        cause=(
            "The entry is on a draft or on a confirmed proforma, so it cannot be cancelled "
            "or recalled."
        ),
        remedy=(
            "Leave it approved; taking it off a draft, and crediting what was billed, are not "
            "built yet."
        ),
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B21",
        title="The project is completed",
        cause="A completed project accepts no entries and bills nothing more.",
        remedy="Set the project back to in process, or leave its items out.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B22",
        title="There is no such record",
        cause="The company has no record with this number or key, or none that is open.",
        remedy="Look it up in the list again, and check the company.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B23",
        title="The contract does not bill in this state",
        cause="Only an active contract bills; this one is a draft, on hold or closed.",
        remedy="Activate the contract, or leave it out.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-C01",
        title="Only a confirmed proforma can be revised",
        cause="The proforma is not confirmed, or has a status of its own.",
        remedy="Edit the draft itself, or choose a confirmed proforma.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-C02",
        title="The corrective proforma changes nothing",
        cause="No line of the corrective proforma differs from what was billed.",
        remedy="Change at least one line, or delete the corrective proforma.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-C03",
        title="A milestone is credited in full",
        cause="A milestone cannot be credited in part.",
        remedy="Credit it in full, then bill the right amount.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-C04",
        title="The milestone was billed once",
        cause="A milestone that ever stood on an invoice cannot be deleted.",
        remedy="Leave it, or credit it.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-C05",
        title="The billing type is fixed on a correction",
        cause="A corrective line keeps the billing type of the line it corrects.",
        remedy="Credit the line, then bill it again with the other billing type.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-C06",
        title="The refund is not possible",
        cause="The refund is above what is available, or its proforma is already confirmed.",
        remedy="Lower the refund, or enter it on a draft.",
        owner=PROJECT_MANAGER,
    ),
)
