"""Reconciling: equal books are equal while sets fly, and whatever differs is found by field."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from psycopg import sql

from tests.dualwrite.planted import COMPANY, deliver, forward, send, send_approval, send_costs
from tests.dualwrite.test_activate import NEXT_VERSION, activate, edited
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.database.outbox import open_change_set
from twofold.database.transaction import connection_of
from twofold.dualwrite.run.engine import Engine, Plan
from twofold.dualwrite.run.heartbeat import Heartbeat
from twofold.dualwrite.run.schedule import reconcile_what_is_due
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.compare import Difference
from twofold.dualwrite.standing.reconcile import (
    Asked,
    Reconciliation,
    reconcile,
    reconcile_due,
)

ROLE = "twofold_dualwrite"


def one_map(books: Books, name: str = "actuals", **asked: object) -> Reconciliation:
    route = forward(books)
    maps = tuple(one for one in route.maps if one.compiled.map.id == name)
    given = Asked(company=COMPANY, **asked)  # pyright: ignore[reportArgumentType]
    (result,) = reconcile(route, maps=maps, asked=given, actor="ann")
    return result


def change(book: Book, statement: str) -> None:
    with book.raw() as connection:
        connection.execute(statement.encode())


def commit_costs(books: Books, set_id: int, *, first: int, count: int) -> None:
    """Add costs and seal their set in one transaction, as processes do."""
    with books.operations.transaction() as transaction:
        change_set = open_change_set(
            transaction, company=COMPANY, kind="approval", stream=f"approval/{first}",
            actor="ann", at=NOW,
        )  # fmt: skip
        assert change_set.set_id == set_id
        connection_of(transaction).execute(
            "INSERT INTO operations.actual (company, actual_id, transaction_type, class,"
            " billing_type, event, transaction_date, accounting_date, quantity, price, amount,"
            " currency, unit, project_id, skip_sync, change_set_id)"
            " SELECT %(company)s, key, 'cost', 'time', 'chargeable', 'approval', '2026-10-30',"
            " '2026-10-30', 1, 50, 50, 'USD', 'hour', 5, false, %(set_id)s"
            " FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS key",
            {"company": COMPANY, "set_id": set_id, "first": first, "last": first + count - 1},
        )
        change_set.covers(first, first + count - 1)


@pytest.fixture
def equal(world: Books) -> Books:
    """Two sets, delivered: an approval and twenty costs."""
    send_approval(world)
    send_costs(world, 2, first=5001, count=20)
    assert deliver(world).applied == 2
    return world


def test_equal_books_are_equal_and_the_result_is_kept(equal: Books) -> None:
    result = one_map(equal)

    assert (result.is_equal, result.differences, result.is_complete) == (True, (), True)
    equal.then("""
        finance:dualwrite.reconciliation
        map      source_rows  target_rows  difference_count  last_set_id  chain_number  actor
        actuals  22           22           0                 2            2             ann

        finance:dualwrite.reconciled_period
        company  map      period   source_rows  target_rows  differing_buckets
        USPM     actuals  2026-10  22           22           0
    """)


CHANGES = {
    "amount": "51.0000",
    "transaction_date": "2026-09-30",
    "transaction_type": "unbilled_sales",
    "currency": "EUR",
    "project_id": "99",
    "description": "hour",
    "source_set_id": "1",
}


@pytest.mark.fault("F152")
@pytest.mark.parametrize(("column", "value"), CHANGES.items(), ids=list(CHANGES))
def test_a_field_changed_by_hand_is_found_by_name_with_both_values(
    equal: Books, column: str, value: str
) -> None:
    with equal.owner_finance.raw() as connection:
        connection.execute(
            sql.SQL("UPDATE finance.staged_actual SET {} = {} WHERE actual_id = 5007").format(
                sql.Identifier(column), sql.Literal(value)
            )
        )

    (found,) = one_map(equal).differences

    assert (found.row_key, found.kind, found.field) == ('["5007"]', "differs", column)
    assert found.target_value == value
    assert found.source_value not in {None, value}


def test_a_value_that_became_null_is_found(equal: Books) -> None:
    change(equal.owner_finance, "UPDATE finance.staged_actual SET description = NULL")

    result = one_map(equal)

    assert len(result.differences) == 20
    assert {one.target_value for one in result.differences} == {None}


def test_values_that_changed_places_between_rows_are_found(equal: Books) -> None:
    change(
        equal.owner_finance,
        "UPDATE finance.staged_actual SET description = 'hour ' || 10006 - actual_id"
        " WHERE actual_id IN (5001, 5005)",
    )

    assert {one.row_key for one in one_map(equal).differences} == {'["5001"]', '["5005"]'}


@pytest.mark.fault("F153", "F150")
def test_a_row_deleted_by_hand_on_either_side_is_found(equal: Books) -> None:
    change(equal.owner_finance, "DELETE FROM finance.staged_actual WHERE actual_id = 5003")
    change(equal.owner_operations, "DELETE FROM operations.actual WHERE actual_id = 5004")

    found = one_map(equal).differences

    assert found == (Difference('["5003"]', "missing"), Difference('["5004"]', "extra"))


def test_without_locating_the_buckets_are_counted_only(equal: Books) -> None:
    change(equal.owner_finance, "DELETE FROM finance.staged_actual WHERE actual_id = 5003")

    result = one_map(equal, locate=False)

    assert (result.differing_buckets, result.differences, result.is_complete) == (1, (), False)


def test_only_the_period_asked_for_is_compared(equal: Books) -> None:
    change(
        equal.owner_finance,
        "UPDATE finance.staged_actual SET transaction_date = '2026-09-30' WHERE actual_id = 5003",
    )

    assert len(one_map(equal, period="2026-09").differences) == 1
    assert len(one_map(equal, period="2026-10").differences) == 1
    assert one_map(equal, period="2026-08").is_equal


@pytest.mark.fault("F154")
def test_sets_on_their_way_are_no_difference(equal: Books) -> None:
    send_costs(equal, 3, first=31, count=5)

    result = one_map(equal)

    assert result.is_equal
    assert (result.standing.watermark.in_flight, result.standing.in_flight_rows) == ((3,), 5)


@pytest.mark.fault("F154")
def test_nothing_differs_while_sets_are_delivered_all_the_time(equal: Books) -> None:
    def work() -> None:
        for set_id in range(3, 30):
            commit_costs(equal, set_id, first=set_id * 10_000, count=300)
            deliver(equal)

    thread = threading.Thread(target=work)
    thread.start()
    results: list[Reconciliation] = []
    while thread.is_alive():
        results.append(one_map(equal))
    thread.join()

    assert len(results) > 3
    assert not [one.differences for one in results if not one.is_equal]


@pytest.mark.fault("F138")
def test_rows_of_a_dismissed_set_are_accepted_differences(equal: Books) -> None:
    send_costs(equal, 3, first=31, count=5)
    change(equal.owner_operations, "DELETE FROM dualwrite.pending")
    equal.given("""
        operations:dualwrite.dismissed
        company  set_id  reason   dismissed_by  dismissed_at
        USPM     3       entered  ann           2026-11-02
    """)

    result = one_map(equal)

    assert (result.is_equal, result.standing.accepted_rows) == (True, 5)


@pytest.mark.fault("F130")
def test_rows_a_stopped_map_left_behind_are_shown_as_a_gap(equal: Books) -> None:
    change(equal.owner_finance, "DELETE FROM finance.staged_actual WHERE source_set_id = 2")
    equal.given("""
        operations:dualwrite.gap
        company  map      set_id  row_count
        USPM     actuals  2       20
    """)

    result = one_map(equal)

    assert (result.is_equal, result.standing.gap_rows) == (True, 20)


@pytest.mark.fault("F143")
def test_books_restored_from_different_moments_list_exactly_what_is_gone(equal: Books) -> None:
    """Finance is as it was before set 2, operations acknowledged it; set 1 is gone there."""
    with equal.owner_finance.raw() as connection:
        connection.execute("DELETE FROM finance.staged_actual WHERE source_set_id = 2")
        connection.execute("DELETE FROM dualwrite.inbox WHERE set_id = 2")
        connection.execute("DELETE FROM dualwrite.chain WHERE set_id = 2")
        connection.execute("UPDATE dualwrite.chain_head SET chain_number = 1")
    change(equal.owner_operations, "DELETE FROM operations.actual WHERE actual_id = 1")

    result = one_map(equal)

    assert result.standing.watermark.lost == (2,)
    assert [one.kind for one in result.differences].count("missing") == 20
    assert [one.row_key for one in result.differences if one.kind == "extra"] == ['["1"]']


def test_a_state_row_whose_change_is_on_its_way_is_left_out(world: Books) -> None:
    world.given("""
        operations.resource
        company  resource_id  name  change_set_id
        USPM     6            Ana   1
        USPM     7            Bob   1
    """)
    send(world, 1, kind="setup", stream="setup")
    deliver(world)
    assert one_map(world, "resources").is_equal
    change(
        world.owner_operations,
        "UPDATE operations.resource SET name = 'Eve', change_set_id = 2 WHERE resource_id = 6",
    )
    send(world, 2, kind="setup", stream="setup")
    change(world.owner_finance, "UPDATE finance.resource SET name = 'Zoe'")

    found = one_map(world, "resources").differences

    assert found == (Difference('["7"]', "differs", "name", "Bob", "Zoe"),)


def test_a_map_is_due_until_it_was_looked_at(equal: Books) -> None:
    route = Route(equal.dualwrite_operations, equal.dualwrite_finance, forward(equal).maps)
    first = {(one.map, one.company) for one in reconcile_due(route, actor="engine")}

    assert ("actuals", COMPANY) in first
    assert not [
        one for one in reconcile_due(route, actor="engine") if one.is_complete and one.is_equal
    ]


def test_the_schedule_compares_a_map_as_it_is_now_and_logs_what_differs(
    equal: Books, caplog: pytest.LogCaptureFixture
) -> None:
    change(equal.owner_finance, "DELETE FROM finance.staged_actual WHERE actual_id = 5003")
    outdated = forward(equal)
    activate(equal, edited("actuals", NEXT_VERSION), only=("actuals",))

    with caplog.at_level("INFO", "twofold.dualwrite"):
        done = reconcile_what_is_due([outdated], hours=24)

    (actuals,) = (one for one in done if one.map == "actuals")
    assert (actuals.differing_rows, actuals.standing.map.compiled.map.version) == (1, "1.1.0")
    assert "actuals: ERR-D74, differing rows: 1" in caplog.text
    assert reconcile_what_is_due([outdated], hours=24) == []


def test_an_engine_reconciles_beside_delivering(equal: Books) -> None:
    looked = threading.Event()

    def open_routes(name: str) -> tuple[Route, Route]:
        maps, dsn = equal.server.active_maps(), equal.server.embedded.dsn_to
        here = Book("operations", dsn(equal.pair.operations, ROLE), ROLE, application=name)
        there = Book("finance", dsn(equal.pair.finance, ROLE), ROLE, application=name)
        return Route(here, there, maps), Route(there, here, maps)

    def reconcile_both(routes: tuple[Route, Route], is_over: Callable[[], bool]) -> None:
        reconcile_what_is_due(routes, hours=24, is_over=is_over)
        looked.set()

    plan = Plan(
        Heartbeat("reconciles", "here", 1), 1, open_routes, lambda: None, lambda: 0.5,
        reconcile=reconcile_both, reconcile_look_seconds=0.01,
    )  # fmt: skip
    engine = Engine(plan)
    thread = threading.Thread(target=engine.run)
    thread.start()
    try:
        assert looked.wait(60)
    finally:
        engine.stop()
        thread.join()
    with equal.owner_finance.raw() as connection:
        (found,) = connection.execute(
            "SELECT source_rows FROM dualwrite.reconciliation WHERE map = 'actuals'"
        ).fetchall()
    assert found == (22,)
