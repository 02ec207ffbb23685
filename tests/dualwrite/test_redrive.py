"""Trying sets again and giving sets up, by query: exactly those that are meant."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.dualwrite.planted import deliver, forward, plant_costs, send, send_costs
from tests.faults.checker import broken_promises
from tests.support.books import Books
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.dismiss import dismiss_sets, sets_to_dismiss
from twofold.dualwrite.sets.explain import dismissed_sets
from twofold.dualwrite.sets.redrive import healed_sets, redrive_sets, sets_to_redrive
from twofold.kernel.errors import Refused

QUEUE = """
    operations:dualwrite.outbox
    company  set_id  kind      stream  version  actor  created_at
    USPM     1       approval  a       1        ann    2026-11-02T09:00:00Z
    USPM     2       approval  b       1        ann    2026-11-02T09:00:00Z
    USPM     3       approval  c       1        ann    2026-11-02T09:00:00Z
    USPM     4       approval  d       1        ann    2026-11-02T09:00:00Z
    DEPM     5       approval  a       1        ann    2026-11-02T09:00:00Z

    operations:dualwrite.pending
    company  set_id  stream  version  state    maps               attempts  next_attempt_at       leased_until          code     since
    USPM     1       a       1        parked   {actuals,invoices}  3         -                     -                     ERR-D05  2026-11-02T09:00:00Z
    USPM     2       b       1        stopped  {actuals}           1         -                     -                     ERR-D18  2026-11-02T09:00:00Z
    USPM     3       c       1        stopped  {customers}         1         -                     -                     ERR-D19  2999-01-01T00:00:00Z
    USPM     4       d       1        waiting  {actuals}           1         -                     2999-01-01T00:00:00Z  -        2026-11-02T09:00:00Z
    DEPM     5       a       1        stopped  {actuals}           1         -                     -                     ERR-D18  2026-11-02T09:00:00Z

    operations:dualwrite.waits_for
    company  set_id  map       column_name  value  lookup
    USPM     1       invoices  contract_id  3      finance.contract.contract_id
"""

QUERIES = {
    "everything that failed": (Choice(states=("parked", "stopped")), {1, 2, 3, 5}),
    "company": (Choice(company="DEPM"), {5}),
    "state": (Choice(states=("parked",)), {1}),
    "code": (Choice(codes=("ERR-D18",)), {2, 5}),
    "several codes": (Choice(codes=("ERR-D18", "ERR-D19")), {2, 3, 5}),
    "map": (Choice(maps=("invoices", "customers")), {1, 3}),
    "stream": (Choice(streams=("a",)), {1, 5}),
    "age": (Choice(older_than=timedelta(hours=1)), {1, 2, 5}),
    "ids": (Choice(set_ids=(2, 4, 99)), {2}),
    "two conditions": (Choice(codes=("ERR-D18",), company="USPM"), {2}),
}
by_query = pytest.mark.parametrize(("choice", "meant"), QUERIES.values(), ids=QUERIES.keys())


def sets_in(books: Books, condition: str) -> set[int]:
    query = f"SELECT set_id FROM dualwrite.pending WHERE {condition}"  # noqa: S608 - a condition of a test
    with books.owner_operations.raw() as connection:
        return {set_id for (set_id,) in connection.execute(query).fetchall()}


@by_query
def test_a_query_tries_again_what_it_means(books: Books, choice: Choice, meant: set[int]) -> None:
    books.given(QUEUE)
    with books.auditor_operations.reader() as reader:
        found = sets_to_redrive(reader, choice=choice)

    done = redrive_sets(books.dualwrite_operations, choice=choice, actor="ann")

    assert done == sum(one.set_count for one in found) == len(meant)
    assert sets_in(books, "attempts = 0 AND state = 'waiting'") == meant
    with books.auditor_operations.raw() as connection:
        told = connection.execute("SELECT set_id, event, actor FROM dualwrite.event").fetchall()
        waits = connection.execute("SELECT set_id FROM dualwrite.waits_for").fetchall()
    assert set(told) == {(set_id, "redriven", "ann") for set_id in meant}
    assert waits == ([] if 1 in meant else [(1,)])


@by_query
def test_a_query_gives_up_what_it_means(books: Books, choice: Choice, meant: set[int]) -> None:
    books.given(QUEUE)
    with books.auditor_operations.reader() as reader:
        found = sets_to_dismiss(reader, choice=choice)

    given_up = dismiss_sets(forward(books), choice=choice, reason="sent by mail", actor="ann")

    assert sum(one.set_count for one in given_up) == len(meant)
    assert sum(one.set_count for one in found) == len(meant)
    assert sets_in(books, "true") == {1, 2, 3, 4, 5} - meant
    with books.auditor_operations.reader() as reader:
        kept = dismissed_sets(reader, choice=Choice(), limit=100)
    assert {one.set_id for one in kept} == meant
    assert {(one.reason, one.dismissed_by) for one in kept} == {("sent by mail", "ann")}


def test_a_set_in_hand_or_last_seen_in_hand_is_not_given_up(books: Books) -> None:
    books.given(QUEUE)
    with books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE dualwrite.pending SET leased_until = now() - interval '1 hour' WHERE set_id = 2"
        )

    dismiss_sets(forward(books), choice=Choice(set_ids=(2, 4)), reason="a test", actor="ann")

    assert sets_in(books, "true") == {1, 2, 3, 4, 5}


def test_without_a_reason_nothing_is_given_up(books: Books) -> None:
    books.given(QUEUE)

    with pytest.raises(Refused) as refused:
        dismiss_sets(forward(books), choice=Choice(), reason="  ", actor="ann")

    assert refused.value.codes == ("ERR-D27",)
    assert sets_in(books, "true") == {1, 2, 3, 4, 5}


def test_what_is_applied_or_given_up_needs_nothing(world: Books) -> None:
    send_costs(world, 1, first=1, count=1)
    deliver(world)
    chosen = Choice(company="USPM", set_ids=(1,))

    assert redrive_sets(world.dualwrite_operations, choice=chosen, actor="ann") == 0

    with world.auditor_operations.reader() as reader:
        assert healed_sets(reader, choice=chosen).applied == 1
    world.then("""
        operations:dualwrite.event
        event  set_id
    """)


def test_later_sets_of_a_stream_go_on_when_one_is_given_up(world: Books) -> None:
    for set_id, first in ((1, 1), (2, 11), (3, 21)):
        plant_costs(world, set_id=set_id, first=first, count=1)
        send(world, set_id, kind="approval", stream="same", keys=(first, first))
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.pending SET state = 'stopped' WHERE set_id = 1")
    assert deliver_sets(forward(world)).applied == 0
    assert sets_in(world, "held_by = 'stream'") >= {2}

    dismiss_sets(forward(world), choice=Choice(set_ids=(1,)), reason="a test", actor="ann")

    assert deliver_sets(forward(world)).applied == 2
    world.then("""
        finance.staged_actual
        actual_id
        11
        21
    """)
    assert not broken_promises(world)
