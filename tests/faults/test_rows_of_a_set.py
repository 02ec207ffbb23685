"""The rows of a set: their order means nothing, a key is there once, what is confirmed stays."""

from __future__ import annotations

import pytest

from tests.dualwrite.planted import COMPANY, CONFIRMATION, deliver, plant, send, send_approval
from tests.faults.checker import broken_promises
from tests.support.books import Books
from tests.support.server import TestServer
from twofold.database.transaction import ConstraintBroken
from twofold.kernel.errors import Fault

_INSERT = """
    INSERT INTO operations.actual (
        company, actual_id, transaction_type, class, billing_type, event, transaction_date,
        accounting_date, quantity, price, amount, currency, unit, project_id, skip_sync,
        change_set_id
    )
    SELECT %(company)s::text, key, 'cost', 'time', 'chargeable', 'approval', '2026-10-30',
        '2026-10-30', 1, key, key, 'USD', 'hour', 5, false, 1
    FROM unnest(%(keys)s::bigint[]) AS key
"""
IN_ORDER = list(range(1, 21))
SHUFFLED = [7 * number % 20 + 1 for number in range(20)]


@pytest.mark.fault("F055")
def test_the_order_in_which_rows_were_written_means_nothing(server: TestServer) -> None:
    assert sorted(SHUFFLED) == IN_ORDER
    assert what_became_of(server, IN_ORDER) == what_became_of(server, SHUFFLED)


def what_became_of(server: TestServer, keys: list[int]) -> tuple[object, ...]:
    """Send a set of rows written in this order; give its hashes and what stands in finance."""
    with server.fresh_pair() as pair:
        books = Books(server, pair)
        plant(books)
        write(books, keys)
        send(books, 1, kind="approval", stream="approval/1", keys=(1, 20))
        assert deliver(books).rows == len(keys)
        assert not broken_promises(books, quiet=True)
        with books.owner_operations.raw() as here, books.owner_finance.raw() as there:
            sealed = here.execute(
                "SELECT map, row_count, content_hash, totals FROM dualwrite.manifest ORDER BY 1"
            ).fetchall()
            received = there.execute("SELECT content_hash FROM dualwrite.inbox").fetchall()
            stands = there.execute(
                "SELECT s::text FROM finance.staged_actual AS s ORDER BY actual_id"
            ).fetchall()
        books.close()
        return sealed, received, stands


def write(books: Books, keys: list[int]) -> None:
    with books.owner_operations.raw() as connection:
        connection.execute(_INSERT, {"company": COMPANY, "keys": keys})


@pytest.mark.fault("F056")
def test_a_key_that_is_twice_in_a_set_is_refused_where_it_is_written(world: Books) -> None:
    with pytest.raises(ConstraintBroken, match="actual_pkey"):
        write(world, [1, 2, 2])


@pytest.mark.fault("F056")
def test_a_key_that_stands_in_the_target_already_is_refused_there(world: Books) -> None:
    send_approval(world)
    assert deliver(world).applied == 1
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET change_set_id = 2")
    send(world, 2, kind="approval", stream="approval/again", keys=(1, 2))

    (problem,) = deliver(world).problems

    assert (problem.set_id, problem.state) == (2, "stopped")


@pytest.mark.fault("F061")
def test_what_is_confirmed_is_not_deleted(world: Books) -> None:
    """The books' own role may delete drafts and no fact; a correction is the only way."""
    world.given(CONFIRMATION)

    with world.operations.raw() as connection:
        assert connection.execute("DELETE FROM operations.proforma").rowcount == 0
    with pytest.raises(Fault, match="permission denied"), world.operations.raw() as connection:
        connection.execute("DELETE FROM operations.actual")
