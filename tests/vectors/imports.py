"""Worked cases of import: what a crash between the books leaves, opening balances, allocations."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any, Final

from tests.scenarios.support import Row, Story, Work
from tests.support.clock import NOW
from tests.vectors.case import Case, vector
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.route import Route
from twofold.finance.setup.state_cut_off import state_cut_off


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


# Which project stands for which kind of contract line.
LINES: Final = {"ARM": "tm", "CELL": "fixed", "PROFIT-LOSS": "none"}
TRANSACTIONS: Final = """
    SELECT
        project.number AS project_number, staged_actual.transaction_type::text,
        revenue_profile.hour_costs::text, revenue_profile.accrues_hours,
        posted.accrued_amount, transaction_status.state
    FROM finance.project_transaction AS posted
    JOIN finance.staged_actual USING (company, actual_id)
    JOIN finance.project USING (company, project_id)
    JOIN finance.revenue_profile USING (company, profile)
    JOIN finance.transaction_status USING (company, actual_id)
    ORDER BY posted.actual_id
"""


@vector("OB-01")
def statuses_of_opening_balances(case: Case) -> None:
    story = case.story()
    cut_off_on: date = case.given["cutoff"]
    with story.books.finance.transaction() as transaction:
        state_cut_off(
            transaction, company=story.company, cut_off_on=cut_off_on, actor="accountant", at=NOW
        )
    story.approve(*(Work(project, 8, on=cut_off_on) for project in LINES))
    story.post_work()
    work = _statuses(story)
    story.confirm(story.draft("TM"), on=cut_off_on)
    run = story.import_()
    billed = _statuses(story)

    assert run.brought_over_proposal_count == 1
    assert _entry_count(story) == case.expect["ledger_entries"]
    for expected in case.expect["rows"]:
        found = (billed if expected["type"] == "bs" else work)[
            expected["line"], "cost" if expected["type"] == "cost" else "unbilled_sales"
        ]
        assert (
            found["state"] == {"posted": "posted", "fully_invoiced": "invoiced"}[expected["status"]]
        )
        if expected["cost_status"] == "profit_and_loss":
            assert found["hour_costs"] == "profit_and_loss"
        if expected["type"] != "cost":
            assert (found["accrued_amount"] != 0) == found["accrues_hours"]
        else:
            assert found["accrued_amount"] == 0
    story.deliver()
    story.holds()


def _statuses(story: Story) -> dict[tuple[Any, Any], Row]:
    return {
        (LINES[row["project_number"]], row["transaction_type"]): row
        for row in story.in_finance(TRANSACTIONS)
    }


def _entry_count(story: Story) -> int:
    (row,) = story.in_finance("SELECT count(*) AS entries FROM finance.ledger_entry")
    return int(row["entries"])
