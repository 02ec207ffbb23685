"""Post settlements: the pairs in ``settling``, with the exchange rate differences they realise.

A pair settles so much of a debit with so much of a credit, each in its own currency. In the
accounting and the reporting currency a side leaves with its share of what it came in with, and
with all that is left once it is settled whole. Where the sides differ, the receivable keeps the
difference until an entry moves it to the account of exchange rate differences (spec P31.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.numbering import draw_numbers
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Settled:
    """One settlement as it was posted; ``exchange_difference`` is a loss above zero."""

    settlement_id: int
    debit_document: str
    credit_document: str
    currency: str
    debit_amount: Decimal
    credit_amount: Decimal
    exchange_difference: Decimal
    voucher: str | None


@dataclass(frozen=True, slots=True)
class _Counts:
    pair_count: int
    difference_count: int
    difference_account: str | None


@dataclass(frozen=True, slots=True)
class _FirstKey:
    first_key: int


SQL: Final = SqlFile(__name__)
LOCK_RECEIVABLES: Final = SQL.command("lock_receivables")
CREATE_SETTLING: Final = SQL.command("create_settling")
CREATE_PRICED: Final = SQL.command("create_priced")
FILL_PRICED: Final = SQL.command("fill_priced")
COUNT_PRICED: Final = SQL.query("count_priced", gives=_Counts)
TAKE_KEYS: Final = SQL.query("take_keys", gives=_FirstKey)
ADD_SETTLEMENTS: Final = SQL.command("add_settlements")
ADD_DIFFERENCES: Final = SQL.command("add_differences")
READ_SETTLED: Final = SQL.query("read_settled", gives=Settled)
DROP_SETTLING: Final = SQL.command("drop_settling")


def lock_receivables(transaction: Transaction, *, company: str) -> None:
    """Wait for whoever settles for the company, and keep others waiting up to the commit."""
    transaction.run(LOCK_RECEIVABLES, company=company)


def open_settling(transaction: Transaction) -> None:
    """Make the empty working table ``settling``: pairs in the order in which they settle."""
    transaction.run(CREATE_SETTLING)


def post_settlements(
    transaction: Transaction, *, company: str, actor: str, at: datetime
) -> tuple[Settled, ...]:
    """Post every pair of ``settling``; the working table is gone afterwards.

    Before  no pair takes more than what is open of either side, and the customer is locked.
    After   settlements are facts, and entries of their differences are in the ledger, not recorded.
    Refused with ERR-J03 where a difference has no account in the posting setup.
    """
    transaction.run(CREATE_PRICED)
    transaction.run(FILL_PRICED, company=company)
    counts = transaction.one(COUNT_PRICED, company=company)
    if counts.difference_count and counts.difference_account is None:
        raise Refused(
            refuse(
                "ERR-J03",
                f"company/{company}",
                field="posting_type",
                value="exchange_rate_difference",
            )
        )
    keys = transaction.one(TAKE_KEYS, count=counts.pair_count)
    vouchers = draw_numbers(
        transaction,
        company=company,
        reference="customer_payment_voucher",
        count=counts.difference_count,
    )
    transaction.run(
        ADD_SETTLEMENTS,
        company=company,
        first_key=keys.first_key,
        prefix=vouchers.prefix,
        digits=vouchers.digits,
        first_number=vouchers.first_number,
        actor=actor,
        at=at,
    )
    transaction.run(ADD_DIFFERENCES, company=company, account=counts.difference_account)
    settled = tuple(transaction.all(READ_SETTLED, company=company))
    transaction.run(DROP_SETTLING)
    return settled
