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
from twofold.kernel.errors import Refused

Reference = Literal[
    "integration_journal",
    "integration_journal_voucher",
    "customer_invoice",
    "customer_invoice_voucher",
]


@dataclass(frozen=True, slots=True)
class NumberBlock:
    """Consecutive numbers of one sequence, as SQL formats them: ``finance.document_number``."""

    prefix: str
    digits: int
    first_number: int


@dataclass(frozen=True, slots=True)
class _FirstKey:
    first_key: int


SQL: Final = SqlFile(__name__)
DRAW_NUMBERS: Final = SQL.query("draw_numbers", gives=NumberBlock)
TAKE_KEYS: Final = SQL.query("take_keys", gives=_FirstKey)


def draw_numbers(
    transaction: Transaction, *, company: str, reference: Reference, count: int
) -> NumberBlock:
    """Draw ``count`` numbers; refused with ERR-J08 when the company has no such sequence."""
    block = transaction.first(DRAW_NUMBERS, company=company, reference=reference, count=count)
    if block is None:
        raise Refused(
            refuse("ERR-J08", f"company/{company}", field="number_sequence", value=reference)
        )
    return block


def take_journal_keys(transaction: Transaction, *, count: int) -> int:
    """Take a block of journal keys and give the first."""
    return transaction.one(TAKE_KEYS, sequence="finance.journal_key", count=count).first_key
