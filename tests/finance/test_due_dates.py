"""Due dates: payment terms by example, and the SQL held to the Python."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.books import Books
from twofold.kernel.calendar import PaymentMethod, due_date

DUE = """
    SELECT finance.due_date(
        %s::date, %s::finance.payment_method, %s::integer, %s::integer, %s::integer
    )
"""


@pytest.mark.parametrize(
    ("invoiced_on", "method", "months", "days", "due_on"),
    [
        pytest.param("2012-03-31", "net", 0, 14, "2012-04-14", id="DD-01"),
        pytest.param("2012-03-05", "current_month", 0, 0, "2012-03-31", id="DD-03 M"),
        pytest.param("2012-03-05", "net", 0, 14, "2012-03-19", id="DD-03 D14"),
        pytest.param("2012-03-05", "net", 0, 30, "2012-04-04", id="DD-03 D30"),
        pytest.param("2012-01-31", "net", 1, 0, "2012-02-29", id="no such day"),
        pytest.param("2012-01-31", "net", 1, 1, "2012-03-01", id="months before days"),
        pytest.param("2012-12-31", "net", 1, 0, "2013-01-31", id="over the year"),
        pytest.param("2012-02-29", "current_month", 0, 0, "2012-02-29", id="already the end"),
        pytest.param("2012-02-29", "current_month", 1, 10, "2012-04-10", id="end of next month"),
        pytest.param("2026-11-16", "current_week", 0, 0, "2026-11-22", id="a Monday"),
        pytest.param("2026-11-22", "current_week", 0, 3, "2026-11-25", id="a Sunday"),
        pytest.param("2026-10-01", "current_quarter", 0, 0, "2026-12-31", id="quarter begins"),
        pytest.param("2026-12-31", "current_quarter", 1, 5, "2027-02-05", id="quarter ends"),
        pytest.param("2026-01-01", "current_year", 0, 15, "2027-01-15", id="year"),
        pytest.param("2026-11-21", "cash_on_delivery", 0, 0, "2026-11-21", id="cash"),
    ],
)
def test_terms_give_a_due_date(
    invoiced_on: str, method: PaymentMethod, months: int, days: int, due_on: str
) -> None:
    due = due_date(date.fromisoformat(invoiced_on), method=method, months=months, days=days)

    assert due == date.fromisoformat(due_on)


@pytest.mark.parametrize(
    ("invoiced_on", "due_on"),
    [
        pytest.param("2026-11-20", "2026-11-30", id="on the cut-off day"),
        pytest.param("2026-11-21", "2026-12-31", id="a day later"),
        pytest.param("2026-12-31", "2027-01-31", id="over the year"),
    ],
)
def test_after_the_cutoff_day_an_invoice_counts_as_of_next_month(
    invoiced_on: str, due_on: str
) -> None:
    """P32.3."""
    invoiced = date.fromisoformat(invoiced_on)

    due = due_date(invoiced, method="current_month", months=0, days=0, cutoff_day=20)

    assert due == date.fromisoformat(due_on)


@given(
    invoiced_on=st.dates(date(1900, 1, 1), date(2100, 12, 31)),
    method=st.sampled_from(get_args(PaymentMethod)),
    months=st.integers(0, 40),
    days=st.integers(0, 400),
    cutoff_day=st.none() | st.integers(1, 31),
)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_agrees(
    books: Books,
    invoiced_on: date,
    method: PaymentMethod,
    months: int,
    days: int,
    cutoff_day: int | None,
) -> None:
    with books.finance.raw() as connection:
        row = connection.execute(DUE, (invoiced_on, method, months, days, cutoff_day)).fetchone()

    assert row == (
        due_date(invoiced_on, method=method, months=months, days=days, cutoff_day=cutoff_day),
    )


def test_without_terms_there_is_no_due_date(books: Books) -> None:
    with books.finance.raw() as connection:
        row = connection.execute(DUE, (date(2026, 1, 1), None, 0, 0, None)).fetchone()

    assert row == (None,)
