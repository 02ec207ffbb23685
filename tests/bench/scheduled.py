"""Many contracts billed by the scheduled job, and confirmed by two workers.

    python -m tests.bench.scheduled --contracts 10000 --lines 100

Sales are planted as approval leaves them and marked ready. Measured are the job, which creates the
drafts of one run date, and the confirmation of them all, batch by batch.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Final

from rich.console import Console

from tests.bench import engine
from tests.operations.billing import CUTOFF, KEEP_SUMS, broken, plant_contracts, system_of
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.journey.run_schedules import run_schedules
from twofold.operations.backlog.mark import mark_ready
from twofold.operations.backlog.selection import Selection
from twofold.operations.proforma.confirm import confirm_proformas

COMPANY: Final = "USPM"
WORKERS: Final = 2
BATCH: Final = 100
RUN_DATE: Final = CUTOFF + timedelta(days=1)
LINES_PER_SECOND_MIN: Final = 20_000

# Each contract as contract 2 of the tests: one payer, one project, one line of time and material.
PLANTED: Final = (
    """
    INSERT INTO operations.contract (
        company, contract_id, number, name, customer_id, organizational_unit_id, currency, state,
        change_set_id
    )
    SELECT 'USPM', 1000 + n, 'S-' || n, 'Scheduled', 1, 1, 'USD', 'active', 1
    FROM generate_series(1, %(contracts)s) AS n
    """,
    """
    INSERT INTO operations.contract_customer (
        company, contract_customer_id, contract_id, customer_id, split_percent, is_rounding,
        is_primary, change_set_id
    )
    SELECT 'USPM', 1000 + n, 1000 + n, 1, 100, true, true, 1
    FROM generate_series(1, %(contracts)s) AS n
    """,
    """
    INSERT INTO operations.project (
        company, project_id, number, name, customer_id, contract_id, state, change_set_id
    )
    SELECT 'USPM', 1000 + n, 'SP-' || n, 'Scheduled', 1, 1000 + n, 'in_process', 1
    FROM generate_series(1, %(contracts)s) AS n
    """,
    """
    INSERT INTO operations.contract_line (
        company, contract_line_id, contract_id, line_number, name, billing_method, project_id,
        includes_time, includes_expense, includes_material, includes_fee, change_set_id
    )
    SELECT
        'USPM', 1000 + n, 1000 + n, 1, 'Work', 'time_and_material', 1000 + n, true, true, true,
        true, 1
    FROM generate_series(1, %(contracts)s) AS n
    """,
    """
    INSERT INTO operations.contract_line_schedule (
        company, contract_id, contract_line_id, run_date, cutoff_date
    )
    SELECT 'USPM', 1000 + n, 1000 + n, %(run_date)s, %(run_date)s::date - 1
    FROM generate_series(1, %(contracts)s) AS n
    """,
    """
    INSERT INTO operations.actual (
        company, actual_id, transaction_type, class, billing_type, event, transaction_date,
        accounting_date, quantity, price, amount, currency, unit, project_id, contract_id,
        contract_line_id, customer_id, skip_sync, change_set_id, description
    )
    SELECT
        'USPM', 10000000 + (n - 1) * %(lines)s + line, 'unbilled_sales', 'time', 'chargeable',
        'approval', %(run_date)s::date - 1 - line %% 28, %(run_date)s::date - 1 - line %% 28,
        1 + line %% 8, 200, 200 * (1 + line %% 8), 'USD', 'hour', 1000 + n, 1000 + n, 1000 + n, 1,
        false, 1, 'Work item ' || line
    FROM generate_series(1, %(contracts)s) AS n, generate_series(1, %(lines)s) AS line
    """,
    """
    INSERT INTO operations.backlog_item (
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class,
        billing_type, transaction_date, quantity, amount, currency, state, not_to_exceed
    )
    SELECT
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class,
        billing_type, transaction_date, quantity, amount, currency, 'created', 'not_applicable'
    FROM operations.actual
    WHERE actual_id > 10000000
    """,
    "SELECT setval('operations.actual_key', 10000000 + %(contracts)s::bigint * %(lines)s)",
    # The planted sales are of the set that the setup planted.
    "UPDATE dualwrite.outbox SET key_last = 10000000 + %(contracts)s::bigint * %(lines)s",
)


def plant(books: Books, *, contracts: int, lines: int) -> None:
    """Plant contracts with their open sales, all of them ready."""
    given = {"contracts": contracts, "lines": lines, "run_date": RUN_DATE}
    for statement in PLANTED:
        with books.owner_operations.raw() as connection:
            connection.execute(statement.encode(), given)
    with books.owner_operations.raw() as connection:
        connection.execute(KEEP_SUMS)
        connection.execute("ANALYZE")
    with books.operations.transaction() as transaction:
        marked = mark_ready(
            transaction, company=COMPANY, selection=Selection(), actor="ann", at=NOW
        )
    assert marked.item_count == contracts * lines, marked


def confirm(books: Books, proforma_ids: tuple[int, ...]) -> None:
    """Confirm one batch in a transaction of its own."""
    with books.operations.transaction() as transaction:
        confirm_proformas(
            transaction,
            company=COMPANY,
            proforma_ids=proforma_ids,
            actor="job",
            at=NOW,
            on=RUN_DATE,
        )


def measure_job(*, contracts: int, lines: int) -> list[engine.Figure]:
    """Measure the job and the confirmation once; the invariants of the book hold afterwards."""
    with engine.durable_books() as books:
        plant_contracts(books)
        plant(books, contracts=contracts, lines=lines)
        began = time.perf_counter()
        done = run_schedules(
            system_of(books), company=COMPANY, on=RUN_DATE, actor="job", workers=WORKERS
        )
        created = time.perf_counter()
        drafts = sorted(one.proforma_id for one in done.proformas)
        assert (len(drafts), done.failed_count) == (contracts, 0), done.refusals[:3]
        batches = [tuple(drafts[at : at + BATCH]) for at in range(0, len(drafts), BATCH)]
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(partial(confirm, books), batches))
        ended = time.perf_counter()
        assert broken(books) == []
    count = contracts * lines
    named = f"{contracts:,} contracts x {lines} lines, {WORKERS} workers"
    rate = count / (ended - began)
    return [
        engine.Figure(f"the job, {named}", f"{count / (created - began):,.0f} lines/s", "", None),
        engine.Figure(
            f"confirming, {named}", f"{count / (ended - created):,.0f} lines/s", "", None
        ),
        engine.Figure(
            f"both, {named}",
            f"{rate:,.0f} lines/s",
            f"≥ {LINES_PER_SECOND_MIN:,} lines/s",
            rate >= LINES_PER_SECOND_MIN,
        ),
    ]


def main() -> None:
    """Measure as the arguments say, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=100)
    given = parser.parse_args()
    found = measure_job(contracts=given.contracts, lines=given.lines)
    engine.show("Scheduled billing", found, Console())


if __name__ == "__main__":
    main()
