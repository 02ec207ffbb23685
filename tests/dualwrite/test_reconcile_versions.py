"""Reconciling after a map changed: what was delivered before is as it was, and no difference."""

from __future__ import annotations

import pytest

from tests.dualwrite.planted import COMPANY, deliver, send, send_costs
from tests.dualwrite.test_activate import NEXT_VERSION, activate, edited
from tests.dualwrite.test_reconcile import change
from tests.support.books import Books
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.reconcile import Asked, Reconciliation, reconcile
from twofold.dualwrite.table_maps.activate import active_maps

# From now on descriptions arrive in capitals.
LOUDER = ('description = { from = "description" }',
          'description = { expression = "upper(s.description)" }')  # fmt: skip


def looked_at(books: Books, map_id: str = "actuals", *, locate: bool = True) -> Reconciliation:
    with books.dualwrite_operations.reader() as reader:
        maps = active_maps(reader)
    route = Route(books.dualwrite_operations, books.dualwrite_finance, maps)
    chosen = tuple(one for one in maps if one.compiled.map.id == map_id)
    asked = Asked(company=COMPANY, locate=locate)
    (result,) = reconcile(route, maps=chosen, asked=asked, actor="ann")
    return result


def deliver_with_new_version(books: Books, set_id: int, *, first: int, count: int) -> None:
    """Send a set with the version that is active now."""
    with books.dualwrite_operations.reader() as reader:
        maps = active_maps(reader)
    send_costs(books, set_id, first=first, count=count)
    route = Route(books.dualwrite_operations, books.dualwrite_finance, maps)
    assert deliver_sets(route).applied == 1


@pytest.fixture
def changed(world: Books) -> Books:
    """Facts 1 to 1500 arrived by the old version, 1501 to 1700 by the new one."""
    send_costs(world, 1, first=1, count=1500)
    deliver(world)
    activate(world, edited("actuals", NEXT_VERSION, LOUDER), only=("actuals",))
    deliver_with_new_version(world, 2, first=1501, count=200)
    return world


@pytest.mark.parametrize("locate", [True, False])
def test_facts_of_both_versions_are_equal(changed: Books, *, locate: bool) -> None:
    result = looked_at(changed, locate=locate)

    assert (result.is_equal, result.differences) == (True, ())
    assert result.older_rows == 1500
    changed.then("""
        finance:dualwrite.reconciliation
        source_rows  target_rows  older_rows  difference_count  differing_buckets
        1700         1700         1500        0                 0
    """)


@pytest.mark.parametrize("actual_id", [7, 1400, 1600], ids=["old", "old, mixed", "new, mixed"])
def test_a_field_changed_by_hand_is_found_by_the_version_that_fits_the_row(
    changed: Books, actual_id: int
) -> None:
    with changed.owner_finance.raw() as connection:
        connection.execute(
            "UPDATE finance.staged_actual SET amount = 51 WHERE actual_id = %s", (actual_id,)
        )

    (found,) = looked_at(changed).differences

    assert (found.row_key, found.field, found.target_value) == (
        f'["{actual_id}"]', "amount", "51.0000",
    )  # fmt: skip


def test_a_row_that_is_gone_is_missing_whatever_the_version(changed: Books) -> None:
    change(changed.owner_finance, "DELETE FROM finance.staged_actual WHERE actual_id IN (7, 1600)")

    found = looked_at(changed).differences

    assert [(one.row_key, one.kind) for one in found] == [
        ('["1600"]', "missing"), ('["7"]', "missing"),
    ]  # fmt: skip


def test_state_is_judged_by_the_active_version(world: Books) -> None:
    world.given("""
        operations.resource
        company  resource_id  name  change_set_id
        USPM     6            Ana   1
    """)
    send(world, 1, kind="setup", stream="setup")
    deliver(world)
    louder = ('name = { from = "name" }', 'name = { expression = "upper(s.name)" }')
    activate(world, edited("resources", NEXT_VERSION, louder), only=("resources",))

    (found,) = looked_at(world, "resources").differences

    assert (found.field, found.source_value, found.target_value) == ("name", "ANA", "Ana")


def test_an_older_version_that_no_longer_fits_the_books_is_not_asked(changed: Books) -> None:
    """It names a column that is gone; what arrived by it is shown as it is, different."""
    with changed.dualwrite_finance.reader() as there:
        maps = active_maps(there)
    (now,) = (one for one in maps if one.compiled.map.id == "actuals")
    assert now.compiled.map.version == "1.1.0"
    change(
        changed.owner_operations,
        "UPDATE dualwrite.map_version SET definition = replace(definition,"
        " 's.skip_sync', 's.gone') WHERE map = 'actuals' AND map_version = '1.0.0'",
    )
    change(
        changed.owner_finance,
        "UPDATE dualwrite.map_version SET definition = replace(definition,"
        " 's.skip_sync', 's.gone') WHERE map = 'actuals' AND map_version = '1.0.0'",
    )

    assert looked_at(changed).differing_rows == 1500
