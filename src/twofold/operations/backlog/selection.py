"""What of the backlog people choose: by contract, project and day, or by naming it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items: everything, narrowed by contract, project and date, or by naming them.

    Naming actuals or milestones leaves out the other kind. Each one named gets its answer: one
    that is not open, or not within the rest of the selection, is refused. ``up_to`` is inclusive.
    """

    contract_id: int | None = None
    project_id: int | None = None
    up_to: date | None = None
    actual_ids: tuple[int, ...] | None = None
    milestone_ids: tuple[int, ...] | None = None
