"""Error codes of the finance book: setup (A), journals and vouchers (J), invoices (F).

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import ENGINEER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, ErrorCode

FINANCE_CODES: Final = (
    ErrorCode(
        "ERR-A30",
        title="The setup file is not as expected",
        cause="A key of the setup file is unknown, missing, or has a value that cannot be right.",
        remedy="Correct the file and apply it again; nothing of it was written.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-A31",
        title="The setup names something that does not exist",
        cause="Neither the setup file nor the book has what this field names.",
        remedy="Add what is missing to the setup file, or correct the name.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-A32",
        title="The setup states something twice",
        cause="Two rows of the setup have the same key, or two sequences the same numbers.",
        remedy="Keep one of the two.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-A33",
        title="The setup contradicts itself",
        cause="A cost and revenue profile or a rule combines settings that exclude each other.",
        remedy="Change one of the settings named.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-A34",
        title="Two fiscal periods overlap",
        cause="Each date lies in one period at most, and a period ends after it starts.",
        remedy="Correct the first or last day of the period.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-A35",
        title="The currency of the company is fixed",
        cause="The ledger already holds entries in the company's currencies.",
        remedy="Keep the currency, or open another company.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J01",
        title="The period is not open",
        cause="The accounting date lies in a period that is not open.",
        remedy="Open it with `twofold ledger reopen`, or let dates move to the next open one.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J02",
        title="No open period follows",
        cause="There is no open period on or after the accounting date.",
        remedy="Open a period: `twofold ledger periods`, `twofold ledger reopen`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J03",
        title="A ledger account is missing",
        cause="The posting setup or the profile names no account for this transaction.",
        remedy="Complete the posting setup.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J04",
        title="The dimension combination is not valid",
        cause="The account does not accept these financial dimensions together.",
        remedy="Choose a valid combination.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J05",
        title="The voucher does not balance",
        cause="Debits and credits differ in the accounting or the reporting currency.",
        remedy="Nothing was posted. This is a defect: report it with the voucher.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-J06",
        title="The project is finished",
        cause="A finished project takes no further transactions.",
        remedy="Reopen the project, or cancel the transaction.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-J07",
        title="The line was moved to a new journal",
        cause="The line could not be posted with the others of its journal.",
        remedy="Correct the reason given, set the line back to draft, and post it.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J08",
        title="The company is not set up for posting",
        cause="The project parameters or a number sequence of the company are missing.",
        remedy="Complete the finance setup of the company.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-J09",
        title="The journal is not in the state this needs",
        cause=(
            "The journal is unknown or has no lines; only a draft is posted, only a draft or a "
            "journal in error is deleted, and only a journal in error, or one whose posting was "
            "cut short, goes back to draft."
        ),
        remedy="`twofold journal list` shows its state; `twofold journal to-draft` where in error.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F01",
        title="Proposals come from operations only",
        cause=(
            "Nobody creates or deletes a proposal, or adds or removes a single line, in the "
            "finance book."
        ),
        remedy="Act on the proforma in the operations book.",
        owner=PROJECT_MANAGER,
    ),
    ErrorCode(
        "ERR-F02",
        title="The proposal has no lines",
        cause="The lines of the proposal have not been imported yet.",
        remedy="Import from staging first.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F03",
        title="The transaction is on a proposal",
        cause="An on-account amount or transaction stands on one proposal at a time.",
        remedy=(
            "`twofold proposal post NUMBER` for the credit of the other, then "
            "`twofold finance import-from-staging`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F04",
        title="The proposal is not approved",
        cause="The review of project invoice proposals has not approved it.",
        remedy="`twofold proposal review NUMBER submit`, and have it approved.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F05",
        title="The proposal is already posted",
        cause="A posted proposal never changes and is posted once.",
        remedy="Open the customer invoice instead.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F06",
        title="The registration of the company is not clear",
        cause="No establishment or registration number, or more than one, fits this invoice.",
        remedy="Select the one that applies.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F07",
        title="The receivable account is missing",
        cause="No posting profile of the customer leads to a receivable account.",
        remedy="Set up the customer posting profile.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F08",
        title="The invoice date lies in a closed period",
        cause="The period of the invoice date takes no postings.",
        remedy="Change the invoice date, or open the period.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F09",
        title="There is no such proposal",
        cause="The company has no proposal with this key.",
        remedy="Look the proposal up in the list of proposals.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F10",
        title="The tax rate is missing",
        cause="A sales tax code of the line has no rate that is valid on the invoice date.",
        remedy="Enter the rate of the tax code, or change the tax groups.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F15",
        title="Somebody else changed the proposal",
        cause="The proposal is not any more the one that was looked at.",
        remedy="`twofold proposal show NUMBER`, then change it again.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F16",
        title="The tax group is not known",
        cause="No sales tax code of the company belongs to this group.",
        remedy="Name another group, or add the group to the setup of the company.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F17",
        title="The due date is before the invoice date",
        cause="An invoice is due on its own date at the earliest.",
        remedy="Set a later due date, or clear it: it is reckoned from the terms then.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F18",
        title="There is nothing to bill",
        cause="Nothing on the proforma is chargeable, so the proposal was closed by itself.",
        remedy="Nothing is to be done: no invoice comes of it.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F19",
        title="The proposal is under review",
        cause="What was submitted for approval does not change until somebody asks for a change.",
        remedy="`twofold proposal review NUMBER reset`, change it, and submit it again.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F20",
        title="The proposal has no such line",
        cause="None of its lines bills this actual, or is of this class.",
        remedy="`twofold proposal show NUMBER --json` lists its lines with their actuals.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F21",
        title="The review is not there",
        cause="This step does not lead on from the state in which the review is.",
        remedy="`twofold proposal show NUMBER` says where it is; a reset starts it again.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F22",
        title="The proposal could not be posted now",
        cause="The database did not let the posting finish; nothing of it was kept.",
        remedy="Post it again; if it stays, `twofold doctor` says what is wrong.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F23",
        title="Proposals need no approval here",
        cause="The company does not have its proposals approved before they are posted.",
        remedy=(
            "Post it; or set proposals_need_approval in the setup file and "
            "`twofold setup finance FILE`."
        ),
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-F24",
        title="A section of the document is named twice",
        cause="Each class of lines has one place on the printed document.",
        remedy="Name each class once.",
        owner=PROJECT_ACCOUNTANT,
    ),
)
