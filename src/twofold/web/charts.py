"""Charts as drawings of the page itself: measured here, drawn by a template, no script.

Each says in words what it shows, for those who do not see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

WIDTH: Final = 320
HEIGHT: Final = 72
_GAP: Final = 2.5
# One column alone is no wall.
_COLUMNS_MIN: Final = 5


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


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a column: its rectangle, and the class that colours it."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Stack:
    """One column: what it stands for, its shares from the bottom, and what they add up to."""

    name: str
    amount: Decimal
    x: float
    width: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Stacks:
    """Columns side by side; ``legend`` gives class and name of each share."""

    title: str
    currency: str
    legend: tuple[tuple[str, str], ...]
    columns: tuple[Stack, ...]
    width: int = WIDTH
    height: int = HEIGHT


def stacks(
    title: str,
    currency: str,
    legend: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, Sequence[Decimal]]],
) -> Stacks:
    """Draw amounts of each name on top of each other, in the order of the legend.

    The largest column reaches the top; what is below zero is not drawn, and counts in its amount.
    """
    shown = [(name, [max(one, Decimal(0)) for one in amounts]) for name, amounts in columns]
    most = max((sum(amounts) for _, amounts in shown), default=Decimal(0)) or Decimal(1)
    step = WIDTH / max(len(shown), _COLUMNS_MIN)
    drawn: list[Stack] = []
    for place, ((name, amounts), (_, given)) in enumerate(zip(shown, columns, strict=True)):
        top = float(HEIGHT)
        parts: list[Part] = []
        for (kind, _), amount in zip(legend, amounts, strict=True):
            height = float(amount / most) * HEIGHT
            top -= height
            if height:
                parts.append(Part(kind, round(top, 1), round(height, 1)))
        drawn.append(
            Stack(name, sum(given, Decimal(0)), round(place * step + _GAP * 2, 1),
                  round(step - _GAP * 4, 1), tuple(parts))
        )  # fmt: skip
    return Stacks(title, currency, tuple(legend), tuple(drawn))
