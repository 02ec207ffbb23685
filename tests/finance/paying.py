"""An invoiced company whose customers pay: words for payments and settlements."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from decimal import Decimal

from tests.finance.company import (
    SETUP,
    arrive,
    bill,
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.support.books import Books
from twofold.database.invariants import check_book
from twofold.finance.receivables.files.csv_file import read_csv
from twofold.finance.receivables.import_payments import (
    ImportedPayments,
    PaymentBatch,
    import_payments,
)
from twofold.finance.receivables.settle import settle
from twofold.finance.receivables.settlements import Settled
from twofold.finance.receivables.undo_settlement import undo_settlement
from twofold.kernel.errors import Refused

LATER = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
MORE_SETUP = """
    finance.main_account
    company  account  name                   kind
    USPM     1010     Bank                   asset
    USPM     3010     Retained earnings      equity
    USPM     6800     Exchange differences   expense

    finance.posting_setup
    company  posting_type              account
    USPM     exchange_rate_difference  6800
    USPM     retained_earnings         3010
"""


def invoiced_company(books: Books) -> Books:
    """Give invoices INV-9998 over GBP 1000 at 125, INV-9999 over GBP 500, INV-10000 over USD 80.

    No tax. The first two are of customer C-1, the third of C-2.
    """
    books.given(SETUP)
    books.given(MORE_SETUP)
    with books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.customer_accounting SET tax_group = NULL")
    arrive(books, """
        actual_id  amount  currency  project_id  contract_id  contract_line_id  customer_id
        1          1000    GBP       1           1            1                 1
        2          500     GBP       1           1            1                 1
        3          80      USD       4           3            3                 2
    """)  # fmt: skip
    run_import(books)
    run_journal(books, 1)
    for proposal_id, pair in ((7, {101: 1}), (8, {102: 2}), (9, {103: 3})):
        bill(books, proposal_id, pair)
    run_import(books)
    run_proposals(books, 7, 8, 9)
    return books


def pay(
    books: Books, csv: str, *, customers: dict[str, str] | None = None, name: str = "payments.csv"
) -> ImportedPayments:
    """Import a CSV of payments, as people do."""
    content = "\n".join(line.strip() for line in csv.strip().splitlines()).encode()
    read = read_csv(content)
    if read.refusals:
        raise Refused(*read.refusals)
    batch = PaymentBatch(
        name, hashlib.sha256(content).hexdigest(), "1010", read.payments, customers or {}
    )
    with finance_of(books) as transaction:
        return import_payments(transaction, company="USPM", batch=batch, actor="cleo", at=LATER)


def settle_now(books: Books, credit: str, debit: str, amount: str | None = None) -> Settled:
    """Settle two open documents."""
    with finance_of(books) as transaction:
        return settle(
            transaction,
            company="USPM",
            credit=credit,
            debit=debit,
            amount=None if amount is None else Decimal(amount),
            actor="cleo",
            at=LATER,
        )


def undo_now(books: Books, settlement_id: int, at: datetime = LATER) -> str | None:
    """Undo a settlement."""
    with finance_of(books) as transaction:
        return undo_settlement(
            transaction,
            company="USPM",
            settlement_id=settlement_id,
            reason="wrong invoice",
            actor="cleo",
            at=at,
        )


def broken(books: Books) -> list[str]:
    """Name the invariants of finance that do not hold."""
    with books.auditor_finance.reader() as reader:
        return [
            one.invariant
            for one in check_book(reader, "finance")
            # These tests let no billed sales arrive as change sets.
            if one.invariant not in {"staged_actual_refers_to_what_exists"}
        ]
