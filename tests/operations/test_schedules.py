"""Invoice schedules: the days of a line, their milestones, and what a day's run makes of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from tests.operations.billing import broken, create, plant_contracts, rows, sell, system_of, undone
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.transaction import Reader
from twofold.journey.run_schedules import Outcome, run_schedules
from twofold.kernel.errors import Refused
from twofold.operations.proforma.remove_details import delete_proforma
from twofold.operations.schedules.generate import Generated, generate_schedules
from twofold.operations.schedules.retry import retry_failed
from twofold.operations.schedules.run import take_job


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


def plan(books: Books, line: int, frequency: str, start: str, end: str) -> None:
    """Let a planted line be invoiced so often, between two days."""
    with books.owner_operations.raw() as connection:
        plan_in(connection, line, frequency, start, end)


def plan_in(connection: Connection[Any], line: int, frequency: str, start: str, end: str) -> None:
    """As ``plan``. ``frequency`` is a period with its days, or with weekdays/occurrences of it."""
    period, *runs = frequency.split()
    weekdays = [run.split("/") for run in runs if "/" in run]
    connection.execute(
        "INSERT INTO operations.invoice_frequency VALUES"
        " ('USPM', %(line)s, %(name)s, %(period)s, %(days)s, %(weekdays)s,"
        "  %(occurrences)s::text[]::operations.weekday_occurrence[])",
        {
            "line": line,
            "name": f"{frequency} of {line}",
            "period": period,
            "days": None if weekdays else [int(run) for run in runs],
            "weekdays": [WEEKDAYS.index(on) + 1 for on, _ in weekdays] or None,
            "occurrences": [occurrence for _, occurrence in weekdays] or None,
        },
    )
    connection.execute(
        "UPDATE operations.contract_line SET invoice_frequency_id = %s, billing_start_date = %s"
        " WHERE contract_line_id = %s",
        (line, start, line),
    )
    connection.execute(
        "UPDATE operations.contract SET requested_delivery_date = %s"
        " WHERE contract_id = (SELECT contract_id FROM operations.contract_line"
        " WHERE contract_line_id = %s)",
        (end, line),
    )


CENT: Final = Decimal("0.01")
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


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


def generate(books: Books, *contract_ids: int) -> Generated:
    """Generate the schedules of these contracts, of all when none is named."""
    with books.operations.transaction() as transaction:
        return generate_schedules(
            transaction,
            company="USPM",
            contract_ids=contract_ids or None,
            actor="pm",
            at=NOW,
        )


def run(books: Books, on: str, *, workers: int = 1) -> Outcome:
    """Run what is due on a day."""
    return run_schedules(
        system_of(books),
        company="USPM",
        on=date.fromisoformat(on),
        actor="job",
        workers=workers,
    )


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


def states(books: Books) -> list[str]:
    """Give the schedules as line, day and state."""
    found = rows(
        books,
        "SELECT contract_line_id, run_date, state FROM operations.contract_line_schedule"
        " ORDER BY contract_line_id, run_date",
    )
    return [f"{line} {day:%m-%d} {state}" for line, day, state in found]


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


MILESTONES: Final = """
    operations.milestone
    company  milestone_id  contract_id  contract_line_id  customer_id  project_id  name   milestone_date  amount  tax_amount  currency  state      change_set_id
    USPM     1             1            11                1            1           Start  2026-10-05      5000    0           USD       ready      1
    USPM     2             1            11                1            1           End    2026-11-03      12000   0           USD       not_ready  1
