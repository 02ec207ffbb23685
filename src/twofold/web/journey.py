"""The journey of an invoice or an actual through both books, like the tracking of a parcel."""

from __future__ import annotations

from typing import Final

from twofold.journey.trace import trace
from twofold.kernel.errors import Refused
from twofold.web.answers import Answer, Shown
from twofold.web.asked import Asked, Page


def _show(asked: Asked) -> Answer:
    """Follow the number that was searched for, in every company the reader may see."""
    number = asked.text("number")
    companies = asked.visitor.companies("read_operations", "read_finance")
    if not number or not companies:
        return Shown("journey.html", {"journeys": (), "number": number, "refusals": ()})
    try:
        journeys = trace(asked.system, number=number, companies=companies)
    except Refused as refused:
        values = {"journeys": (), "number": number, "refusals": refused.refusals}
        return Shown("journey.html", values, status=404)
    return Shown("journey.html", {"journeys": journeys, "number": number, "refusals": ()})


PAGES: Final = (Page("/journey", _show, None),)
