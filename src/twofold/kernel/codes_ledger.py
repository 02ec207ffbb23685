"""Error codes of the ledger (L): periods and their close, payments, settlement, accrued revenue.

One entry per code, read by people who are stuck: what happened, why, and what to do now.
"""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import PROJECT_ACCOUNTANT, ErrorCode

LEDGER_CODES: Final = (
    ErrorCode(
        "ERR-L01",
        title="No such period",
        cause="No fiscal period of the company holds this day.",
        remedy="`twofold ledger periods` lists them; add years with `twofold setup finance`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L02",
        title="The period is in that state already",
        cause="Closing a closed period, or opening an open one, changes nothing.",
        remedy="Nothing to do: `twofold ledger periods`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L03",
        title="Something dated in the period is not posted",
        cause="A journal line, an invoice proposal or a staged actual waits with a date in it.",
        remedy="Post what is named, or move it to another date; then close.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L04",
        title="Accrued revenue is not balanced",
        cause="An invoice of the period reversed another amount than was accrued.",
        remedy="Correct it with `twofold ledger accrual-adjust`, or close with `--explain TEXT`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L05",
        title="Kept balances are not the entries",
        cause="The kept balances of the period differ from the sum of its entries.",
        remedy="Do not close: `twofold ledger chain verify` names what was changed.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L06",
        title="Numbers are missing",
        cause="Voucher numbers between the first and the last of the period were never used.",
        remedy="Find out why, and close with `--explain TEXT`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L10",
        title="The period was closed meanwhile",
        cause="Somebody closed the period, or put it on hold, while this posting was being made.",
        remedy="Choose a date in an open period, or reopen it with `twofold ledger reopen`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L11",
        title="There is nothing to close",
        cause="All accounts of profit and loss are at zero on that day.",
        remedy="Nothing to do: the year is closed.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L12",
        title="A year ends with a period",
        cause="The day is not the last one of a fiscal period of the company.",
        remedy="Name the last day of the fiscal year: `twofold ledger periods`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L13",
        title="Accrued revenue is balanced",
        cause="No sale that was named, or none of the period, has an imbalance.",
        remedy="`twofold ledger accruals` lists imbalances.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L20",
        title="The file of payments is not as expected",
        cause="A cell or element is missing, or has a value that cannot be right.",
        remedy="Correct what is named and import the file again; nothing of it was posted.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L21",
        title="The file was imported before",
        cause="A file with exactly this content is known.",
        remedy="Nothing to do: `twofold payment list` shows what it brought.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L22",
        title="Nobody is known to have paid",
        cause="The payment names no invoice, and no account of a customer that exists.",
        remedy="Add `--customer REFERENCE=ACCOUNT`, or `--leave-out REFERENCE`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L23",
        title="The bank account does not exist",
        cause="The chart of accounts of the company has no such account.",
        remedy="Name another account, or add it with `twofold setup finance`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L24",
        title="The day is not in an open period",
        cause="A payment or settlement is posted on a day whose period is not open.",
        remedy="Reopen the period with `twofold ledger reopen`, or wait for an open one.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L25",
        title="No such open document",
        cause="A number, reference or voucher has to name exactly one transaction of a customer.",
        remedy="`twofold receivable open` lists them; where two are found, name the voucher.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L26",
        title="These two cannot be settled",
        cause="One is an open invoice, the other an open payment or credit note of its customer.",
        remedy="Choose others, or a smaller amount: `twofold receivable open`.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L27",
        title="The settlement does not stand",
        cause="It is unknown, or was undone already.",
        remedy="`twofold receivable settlements` lists those that stand.",
        owner=PROJECT_ACCOUNTANT,
    ),
    ErrorCode(
        "ERR-L28",
        title="The payment was imported before",
        cause="The bank account has a payment with this reference, or the file has it twice.",
        remedy="Add `--leave-out REFERENCE`, or correct the file.",
        owner=PROJECT_ACCOUNTANT,
    ),
)
