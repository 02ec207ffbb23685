"""A failure of one set: what a person reads of it, and that only its own stream waits."""

from __future__ import annotations

import pytest

from tests.dualwrite.planted import deliver, forward, send_approval, send_costs
from tests.support.books import Books
from twofold.dualwrite.sets.deliver import deliver_sets


def alter(books: Books, book: str, done: str) -> None:
    """Do something to a book that only its owner may."""
    owner = books.owner_operations if book == "operations" else books.owner_finance
    with owner.raw() as connection:
        connection.execute(done.encode())


def test_a_privilege_that_is_missing_stops_the_set_until_it_is_there(world: Books) -> None:
    send_approval(world)
    alter(world, "finance", "REVOKE INSERT ON finance.staged_actual FROM twofold_dualwrite")

    deliver(world)

    world.then(
        """
        operations:dualwrite.pending
        set_id  state    code
        1       stopped  ERR-D85
        """
    )
    assert "permission denied for table staged_actual" in problem_of(world, 1)

    alter(world, "finance", "GRANT INSERT ON finance.staged_actual TO twofold_dualwrite")
    make_due(world)

    assert deliver(world).applied == 1


@pytest.mark.fault("F089")
def test_a_set_in_a_newer_format_stops_alone_and_says_so(world: Books) -> None:
    send_approval(world)
    send_costs(world, 2, first=21, count=1)
    alter(world, "operations", "UPDATE dualwrite.outbox SET format = 9 WHERE set_id = 1")

    assert deliver(world).applied == 1

    world.then(
        """
        operations:dualwrite.pending
        set_id  state    code
        1       stopped  ERR-D23
        """
    )
    assert problem_of(world, 1) == "format 9, known up to 1"


def test_a_mistake_of_ours_stops_its_set_and_no_other(world: Books) -> None:
    send_approval(world)
    send_costs(world, 2, first=21, count=1)
    met: list[str] = []

    def mistake(name: str) -> None:
        # The batch and, set by set, the first of the two.
        if name == "CP10" and len(met) < 2:
            met.append(name)
            raise LookupError("no such thing")

    deliver_sets(forward(world, failpoint=mistake))

    world.then(
        """
        operations:dualwrite.pending
        set_id  state    code
        1       stopped  ERR-D24
        """
    )
    assert problem_of(world, 1) == "LookupError: no such thing"
    make_due(world)
    assert deliver(world).applied == 1


def problem_of(books: Books, set_id: int) -> str:
    with books.owner_operations.raw() as connection:
        row = connection.execute(
            "SELECT problem FROM dualwrite.pending WHERE set_id = %s", (set_id,)
        ).fetchone()
    assert row is not None
    return str(row[0])


def make_due(books: Books) -> None:
    alter(books, "operations", "UPDATE dualwrite.pending SET state = 'waiting'")
