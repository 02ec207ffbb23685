"""Worked cases of the cut-over: what was invoiced before the company worked with Twofold."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tests.scenarios.cut_over import VARIANT, activate, starting_in, statuses
from tests.scenarios.support import operations_cast
from tests.vectors.case import Case, vector
from twofold.operations.setup.records import MilestoneState

# Option values of Dataverse, and of the transaction status in finance.
STATES: Final[dict[int, MilestoneState]] = {192350000: "not_ready", 192350001: "ready"}
STATUSES: Final = {0: "open", 4: "invoiced"}


@vector("MS-09")
def status_mapped(case: Case) -> None:
    # The variant of the map says which milestones were invoiced; the map as it ships says nothing.
    given = case.given
    assert given["map"] == "cutover"
    contracts = dict(zip(("FIXED", "PERCENT"), given["dataverse_status"], strict=True))
    milestones = {"FIXED": "Cell accepted", "PERCENT": "Course given"}
    story = case.story(operations=replace(operations_cast(), milestones=()))
    activate(story, VARIANT)

    states: dict[str, MilestoneState] = {one: STATES[code] for one, code in contracts.items()}
    story.set_up_operations(starting_in(**states))
    story.deliver()

    found = statuses(story)
    codes = {status: code for code, status in STATUSES.items()}
    assert [codes[found[milestones[one]]] for one in contracts] == case.expect["fin_transstatus"]
    story.holds()