"""  # noqa: E501


def test_lines_that_share_a_day_are_on_one_draft_each_up_to_its_cutoff(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-11-30")
    contracts.given(MILESTONES)
    generate(contracts)
    sell(contracts, """
        actual_id  transaction_date  state    customer_id
        1          2026-10-04        ready    1
        2          2026-10-05        ready    1
        3          2026-10-01        created  1
        4          2026-10-04        ready    2
    """)  # fmt: skip

    outcome = run(contracts, "2026-10-05")

    assert [(one.customer_account, one.detail_count) for one in outcome.proformas] == [
        ("C-1", 2),
        ("C-2", 1),
    ]
    assert (outcome.successful_count, outcome.failed_count, outcome.refusals) == (2, 0, ())
    first, last = (one.proforma_id for one in outcome.proformas)
    contracts.then(f"""
        operations.contract_line_schedule
        contract_line_id  run_date    state       first_proforma_id  last_proforma_id  message
        10                2026-10-05  successful  {first}            {last}            -
        10                2026-11-05  not_run     -                  -                 -
        11                2026-10-05  successful  {first}            {last}            -
        11                2026-11-03  not_run     -                  -                 -

        operations.backlog_item
        actual_id  state        proforma_id
        1          on_proforma  {first}
        2          ready        -
        3          created      -
        4          on_proforma  {last}

        operations.milestone
        milestone_id  state        proforma_id
        1             on_proforma  {first}
        2             not_ready    -
    """)
    assert broken(contracts) == []


def test_a_line_without_a_run_that_day_bills_nothing(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-11-30")
    contracts.given(MILESTONES)
    generate(contracts)
    sell(contracts, """
        actual_id  transaction_date
        1          2026-10-10
    """)  # fmt: skip
    with contracts.owner_operations.raw() as connection:
        connection.execute(
            "DELETE FROM operations.contract_line_schedule WHERE contract_line_id = 11"
        )

    assert run(contracts, "2026-10-05").proformas == ()

    contracts.then("operations.milestone\nmilestone_id  state\n1  ready\n2  not_ready")


def test_nothing_to_bill_is_a_success_without_a_draft(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-10-31")
    generate(contracts)

    assert run(contracts, "2026-10-04") == Outcome()
    assert run(contracts, "2026-10-05") == Outcome(successful_count=1)
    assert run(contracts, "2026-10-05") == Outcome()

    assert states(contracts) == ["10 10-05 successful"]


def test_a_late_run_makes_what_the_runs_in_time_would_have_made(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5 19", "2026-10-01", "2026-10-31")
    generate(contracts)
    sell(contracts, """
        actual_id  transaction_date
        1          2026-10-01
        2          2026-10-10
        3          2026-10-19
    """)  # fmt: skip

    outcome = run(contracts, "2026-10-20")

    first, second = (one.proforma_id for one in outcome.proformas)
    contracts.then(f"""
        operations.backlog_item
        actual_id  state        proforma_id
        1          on_proforma  {first}
        2          on_proforma  {second}
        3          ready        -
    """)
    assert run(contracts, "2026-10-20") == Outcome()
    assert broken(contracts) == []


def test_what_may_not_be_billed_fails_its_line_and_is_billed_once_it_may(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-10-31")
    plan(contracts, 20, "monthly 5", "2026-10-01", "2026-10-31")
    contracts.given(MILESTONES)
    generate(contracts)
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  transaction_date
        1          1            10                1           2026-10-01
        2          1            10                3           2026-10-01
        3          2            20                2           2026-10-01
    """)  # fmt: skip

    outcome = run(contracts, "2026-10-05")

    assert [(one.code, one.record) for one in outcome.refusals] == [("ERR-B21", "contract/K-1")]
    assert [one.detail_count for one in outcome.proformas] == [2, 1]
    assert (outcome.successful_count, outcome.failed_count) == (2, 1)
    assert states(contracts) == [
        "10 10-05 failed",
        "11 10-05 successful",
        "11 11-03 not_run",
        "20 10-05 successful",
    ]
    ((message,),) = rows(
        contracts,
        "SELECT message FROM operations.contract_line_schedule WHERE message IS NOT NULL",
    )
    assert message.startswith("ERR-B21 contract/K-1: The project is completed")
    assert run(contracts, "2026-10-06") == Outcome()

    with contracts.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.project SET state = 'in_process'")
    with contracts.operations.transaction() as transaction:
        assert retry_failed(transaction, company="USPM", contract_id=2) == 0
        assert retry_failed(transaction, company="USPM", contract_id=None) == 1
    again = run(contracts, "2026-10-06")

    assert [one.detail_count for one in again.proformas] == [1]
    assert broken(contracts) == []


