"""Waking sets: what waits is tried again when someone asks, what stopped only after a repair."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.dualwrite.planted import deliver, forward, send, send_approval
from tests.support.books import Books
from twofold.dualwrite.sets.reads import pending_sets, received_sets, sent_sets
from twofold.dualwrite.sets.wake import wake_awaiting, wake_sets

PENDING = """
    operations:dualwrite.pending
    company  set_id  stream  version  state    next_attempt_at       leased_until
    USPM     1       a       1        parked   -                     -
    USPM     2       b       1        stopped  -                     -
    USPM     3       c       1        waiting  2026-11-02T10:00:00Z  -
    USPM     4       d       1        waiting  -                     2026-11-02T10:00:00Z
    DEPM     5       e       1        parked   -                     -
"""


def wake(books: Books, *, company: str | None, stopped: Literal["too", "not"]) -> int:
    books.given(PENDING)
    with books.dualwrite_operations.transaction() as transaction:
        return wake_sets(transaction, company=company, stopped=stopped)


def test_what_waits_is_due_and_what_stopped_stays(books: Books) -> None:
    assert wake(books, company=None, stopped="not") == 3

    books.then("""
        operations:dualwrite.pending
        set_id  state    next_attempt_at  leased_until
        1       waiting  -                -
        2       stopped  -                -
        3       waiting  -                -
        4       waiting  -                2026-11-02T10:00:00Z
        5       waiting  -                -
    """)


def test_what_stopped_in_one_company_is_due_when_asked_for(books: Books) -> None:
    assert wake(books, company="USPM", stopped="too") == 3

    books.then("""
        operations:dualwrite.pending
        set_id  state
        1       waiting
        2       waiting
        3       waiting
        4       waiting
        5       parked
    """)


def test_what_finance_entered_by_hand_lets_a_woken_set_go_on(world: Books) -> None:
    with world.owner_finance.raw() as connection:
        connection.execute("DELETE FROM finance.billing_type_line_property")
    send_approval(world)
    assert [one.code for one in deliver(world).problems] == ["ERR-D02"]
    world.given("""
        finance.billing_type_line_property
        company  billing_type  line_property
        USPM     chargeable    C
    """)

    with world.dualwrite_operations.transaction() as transaction:
        wake_sets(transaction, company=None, stopped="not")

    assert deliver(world).applied == 1


@pytest.mark.parametrize("company", ["USPM", None])
def test_people_see_a_set_on_its_way_and_where_it_arrived(
    world: Books, company: str | None
) -> None:
    send_approval(world)
    with world.auditor_operations.reader() as reader:
        (pending,) = pending_sets(reader, company=company)
        (sent,) = sent_sets(reader, company="USPM", set_ids=[1])
        assert pending_sets(reader, company="DEPM") == []
    assert (pending.set_id, pending.kind, pending.state) == (1, "approval", "waiting")
    assert (sent.row_count, sent.state, sent.acknowledged_at) == (3, "waiting", None)

    deliver(world)

    with world.auditor_operations.reader() as reader:
        assert pending_sets(reader, company=company) == []
        (sent,) = sent_sets(reader, company="USPM", set_ids=[1])
    with world.auditor_finance.reader() as reader:
        (received,) = received_sets(reader, company="USPM", source="operations", set_ids=[1])
        assert received_sets(reader, company="USPM", source="finance", set_ids=[1]) == []
    assert (sent.state, sent.row_count, received.row_count) == ("acknowledged", 3, 3)


PROJECT = """
    operations.project
    company  project_id  number  name       state       change_set_id
    USPM     5           P-5     Warehouse  in_process  {set_id}
"""


@pytest.fixture
def parked(world: Books) -> Books:
    """Give books with a set that misses its project and its customer in finance."""
    with world.owner_finance.raw() as connection:
        connection.execute("DELETE FROM finance.project")
        connection.execute("DELETE FROM finance.contract")
        connection.execute("DELETE FROM finance.customer")
    send_approval(world)
    (problem,) = deliver(world).problems
    assert (problem.code, problem.state) == ("ERR-D05", "parked")
    return world


@pytest.mark.fault("F098")
def test_a_parked_set_names_everything_it_misses(parked: Books) -> None:
    parked.then("""
        operations:dualwrite.waits_for
        set_id  map      column_name  value  lookup
        1       actuals  project_id   5      finance.project.project_id
        1       actuals  customer_id  7      finance.customer.customer_id

        operations:dualwrite.event
        set_id  event       code     map      actor
        1       set parked  ERR-D05  actuals  dual-write
    """)


@pytest.mark.fault("F098")
def test_a_parked_set_wakes_when_the_last_value_arrives(parked: Books) -> None:
    parked.given(PROJECT.format(set_id=2))
    send(parked, 2, kind="setup", stream="setup")
    assert deliver(parked).applied == 1
    parked.then("""
        operations:dualwrite.waits_for
        set_id  value
        1       7

        operations:dualwrite.pending
        set_id  state
        1       parked
    """)

    with parked.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.customer SET change_set_id = 3")
    send(parked, 3, kind="setup", stream="setup")

    assert deliver(parked).applied == 2
    parked.then("""
        operations:dualwrite.waits_for
        set_id

        operations:dualwrite.pending
        set_id
    """)


def test_a_look_in_the_target_finds_what_people_entered_there(parked: Books) -> None:
    assert wake_awaiting(forward(parked)) == 0
    parked.given("""
        finance.customer
        company  customer_id  account  name            currency  source_version
        USPM     7            C-7      Adventure Work  USD       1

        finance.project
        company  project_id  number  name       state       source_version
        USPM     5           P-5     Warehouse  in_process  1
    """)

    assert wake_awaiting(forward(parked), tables={"finance.role"}) == 0
    assert wake_awaiting(forward(parked)) == 1
    assert deliver(parked).applied == 1


def test_a_value_of_another_company_wakes_nothing(parked: Books) -> None:
    parked.given("""
        finance.legal_entity
        company  name     accounting_currency  reporting_currency  change_set_id
        DEPM     Contoso  EUR                  EUR                 900

        finance.project
        company  project_id  number  name       state       source_version
        DEPM     5           P-5     Warehouse  in_process  1
    """)

    assert wake_awaiting(forward(parked)) == 0
    parked.then("""
        operations:dualwrite.waits_for
        set_id  value
        1       5
        1       7
    """)
