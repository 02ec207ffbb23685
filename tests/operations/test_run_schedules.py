"""The job over invoice schedules: what runs, what fails, and nothing twice."""

from __future__ import annotations

import threading
from datetime import date
from typing import Final

import pytest

from tests.operations.billing import (
    KEEP_SUMS,
    broken,
    create,
    plant_contracts,
    rows,
    sell,
    system_of,
)
from tests.operations.scheduling import generate, plan, run, states
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.transaction import Reader
from twofold.journey.run_schedules import Outcome, run_schedules
from twofold.kernel.errors import Refused
from twofold.operations.proforma.remove_details import delete_proforma
from twofold.operations.schedules.retry import retry_failed
from twofold.operations.schedules.run import take_job


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


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
        assert retry_failed(transaction, company="USPM", contract_id=2, actor="ann", at=NOW) == 0
        assert retry_failed(transaction, company="USPM", contract_id=None, actor="ann", at=NOW) == 1
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
        connection.execute(KEEP_SUMS)
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
