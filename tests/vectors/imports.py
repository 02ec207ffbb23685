"""Worked cases of import: what a crash between the books leaves, opening balances, allocations."""

from __future__ import annotations

from contextlib import suppress

from tests.scenarios.support import Work
from tests.vectors.case import Case, vector
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.route import Route


class Crash(Exception):
    """The engine dies between the commits of the two books."""


@vector("IM-19")
def a_staged_row_always_has_its_actual(case: Case) -> None:
    story = case.story()
    books = story.books

    def die(name: str) -> None:
        if name == "CP11":
            raise Crash

    for _ in range(case.given["repeats"]):
        story.approve(Work("ARM", 1))
        # A lease that has run out by the time the next engine comes.
        route = Route(
            books.dualwrite_operations,
            books.dualwrite_finance,
            books.server.active_maps(),
            failpoint=die,
            lease_seconds=0,
        )
        with suppress(Crash):
            deliver_sets(route)
        assert story.import_().taken_count == 0
    story.deliver()

    run = story.import_()

    (staged,) = story.in_finance(
        "SELECT array_agg(actual_id ORDER BY actual_id) AS keys FROM finance.staged_actual"
    )
    (actual,) = story.in_operations(
        "SELECT array_agg(actual_id ORDER BY actual_id) AS keys FROM operations.actual"
    )
    without = set(staged["keys"]) - set(actual["keys"])
    assert len(without) == case.expect["rows_without_actual"]
    assert run.held_count == case.expect["held_by_age"]
    assert run.line_count == len(actual["keys"]) == 2 * case.given["repeats"]
    story.holds()
