"""What of the backlog people choose: by contract, project and day, or by naming it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items: everything, narrowed by contract, project and date, or by naming them.

    Naming actuals, milestones or retainers leaves out the other kinds. Each one named gets its
    answer: one that is not open, or not within the rest of the selection, is refused. ``up_to`` is
    inclusive. Retainers belong to contracts: a project selects none.
    """

    contract_id: int | None = None
    project_id: int | None = None
    up_to: date | None = None
    actual_ids: tuple[int, ...] | None = None
    milestone_ids: tuple[int, ...] | None = None
    retainer_ids: tuple[int, ...] | None = None

    def wants(self, keys: tuple[int, ...] | None) -> bool:
        """Tell whether a kind is selected: it is named, or none is."""
        named = (self.actual_ids, self.milestone_ids, self.retainer_ids)
        return keys is not None or all(one is None for one in named)
