"""What of the backlog people choose: by contract, project and day, or by naming it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from twofold.database.deeds import Key, those

Kind = Literal["sale", "milestone", "retainer"]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items: everything, narrowed by contract, project and date, or by naming them.

    Naming actuals, milestones or retainers leaves out the other kinds. Each one named gets its
    answer: one that is not open, or not within the rest of the selection, is refused. ``up_to`` is
    inclusive. Retainers belong to contracts: a project selects none. ``kind`` leaves out the other
    kinds. Limits are evaluated for contracts and projects, whoever pays.
    """

    contract_id: int | None = None
    project_id: int | None = None
    up_to: date | None = None
    actual_ids: tuple[int, ...] | None = None
    milestone_ids: tuple[int, ...] | None = None
    retainer_ids: tuple[int, ...] | None = None
    customer_id: int | None = None
    kind: Kind | None = None

    def told(self) -> dict[Key, object]:
        """Say for the history what was selected: what narrowed it, and the rows that were named."""
        narrowed = {
            "contract_id": self.contract_id,
            "project_id": self.project_id,
            "up_to": self.up_to,
            "customer_id": self.customer_id,
            "kind": self.kind,
        }
        selection = {name: one for name, one in narrowed.items() if one is not None}
        kinds = (self.actual_ids, self.milestone_ids, self.retainer_ids)
        keys = [key for named in kinds for key in named or ()]
        told: dict[Key, object] = {"selection": selection} if selection else {}
        return told | those(keys) if keys else told

    def wants(self, kind: Kind) -> bool:
        """Tell whether a kind is selected: some of it are named, or none of any."""
        named = {
            "sale": self.actual_ids,
            "milestone": self.milestone_ids,
            "retainer": self.retainer_ids,
        }
        is_named = any(keys is not None for keys in named.values())
        return self.kind in {None, kind} and (named[kind] is not None or not is_named)
