"""The journey of an invoice or an actual through both books, like the tracking of a parcel."""

from __future__ import annotations

from typing import Final

from twofold.journey.stations import Journey, Station
from twofold.journey.trace import trace
from twofold.kernel.errors import Refused
from twofold.web.answers import Answer, Shown
from twofold.web.asked import Asked, Page
from twofold.web.navigation import may_open

# The list that has a page for the number of a station, by the station's name.
_PAGES_OF: Final = {
    "proforma created": "proformas",
    "proforma confirmed": "proformas",
    "staged": "proposals",
    "proposal lines": "proposals",
    "journal posted": "journals",
    "customer invoice posted": "invoices",
}


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

    def address(journey: Journey, station: Station) -> str:
        """Give the page of a station's number, if the reader may open it."""
        pages = _PAGES_OF.get(station.name) if station.reached else None
        path = f"/{journey.company}/{pages}/{station.number}"
        return path if pages and may_open(asked.visitor, path) else ""

    values = {"journeys": journeys, "number": number, "refusals": (), "address": address}
    return Shown("journey.html", values)


PAGES: Final = (Page("/journey", _show, None),)
