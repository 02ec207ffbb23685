"""Words of the cut-over: the variant of the milestone map, and what stands in finance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tests.scenarios.support import Story, operations_cast
from tests.support.clock import NOW
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.initial_write import initial_write
from twofold.dualwrite.standing.writing import Run, Writing
from twofold.dualwrite.table_maps.activate import activate_maps, active_maps
from twofold.dualwrite.table_maps.declare import read_maps
from twofold.operations.setup.records import MilestoneState, OperationsSetup

VARIANT: Final = Path(__file__).parents[2] / "examples" / "cut-over"


def activate(story: Story, overrides: Path | None) -> None:
    """Activate the milestone map: with the cut-over variant, or as it ships."""
    activate_maps(
        read_maps("twofold.maps", overrides=overrides),
        operations=story.system.dualwrite_operations,
        finance=story.system.dualwrite_finance,
        actor="admin",
        at=NOW,
        only=("milestones",),
    )


def write_milestones(story: Story) -> Run:
    """Write the milestones as they stand, over those that are there."""
    here, there = story.system.dualwrite_operations, story.system.dualwrite_finance
    with here.reader() as reader:
        maps = active_maps(reader)
    (active,) = (one for one in maps if one.compiled.map.id == "milestones")
    return initial_write(
        Writing(Route(here, there, maps), active, story.company, "admin", "source_wins")
    )


def statuses(story: Story) -> dict[str, Any]:
    """Give where each on-account transaction stands, by its description."""
    found = story.in_finance(
        "SELECT on_account.description, status.state FROM finance.on_account_transaction"
        " AS on_account JOIN finance.on_account_status AS status USING (company, milestone_id)"
    )
    return {row["description"]: row["state"] for row in found}


def starting_in(**states: MilestoneState) -> OperationsSetup:
    """Give the cast's setup with the milestones of these contracts starting in these states."""
    setup = operations_cast()
    return replace(
        setup,
        milestones=tuple(
            replace(one, state=states.get(one.contract, one.state)) for one in setup.milestones
        ),
    )
