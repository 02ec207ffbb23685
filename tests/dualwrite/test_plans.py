"""What the planner makes of a map's statements: how much is read must not grow with the history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.dualwrite.planted import plant_costs, send_costs
from tests.support.books import Books

HISTORY = 20_000
SMALL = range(2, 52)


@pytest.fixture
def with_history(world: Books) -> Books:
    """Give one large set and fifty small ones, and statistics that tell of all of them."""
    send_costs(world, 1, first=1, count=HISTORY)
    for set_id in SMALL:
        send_costs(world, set_id, first=HISTORY + 2 * set_id, count=2)
    plant_costs(world, set_id=99, first=HISTORY + 1_000, count=HISTORY)
    with world.owner_operations.raw() as connection:
        connection.execute("ANALYZE operations.actual")
        connection.execute("ANALYZE dualwrite.outbox")
    return world


def planned(books: Books, statement: str, *, set_ids: list[int]) -> list[dict[str, Any]]:
    """Give the nodes of the plan of a statement of the map of actuals, the outermost first."""
    (compiled,) = (
        one.compiled for one in books.server.active_maps() if one.compiled.map.id == "actuals"
    )
    text = dict(compiled.statements())[statement]
    with books.dualwrite_operations.raw() as connection:
        row = connection.execute(
            f"EXPLAIN (FORMAT JSON) {text}".encode(), {"company": "USPM", "set_ids": set_ids}
        ).fetchone()
    assert row is not None
    return list(nodes(row[0][0]["Plan"]))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


@pytest.mark.parametrize("statement", ["shipped", "measure", "excluded", "unknown"])
def test_a_batch_of_small_sets_is_read_along_its_key_blocks(
    with_history: Books, statement: str
) -> None:
    plan = planned(with_history, statement, set_ids=list(SMALL))

    read = [one for one in plan if one.get("Relation Name") == "actual"]
    assert [one["Node Type"] for one in read] == ["Index Scan"]
    assert all("actual_id" in one["Index Cond"] for one in read)


def test_a_large_set_is_measured_without_sorting_its_rows(with_history: Books) -> None:
    plan = planned(with_history, "measure", set_ids=[1])

    aggregates = [one for one in plan if one["Node Type"] == "Aggregate"]
    assert aggregates[-1]["Strategy"] == "Hashed"
