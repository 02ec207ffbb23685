"""Numbers for journals, vouchers and invoices, drawn in blocks from a company's sequences.

Draw as late as possible: the sequence stays locked until the transaction closes, and that is
what keeps a series without gaps. Processes that draw from several draw in the order of the
references, so that none waits for another in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused

Reference = Literal[
    "integration_journal",
    "integration_journal_voucher",
    "customer_invoice",
    "customer_invoice_voucher",
    "customer_payment_voucher",
    "accrual_adjustment_voucher",
    "year_end_voucher",
    "estimate_voucher",
    "general_journal",
    "general_journal_voucher",
    "vendor_invoice_voucher",
]


# Sequences that a setup need not name, with the prefix they get.
_PROVIDED: Final = {
    "customer_payment_voucher": "CPV",
    "accrual_adjustment_voucher": "ARV",
    "year_end_voucher": "YEV",
    "estimate_voucher": "EST",
    "general_journal": "GJ",
    "general_journal_voucher": "GJV",
    "vendor_invoice_voucher": "VIV",
}


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """Consecutive numbers of one sequence, as SQL formats them: ``finance.document_number``."""

    prefix: str
    digits: int
    first_number: int


@dataclass(frozen=True, slots=True)
class _Sequence:
    is_blocked: bool
    next_number: int
    highest_number: int


@dataclass(frozen=True, slots=True)
class _FirstKey:
    first_key: int


SQL: Final = SqlFile(__name__)
PROVIDE_SEQUENCE: Final = SQL.command("provide_sequence")
DRAW_NUMBERS: Final = SQL.query("draw_numbers", gives=NumberBlock)
FIND_SEQUENCE: Final = SQL.query("find_sequence", gives=_Sequence)
TAKE_KEYS: Final = SQL.query("take_keys", gives=_FirstKey)


def draw_numbers(
    transaction: Transaction, *, company: str, reference: Reference, count: int
) -> NumberBlock:
    """Draw ``count`` numbers, one after the other.

    Refused: the company has no such sequence (ERR-J08), it is blocked (ERR-S02), or fewer numbers
    are left up to its highest one (ERR-S03). Sequences of vouchers that no document of a
    customer shows are made on first use (spec 4.6).
    """
    if reference in _PROVIDED:
        prefix = f"{_PROVIDED[reference]}-"
        transaction.run(PROVIDE_SEQUENCE, company=company, reference=reference, prefix=prefix)
    block = transaction.first(DRAW_NUMBERS, company=company, reference=reference, count=count)
    if block is None:
        raise Refused(_why_none(transaction, company=company, reference=reference, count=count))
    return block


def _why_none(
    transaction: Transaction, *, company: str, reference: Reference, count: int
) -> Refusal:
    sequence = transaction.first(FIND_SEQUENCE, company=company, reference=reference)
    if sequence is None:
        return refuse("ERR-J08", f"company/{company}", field="number_sequence", value=reference)
    record = f"{company}/number_sequence/{reference}"
    if sequence.is_blocked:
        return refuse("ERR-S02", record, field="is_blocked", value="true")
    left = sequence.highest_number - sequence.next_number + 1
    reason = f"{count} numbers are needed, {left} are left."
    highest = str(sequence.highest_number)
    return refuse("ERR-S03", record, field="highest_number", value=highest, reason=reason)


def take_journal_keys(transaction: Transaction, *, count: int) -> int:
    """Take a block of journal keys and give the first."""
    return transaction.one(TAKE_KEYS, sequence="finance.journal_key", count=count).first_key
