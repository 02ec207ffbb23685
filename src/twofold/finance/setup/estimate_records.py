"""The records of a setup file that say how and how often fixed prices are estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CostLine:
    """Costs of a class that are looked at together. ``class`` in the file.

    ``categories``: those of the class that no other line names, where it names none.
    ``is_counted``: whether they count for the percent complete. ``uses_forecast``: measured by the
    forecast alone, else by what was spent where that is more.
    """

    class_: Literal["time", "expense", "material"]
    categories: tuple[str, ...] = ()
    is_counted: bool = True
    uses_forecast: bool = False


@dataclass(frozen=True, slots=True)
class CostTemplate:
    """How the percent complete of a fixed price comes from its costs."""

    template: str
    name: str
    completion_based_on: Literal["amount", "quantity"]
    lines: tuple[CostLine, ...]


@dataclass(frozen=True, slots=True)
class EstimatePeriod:
    """How often fixed prices are estimated: at the end of every month, quarter or year."""

    period: str
    name: str
    every: Literal["month", "quarter", "year"]
