"""Which actuals should have a voucher by now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.operations.billing import plant_contracts, sell
from tests.support.books import Books
from twofold.operations.actuals.out_of_sync import out_of_sync

SENT = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture
def sent(books: Books) -> Books:
    sell(plant_contracts(books), "actual_id\n1\n2\n3\n4")
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.outbox SET created_at = %s", (SENT,))
        connection.execute("UPDATE operations.actual SET skip_sync = true WHERE actual_id = 2")
        connection.execute("UPDATE operations.actual SET class = 'retainer' WHERE actual_id = 3")
    books.given("""
        operations.actual_accounting
        company  actual_id  voucher  accounting_date  accounting_amount  exchange_rate  sales_tax_amount
        USPM     4          V-1      2026-10-15       1600               100            0
    """)  # noqa: E501
    return books


@pytest.mark.parametrize(
    ("age", "keys"),
    [
        (timedelta(minutes=59), []),
        (timedelta(hours=1), [1]),
        (timedelta(days=31), [1]),
        (timedelta(days=31, seconds=1), []),
    ],
)
def test_an_actual_is_out_of_sync_after_an_hour_and_for_a_month(
    sent: Books, age: timedelta, keys: list[int]
) -> None:
    with sent.operations.reader() as reader:
        found = out_of_sync(reader, company="USPM", at=SENT + age)
        other = out_of_sync(reader, company="GBPM", at=SENT + age)

    assert [one.actual_id for one in found] == keys
    assert other == ()
