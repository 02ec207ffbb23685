"""Error codes of the operations book: backlog and proforma (B), corrections (C).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import ADMINISTRATOR, PROJECT_MANAGER, ErrorCode

BILLING_CODES: Final = (
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
        remedy=(
            "See `twofold limit list`. Reset other items to make room (`twofold limit reset`), or "
            "raise the limit in the setup, then run `twofold limit evaluate`."
        ),
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
        remedy="Confirm the other proforma, or take the item off it: `twofold proforma remove`.",
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
        remedy="Leave it as it is, or correct it with `twofold proforma revise`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B11",
        title="The unbilled sale behind the line is gone",
        cause=(
            "The sale that backs this line is missing, was adjusted, or belongs to another "
            "proforma."
        ),
        remedy="Take the detail off the draft: `twofold proforma remove`.",
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
        remedy="Leave it as it is, or correct it with `twofold proforma revise`.",
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
            "On a draft: `twofold proforma remove`. Billed: a corrective proforma that credits it "
            "in full (`twofold proforma revise`), confirmed; then try again."
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
        "ERR-B24",
        title="Somebody else changed the draft",
        cause="The draft is not as it was when it was opened: another person changed it meanwhile.",
        remedy="Look at it again with `twofold proforma show NUMBER`, then repeat the change.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B25",
        title="The item is not marked ready",
        cause="Only what is marked ready to invoice goes onto a draft.",
        remedy="Mark it first: `twofold backlog ready`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B60",
        title="A limit would be exceeded",
        cause=(
            "With what is on the draft, more would be invoiced than a not-to-exceed limit allows: "
            "work was added, or raised, or the limit was lowered."
        ),
        remedy=(
            "Lower the draft with `twofold proforma edit`, or raise the limit in the setup; "
            "`twofold limit list` shows what is left."
        ),
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B61",
        title="The proforma is being confirmed in bulk",
        cause="It was scheduled together with others, and its turn has not come or not ended.",
        remedy=(
            "Wait for the run to end; where one was broken off, `twofold proforma confirm "
            "--resume` goes on with it."
        ),
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B62",
        title="Proformas of the company are being confirmed in bulk already",
        cause="Many are confirmed by one run of a company at a time, so that each comes once.",
        remedy="`twofold proforma list --bulk scheduled` shows what is left; then start again.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B63",
        title="A rule of the database kept a proforma from being confirmed",
        cause="A constraint forbids a row that the confirmation would write.",
        remedy="`twofold verify` tells what is wrong with the book; report it with the reason.",
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-B40",
        title="The line lacks what an invoice schedule needs",
        cause=(
            "A schedule needs an invoice frequency and a billing start date on the line, and a "
            "requested delivery date of its contract that is not before the first run."
        ),
        remedy="Complete the line in the setup file: `twofold setup operations FILE`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B41",
        title="The fixed price cannot be divided into its periods",
        cause="Equal parts of the amount or of its tax would leave nothing for the last period.",
        remedy="Choose fewer periods, or write the milestones into the setup file.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B42",
        title="The contract could not be invoiced automatically",
        cause="Creating its drafts failed; nothing of it was done, and other contracts went on.",
        remedy="Correct what the message names, then `twofold schedule retry` and run again.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B43",
        title="The milestone is billed the other way",
        cause="A line is billed by completed milestones, or by progress, part by part.",
        remedy="By progress: `twofold backlog progress`; completed: `twofold backlog ready`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B44",
        title="The next invoice amount does not fit",
        cause=(
            "The amount is not above zero, has more decimals than the currency, or is more than "
            "what is neither invoiced nor on a draft."
        ),
        remedy="Choose an amount or a percentage within what remains.",
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
    ErrorCode(
        "ERR-B50",
        title="The entry is on an open correction journal",
        cause="A correction journal that is still open names the entry: it is In Process.",
        remedy="`twofold correction confirm` or `twofold correction discard` with that journal.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B51",
        title="The correction changes nothing",
        cause="The entry has the new values already, or none of those that are to change.",
        remedy="Leave the entry out, or give the value that is right.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B52",
        title="A task needs its project",
        cause="A task is named without the project it belongs to.",
        remedy="Name the project as well, even if it stays the same.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B53",
        title="The journal is unknown",
        cause="The company has no journal of this kind and number.",
        remedy="`twofold correction list` and `twofold entry-journal list` show the journals.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B54",
        title="The journal is closed",
        cause="The journal was confirmed or discarded already, and is read-only.",
        remedy="Open another journal.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B55",
        title="No entry journal makes this",
        cause=(
            "Entry journals make costs and unbilled sales of time, expenses, material and fees; "
            "the type or class of the line has a process of its own."
        ),
        remedy="Bill milestones and sales with `twofold proforma create`.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B56",
        title="The customer does not pay this",
        cause="The line names a customer that is not on the contract, or it is a cost.",
        remedy="Name a customer of the contract on a line of unbilled sales, or none.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B57",
        title="The journal file cannot be read",
        cause="The file is missing, has no lines, another header, or a value that is none.",
        remedy="Correct what is named; the help of `twofold entry-journal new` lists the columns.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-B58",
        title="The actual cannot be cancelled",
        cause=(
            "It was not made by an entry journal, is a reversal or reversed already, is on a draft "
            "or on an invoice, or is a cost that finance posted itself."
        ),
        remedy=(
            "Take it off the draft, or credit the invoice with `twofold proforma revise`; a cost "
            "of finance is taken back there, by `twofold general-journal post` with a "
            "quantity below zero."
        ),
        owner=PROJECT_MANAGER,
    ),
)
