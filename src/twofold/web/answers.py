"""What a page answers: a template with its values, another address, a file, or no news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shown:
    """A template, rendered for who asked. ``status`` is that of HTTP."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    status: int = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """Go on there, by GET. ``cookie`` sets the session, '' ends it; None leaves it."""

    to: str
    cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """A file, made while it is sent."""

    name: str
    media_type: str
    content: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """There is no news: what the page shows stays as it is (status 204)."""


Answer = Shown | Moved | Download | Unchanged
