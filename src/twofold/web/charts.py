"""Charts as drawings of the page itself: measured here, drawn by a template, no script.

Each says in words what it shows, for those who do not see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

WIDTH: Final = 320
HEIGHT: Final = 72
_GAP: Final = 2.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of a chart, as the rectangle it becomes."""

    at: datetime
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over time, with their largest value and what they add up to."""

    title: str
    kind: str
    bars: tuple[Bar, ...]
    most: int
    total: int
    width: int = WIDTH
    height: int = HEIGHT


def bars(title: str, values: Sequence[tuple[datetime, int]], *, kind: str) -> Chart:
    """Draw values in their order; the largest reaches the top. ``kind`` chooses the colour."""
    most = max((value for _, value in values), default=0)
    step = WIDTH / max(len(values), 1)
    drawn: list[Bar] = []
    for place, (at, value) in enumerate(values):
        # What is there is seen, however small beside the largest.
        height = max(2.0, value * HEIGHT / most) if value else 0.0
        x = place * step + _GAP / 2
        drawn.append(
            Bar(at, value, round(x, 1), round(HEIGHT - height, 1), round(step - _GAP, 1),
                round(height, 1))
        )  # fmt: skip
    return Chart(title, kind, tuple(drawn), most, sum(value for _, value in values))