def test_one_contract_that_breaks_does_not_stop_the_others(contracts: Books) -> None:
    for line in (10, 20):
        plan(contracts, line, "monthly 5", "2026-10-01", "2026-10-31")
    generate(contracts)
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  transaction_date
        1          1            10                1           2026-10-01
        2          2            20                2           2026-10-01
    """)  # fmt: skip
    with contracts.owner_operations.raw() as connection:
        connection.execute(
            "ALTER TABLE operations.proforma ADD CONSTRAINT not_this_one CHECK (contract_id <> 1)"
        )

    outcome = run(contracts, "2026-10-05")

    assert [one.contract_number for one in outcome.proformas] == ["K-2"]
    assert [(one.code, one.record) for one in outcome.refusals] == [("ERR-B42", "contract/K-1")]
    assert "not_this_one" in outcome.refusals[0].reason
    assert states(contracts) == ["10 10-05 failed", "20 10-05 successful"]
    contracts.then("operations.backlog_item\nactual_id  state\n1  ready\n2  on_proforma")
    assert broken(contracts) == []


def test_a_second_job_is_refused_while_the_first_runs(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-10-31")
    generate(contracts)
    with contracts.operations.session() as session:
        assert take_job(Reader(session), company="USPM")
        with pytest.raises(Refused) as refused:
            run(contracts, "2026-10-05")
        other = run_schedules(
            system_of(contracts),
            company="GBPM",
            on=date(2026, 10, 5),
            actor="job",
        )

    assert refused.value.codes == ("ERR-B18",)
    assert other == Outcome()
    assert run(contracts, "2026-10-05").successful_count == 1


def test_runs_and_creations_at_once_bill_nothing_twice(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-10-31")
    generate(contracts)
    sell(
        contracts,
        "actual_id  transaction_date\n" + "\n".join(f"{key}  2026-10-01" for key in range(1, 101)),
    )
    barrier = threading.Barrier(3)
    billed: list[int] = []
    refused: list[str] = []
    with contracts.operations.reader():
        pass  # the pool is open before several ask for it

    def job() -> None:
        barrier.wait()
        try:
            billed.extend(one.detail_count for one in run(contracts, "2026-10-05").proformas)
        except Refused as error:
            refused.extend(error.codes)

    def by_hand() -> None:
        barrier.wait()
        billed.extend(one.detail_count for one in create(contracts).proformas)

    racers = [threading.Thread(target=racer) for racer in (job, job, by_hand)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert billed == [100]
    assert set(refused) <= {"ERR-B18"}
    assert states(contracts) == ["10 10-05 successful"]
    assert broken(contracts) == []


def test_a_run_that_is_undone_leaves_neither_draft_nor_record(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-10-31")
    generate(contracts)
    sell(contracts, """
        actual_id  transaction_date
        1          2026-10-01
    """)  # fmt: skip
    with contracts.owner_operations.raw() as connection:
        connection.execute(
            "ALTER TABLE operations.contract_line_schedule"
            " ADD CONSTRAINT no_success CHECK (state <> 'successful')"
        )

    outcome = run(contracts, "2026-10-05")

    # The draft was made, its record could not be: neither stands, and the failure is told.
    assert (outcome.proformas, outcome.failed_count) == ((), 1)
    assert states(contracts) == ["10 10-05 failed"]
    contracts.then("operations.proforma\nproforma_id")
    contracts.then("operations.backlog_item\nactual_id  state\n1  ready")


def test_many_contracts_in_batches_and_workers_make_what_one_would(contracts: Books) -> None:
    with contracts.owner_operations.raw() as connection:
        connection.execute(MANY)
    plan_many = generate(contracts)
    assert plan_many.added_count == 250

    outcome = run(contracts, "2026-10-05", workers=2)

    assert (outcome.successful_count, outcome.failed_count) == (250, 0)
    assert len({one.contract_id for one in outcome.proformas}) == 250
    assert {one.detail_count for one in outcome.proformas} == {2}
    assert broken(contracts) == []


# 250 contracts like the first, each with a line and two ready sales.
MANY: Final = """
    INSERT INTO operations.invoice_frequency VALUES ('USPM', 1, 'Monthly', 'monthly', '{5}', NULL, NULL);
    INSERT INTO operations.contract
    SELECT (jsonb_populate_record(contract, jsonb_build_object(
        'contract_id', 1000 + n, 'number', 'M-' || n, 'requested_delivery_date', '2026-10-31'
    ))).*
    FROM operations.contract, generate_series(1, 250) AS n WHERE contract.contract_id = 2;
    INSERT INTO operations.contract_customer
    SELECT (jsonb_populate_record(payer, jsonb_build_object(
        'contract_id', 1000 + n, 'contract_customer_id', 1000 + n
    ))).*
    FROM operations.contract_customer AS payer, generate_series(1, 250) AS n WHERE payer.contract_id = 2;
    INSERT INTO operations.contract_line
    SELECT (jsonb_populate_record(agreed, jsonb_build_object(
        'contract_id', 1000 + n, 'contract_line_id', 1000 + n, 'invoice_frequency_id', 1,
        'billing_start_date', '2026-10-01'
    ))).*
    FROM operations.contract_line AS agreed, generate_series(1, 250) AS n WHERE agreed.contract_line_id = 20;
    INSERT INTO operations.actual (
        company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date,
        quantity, price, amount, currency, unit, project_id, contract_id, contract_line_id, customer_id,
        skip_sync, change_set_id
    )
    SELECT
        'USPM', n, 'unbilled_sales', 'time', 'chargeable', 'approval', '2026-10-01', '2026-10-01',
        1, 100, 100, 'USD', 'hour', 2, 1000 + (n + 1) / 2, 1000 + (n + 1) / 2, 1, false, 1
    FROM generate_series(1, 500) AS n;
    INSERT INTO operations.backlog_item (
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class, billing_type,
        transaction_date, quantity, amount, currency, state, not_to_exceed
    )
    SELECT
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class, billing_type,
        transaction_date, quantity, amount, currency, 'ready', 'not_applicable'
    FROM operations.actual;
"""  # noqa: E501


def test_a_deleted_draft_is_to_run_again(contracts: Books) -> None:
    plan(contracts, 10, "monthly 5", "2026-10-01", "2026-10-31")
    generate(contracts)
    sell(contracts, """
        actual_id  transaction_date
        1          2026-10-01
    """)  # fmt: skip
    (draft,) = run(contracts, "2026-10-05").proformas
    with contracts.operations.transaction() as transaction:
        delete_proforma(
            transaction,
            company="USPM",
            proforma_id=draft.proforma_id,
            revision=None,
            actor="pm",
            at=NOW,
        )
    assert states(contracts) == ["10 10-05 not_run"]

    (again,) = run(contracts, "2026-10-06").proformas

    assert again.detail_count == 1
    assert broken(contracts) == []
