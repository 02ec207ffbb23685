"""Invoice schedules: the days of a line, and fixed prices divided over them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.billing import broken, plant_contracts, undone
from tests.operations.scheduling import generate, plan, plan_in, run, states
from tests.support.books import Books
from twofold.kernel.errors import Refused
from twofold.operations.schedules.generate import Generated


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rule:
    """A frequency, the first and last day that count, and the days it gives."""

    frequency: str
    start: str
    end: str
    days: str


RULES: Final = {
    "a day of every month": Rule("monthly 5", "2026-10-01", "2026-12-31", "10-05 11-05 12-05"),
    "a day the month does not have is its last":
        Rule("monthly 31", "2026-01-01", "2026-04-30", "01-31 02-28 03-31 04-30"),
    "in a leap year too": Rule("monthly 30", "2028-02-01", "2028-03-31", "02-29 03-30"),
    "in a century that is none": Rule("monthly 29", "2100-02-01", "2100-02-28", "02-28"),
    "two that fall on one day are one":
        Rule("monthly 29 30 31", "2026-02-01", "2026-03-31", "02-28 03-29 03-30 03-31"),
    "four a month": Rule("monthly 1 8 15 22", "2026-10-08", "2026-11-01",
                         "10-08 10-15 10-22 11-01"),
    "the first and last day count": Rule("monthly 1 30", "2026-09-01", "2026-09-30", "09-01 09-30"),
    "a day before or after does not": Rule("monthly 1 30", "2026-09-02", "2026-09-29", ""),
    "the first of a weekday in the month":
        Rule("monthly mon/first", "2026-10-01", "2026-12-31", "10-05 11-02 12-07"),
    "which may be the first day": Rule("monthly thu/first", "2026-10-01", "2026-10-31", "10-01"),
    "or the seventh": Rule("monthly wed/first", "2026-10-01", "2026-10-31", "10-07"),
    "the third": Rule("monthly mon/first mon/third", "2020-10-05", "2020-11-30",
                      "10-05 10-19 11-02 11-16"),
    "the last is the fifth where there are five":
        Rule("monthly fri/last", "2026-10-01", "2026-11-30", "10-30 11-27"),
    "the fourth is not": Rule("monthly fri/fourth", "2026-10-01", "2026-10-31", "10-23"),
    "the last day of the month": Rule("monthly sat/last", "2026-10-01", "2026-10-31", "10-31"),
    "fourth and last are one in a month of four":
        Rule("monthly fri/fourth fri/last", "2026-11-01", "2026-11-30", "11-27"),
    "every week": Rule("weekly wed/first", "2026-10-01", "2026-10-31", "10-07 10-14 10-21 10-28"),
    "on two days of the week":
        Rule("weekly mon/last fri/first", "2026-10-09", "2026-10-19", "10-09 10-12 10-16 10-19"),
    "on a day of the week, from Monday": Rule("weekly 1 7", "2026-10-05", "2026-10-12",
                                              "10-05 10-11 10-12"),
    "every other week, from the one of the start":
        Rule("biweekly mon/first", "2026-10-07", "2026-11-10", "10-19 11-02"),
    "in its second week": Rule("biweekly mon/second", "2026-10-07", "2026-11-10",
                               "10-12 10-26 11-09"),
    "a fortnight ends on its Sunday":
        Rule("biweekly 14", "2026-10-05", "2026-11-01",
             "10-18 11-01"),
    "over the turn of the year":
        Rule("weekly thu/first", "2026-12-28", "2027-01-10", "12-31 01-07"),
}  # fmt: skip


def days_of(books: Books, rule: Rule) -> list[str]:
    """Give the days of a line with this frequency."""
    with undone(books.owner_operations) as (connection, _):
        plan_in(connection, 10, rule.frequency, rule.start, rule.end)
        found = connection.execute(
            "SELECT run_date FROM operations.planned_invoice_run ORDER BY run_date"
        ).fetchall()
    return [f"{day:%m-%d}" for (day,) in found]


def test_a_frequency_gives_the_days_of_a_line(contracts: Books) -> None:
    found = {name: days_of(contracts, rule) for name, rule in RULES.items()}

    assert found == {name: rule.days.split() for name, rule in RULES.items()}


def divide(books: Books, amount: str, tax: str = "0") -> None:
    """Give the planted fixed price its amount and tax."""
    with books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.contract_line SET contracted_amount = %s, estimated_tax_amount = %s"
            " WHERE contract_line_id = 11",
            (amount, tax),
        )


def test_a_line_is_invoiced_up_to_the_day_before_each_of_its_days(contracts: Books) -> None:
    plan(contracts, 10, "monthly mon/first", "2026-10-01", "2026-12-31")

    done = generate(contracts)

    assert (done.milestone_count, done.added_count, done.removed_count) == (0, 3, 0)
    contracts.then("""
        operations.contract_line_schedule
        company  contract_id  contract_line_id  run_date    cutoff_date  state    run_at
        USPM     1            10                2026-10-05  2026-10-04   not_run  -
        USPM     1            10                2026-11-02  2026-11-01   not_run  -
        USPM     1            10                2026-12-07  2026-12-06   not_run  -
    """)
    assert broken(contracts) == []


def test_generating_again_changes_nothing_and_follows_a_change(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-12-31")
    generate(contracts, 1)
    run(contracts, "2026-10-05")
    assert generate(contracts, 1) == Generated(0, 0, 0, ())
    with contracts.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.invoice_frequency SET days = '{20}'")

    again = generate(contracts, 1)

    assert (again.added_count, again.removed_count) == (3, 2)
    assert states(contracts) == [
        "10 10-05 successful",
        "10 10-20 not_run",
        "10 11-20 not_run",
        "10 12-20 not_run",
    ]


def test_a_fixed_price_is_divided_and_the_last_part_takes_the_remainder(contracts: Books) -> None:
    divide(contracts, "17000", "1700")
    plan(contracts, 11, "monthly 15", "2026-10-01", "2026-12-31")

    assert generate(contracts).milestone_count == 3

    contracts.then("""
        operations.milestone
        contract_line_id  customer_id  project_id  name        milestone_date  amount   tax_amount  currency  state
        11                1            1           2026-10-15  2026-10-15      5666.67  566.67      USD       not_ready
        11                1            1           2026-11-15  2026-11-15      5666.67  566.67      USD       not_ready
        11                1            1           2026-12-15  2026-12-15      5666.66  566.66      USD       not_ready

        operations.contract_line_schedule
        contract_line_id  run_date
        11                2026-10-15
        11                2026-11-15
        11                2026-12-15
    """)  # fmt: skip # noqa: E501
    assert generate(contracts) == Generated(0, 0, 0, ())
    assert broken(contracts) == []


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cents=st.integers(100, 10**9), tax=st.integers(0, 10**8), months=st.integers(1, 12))
def test_the_parts_of_a_fixed_price_are_all_of_it(
    contracts: Books, cents: int, tax: int, months: int
) -> None:
    amount, tax_amount = Decimal(cents) / 100, Decimal(tax) / 100
    with undone(contracts.owner_operations) as (connection, _):
        plan_in(connection, 11, "monthly 1", "2026-01-01", f"2026-{months:02}-28")
        connection.execute(
            "UPDATE operations.contract_line SET contracted_amount = %s, estimated_tax_amount = %s"
            " WHERE contract_line_id = 11",
            (amount, tax_amount),
        )
        parts = connection.execute(
            "SELECT amount, tax_amount FROM operations.periodic_milestone ORDER BY milestone_date"
        ).fetchall()

        if parts:
            assert len(parts) == months
            assert sum(part for part, _ in parts) == amount
            assert sum(part for _, part in parts) == tax_amount
            assert max(part for part, _ in parts[:-1] or parts) - amount / months < Decimal("0.01")
        else:
            # Equal parts would leave less than nothing of the tax.
            assert (
                tax_amount - (months - 1) * (tax_amount / months).quantize(CENT, ROUND_HALF_UP) < 0
            )


@pytest.mark.parametrize(
    ("amount", "tax", "field"),
    [
        ("0", "0", "contracted_amount"),
        ("0.01", "0", "contracted_amount"),
        ("0.03", "0", "contracted_amount"),
        ("0.04", "0.01", None),
        ("1", "0.02", "estimated_tax"),
    ],
)
def test_a_fixed_price_too_small_for_its_periods_is_refused(
    contracts: Books, amount: str, tax: str, field: str | None
) -> None:
    divide(contracts, amount, tax)
    plan(contracts, 11, "monthly 15", "2026-10-01", "2027-01-31")

    done = generate(contracts)

    assert [(one.code, one.field) for one in done.refusals] == (
        [("ERR-B41", field)] if field else []
    )
    assert done.milestone_count == (0 if field else 4)


def test_what_a_schedule_lacks_is_told_for_every_line(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-10-04")
    plan(contracts, 20, "monthly 5", "2026-10-01", "2026-12-31")
    with contracts.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.contract_line SET billing_start_date = NULL"
            " WHERE contract_line_id = 20"
        )

    done = generate(contracts)

    assert [(one.code, one.record, one.field) for one in done.refusals] == [
        ("ERR-B40", "contract/K-1/line/1", "requested_delivery_date"),
        ("ERR-B40", "contract/K-2/line/1", "billing_start_date"),
    ]
    with pytest.raises(Refused) as refused:
        generate(contracts, 1, 3, 99)
    assert [(one.code, one.record) for one in refused.value.refusals] == [
        ("ERR-B40", "contract/K-1/line/1"),
        ("ERR-B40", "contract/K-3/line/1"),
        ("ERR-B22", "contract/99"),
    ]
    contracts.then("operations.contract_line_schedule\nrun_date")
