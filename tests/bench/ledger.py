"""The ledger over many entries: what recording a posting costs, and how long a trial balance takes.

    python -m tests.bench.ledger --entries 20000000

Vouchers of two entries over 200 accounts and five years, in postings of a million entries; then a
posting of one voucher, the trial balance of the last month, and a page of an account's entries.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, date, datetime
from typing import Final

from rich.console import Console

from tests.bench.engine import Figure, durable_books, show
from tests.support.books import Books
from twofold.database.transaction import connection_of
from twofold.finance.ledger.reads import account_entries, trial_balance
from twofold.finance.posting.recording import record_posting

COMPANY: Final = "USPM"
NOW: Final = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
PIECE: Final = 1_000_000
# Seconds for the trial balance of 20 million entries.
BALANCE_SECONDS_MAX: Final = 1.0

_ADD_ENTRIES: Final = """
    INSERT INTO finance.ledger_entry (
        company, voucher, entry_number, accounting_date, account, posting_type, currency,
        transaction_amount, accounting_amount, reporting_amount
    )
    SELECT
        %(company)s, 'V-' || lpad((%(first)s::bigint + number)::text, 10, '0'), side,
        date '2022-01-01' + ((%(first)s::bigint + number) * 1800 / %(vouchers)s)::integer,
        (100000 + (number * 7 + side * 100) %% 200)::text, 'cost', 'USD',
        amount, amount, amount
    FROM generate_series(1, %(count)s) AS number
    CROSS JOIN LATERAL (
        VALUES (1, number %% 977 + 0.25), (2, -(number %% 977) - 0.25)
    ) AS leg (side, amount)
"""


def measure_ledger(books: Books, entries: int) -> list[Figure]:
    """Fill the ledger and measure; the kept balances are compared with the entries."""
    books.given(f"""
        finance.legal_entity
        company    name   accounting_currency  reporting_currency  change_set_id
        {COMPANY}  Bench  USD                  USD                 1

        finance.fiscal_period
        company    period_start  period_end  state
        {COMPANY}  2022-01-01    2026-12-31  open
    """)
    adding = recording = 0.0
    for first in range(0, entries // 2, PIECE // 2):
        spent = _post(books, first, min(PIECE, entries - 2 * first) // 2, entries // 2)
        adding, recording = adding + spent[0], recording + spent[1]
    small = _post(books, entries, 1, entries)[1]
    found = [
        Figure(
            f"recording {entries:,} entries",
            f"{recording:.1f} s beside {adding:.1f} s to add them",
        ),
        Figure("recording one voucher after them", f"{small * 1000:.0f} ms"),
    ]
    with books.owner_finance.session() as connection:
        # What autovacuum does by itself sooner or later.
        connection.execute("VACUUM ANALYZE finance.ledger_entry, finance.account_balance")
    period = {"period_from": date(2026, 11, 1), "period_to": date(2026, 11, 30)}
    with books.finance.reader() as reader:
        started = time.perf_counter()
        balance = trial_balance(reader, company=COMPANY, **period)
        spent_balance = time.perf_counter() - started
        account = balance.accounts[0].account
        started = time.perf_counter()
        account_entries(reader, company=COMPANY, account=account, **period)
        spent_account = time.perf_counter() - started
    assert balance.total.closing_amount == 0
    return [
        *found,
        Figure(
            f"trial balance over {entries:,} entries",
            f"{spent_balance:.3f} s",
            f"≤ {BALANCE_SECONDS_MAX:.1f} s",
            met=spent_balance <= BALANCE_SECONDS_MAX,
        ),
        Figure("first page of an account in a month", f"{spent_account:.3f} s"),
    ]


def _post(books: Books, first: int, count: int, vouchers: int) -> tuple[float, float]:
    """Post vouchers; give the seconds to add them and to record them."""
    given = {"company": COMPANY, "first": first, "count": count, "vouchers": vouchers}
    with books.finance.transaction() as transaction:
        started = time.perf_counter()
        connection_of(transaction).execute(_ADD_ENTRIES, given)
        added = time.perf_counter()
        record_posting(
            transaction, company=COMPANY, kind="bench", document=str(first), actor="bench", at=NOW
        )
        return added - started, time.perf_counter() - added


def main() -> int:
    """Measure as the arguments say; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ledger", description=__doc__)
    parser.add_argument("--entries", type=int, default=20_000_000)
    given = parser.parse_args()
    with durable_books() as books:
        found = measure_ledger(books, given.entries)
    show("The ledger", found, Console())
    return 1 if any(one.met is False for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
