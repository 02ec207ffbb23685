"""Losing a session in the middle of the stream: a passing fault, and the next run heals it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import sql

from tests.concurrency.waiting import wait_until
from tests.dualwrite.planted import AFTER_LEASE, deliver, forward, send_costs
from tests.faults.checker import broken_promises
from tests.support.books import Books
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.kernel.errors import Fault

LARGE = 60_000


def end_copying_session(books: Books, database: str) -> bool:
    """End the backend of a database that is copying rows; tell whether there was one."""
    with books.server.embedded.admin() as connection:
        ended = connection.execute(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_progress_copy"
            " WHERE datname = %s AND tuples_processed > 0",
            (database,),
        ).fetchall()
    return bool(ended)


@pytest.mark.parametrize("side", ["finance", "operations"])
def test_a_session_that_ends_in_the_middle_of_the_stream_is_a_passing_fault(
    world: Books, side: str
) -> None:
    send_costs(world, 1, first=1, count=LARGE)
    database = world.pair.finance if side == "finance" else world.pair.operations

    with ThreadPoolExecutor(max_workers=1) as thread:
        delivery = thread.submit(deliver_sets, forward(world))
        wait_until(lambda: end_copying_session(world, database))
        with pytest.raises(Fault) as fault:
            delivery.result()

    assert fault.value.transient
    world.then("""
        finance:dualwrite.inbox
        set_id

        finance.staged_actual
        actual_id

        operations:dualwrite.pending
        set_id  state    code
        1       waiting  ERR-D22
    """)
    assert deliver(world, now=AFTER_LEASE).rows == LARGE
    assert not broken_promises(world)


def test_a_book_that_is_away_keeps_the_sets_waiting(world: Books) -> None:
    send_costs(world, 1, first=1, count=1)
    let_finance_in(world, "false")
    # Who is connected stays so.
    world.dualwrite_finance.close()

    with pytest.raises(Fault) as fault:
        deliver(world)
    let_finance_in(world, "true")

    assert fault.value.transient
    assert deliver(world, now=AFTER_LEASE).applied == 1
    assert not broken_promises(world)


def let_finance_in(books: Books, allowed: str) -> None:
    with books.server.embedded.admin() as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(
                sql.Identifier(books.pair.finance), sql.Identifier(allowed)
            )
        )
