"""Who asks: the person or program on whose behalf a process runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """One who asks, by the name that records carry."""

    name: str
