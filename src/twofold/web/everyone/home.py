"""The first page: the workplaces a person has."""

from __future__ import annotations

from typing import Final

from twofold.web.answers import Answer, Shown
from twofold.web.asked import Asked, Page


def _show(asked: Asked) -> Answer:
    """Name the companies and workplaces of who is signed in."""
    del asked
    return Shown("home.html")


PAGES: Final = (Page("/", _show, None),)
