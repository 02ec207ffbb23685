"""Search by any number; the journey of an invoice or an actual, like the tracking of a parcel.

What has one meaning is shown at once: its journey, or its page where it has none. What has several
is a list of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final
from urllib.parse import quote, urlencode

from twofold.journey.find import Match, find
from twofold.journey.remarks import Remark, Term, Value, is_money, remark
from twofold.journey.stations import Journey, Station, Wait
from twofold.journey.trace import trace
from twofold.kernel.errors import Refusal, Refused
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.language import Speech
from twofold.web.listing import Column, Listing, answer, whole
from twofold.web.navigation import may_open

# The list that has a page for the number of a station, by the station's name.
_PAGES_OF: Final = {
    "proforma created": "proformas",
    "proforma confirmed": "proformas",
    "staged": "proposals",
    "proposal lines": "proposals",
    "journal posted": "journals",
    "journal line": "journals",
    "journal line posted": "journals",
    "customer invoice posted": "invoices",
    "corrected": "proformas",
}
# The same for what was found, by its kind.
_PAGES_OF_KIND: Final = {
    "proforma": "proformas",
    "contract": "contracts",
    "customer": "customers",
    "proposal": "proposals",
    "customer_invoice": "invoices",
    "journal": "journals",
    "voucher": "vouchers",
}
# Where what a station waits for is done, by the station's name.
_DONE_AT: Final = {
    "import from staging": "inbox",
    "proposal lines": "inbox",
    "ready to invoice": "backlog",
    "proforma created": "backlog",
}
# How a station numbers one change set, or a few, and many.
_SET: Final = "set "
_SETS: Final = " sets"


def _show(asked: Asked) -> Answer:
    """Say what a number means, in every company the reader may see, and follow it."""
    companies = _companies(asked)
    sees_sets = asked.visitor.may("read_integration")
    number = asked.text("number")
    if not number or not (companies or sees_sets):
        return _page(asked)
    try:
        matches = find(asked.system, number=number, companies=companies, sets_of_all=sees_sets)
    except Refused as refused:
        return _page(asked, refusals=refused.refusals)
    kind = asked.text("kind")
    matches = tuple(one for one in matches if kind in {"", one.kind})
    return _only(asked, matches[0]) if len(matches) == 1 else _page(asked, matches=matches)


def _only(asked: Asked, match: Match) -> Answer:
    """Follow the one thing that the number means; without a journey, its page is all there is."""
    if match.follow:
        followed = trace(asked.system, number=match.follow, companies=(match.company,))
        return _page(asked, journeys=followed)
    address = _page_of(asked, match)
    return Moved(address) if address else _page(asked, matches=(match,))


def _companies(asked: Asked) -> tuple[str, ...]:
    """Name the companies to look in: all the reader may see, or the one that was chosen."""
    companies = asked.visitor.companies("read_operations", "read_finance")
    chosen = asked.text("company")
    return (chosen,) if chosen in companies else companies


def _page(
    asked: Asked,
    *,
    matches: Sequence[Match] = (),
    journeys: Sequence[Journey] = (),
    refusals: Sequence[Refusal] = (),
) -> Answer:
    return answer(
        asked,
        "journey.html",
        _listing(asked, matches),
        status=404 if refusals else 200,
        number=asked.text("number"),
        matches=matches,
        journeys=journeys,
        refusals=refusals,
        say=partial(said, asked.speech),
        address=partial(_address, asked),
        doing=partial(_doing, asked),
        numbered=partial(_numbered, asked.speech),
    )


def _listing(asked: Asked, matches: Sequence[Match]) -> Listing[Match]:
    columns: tuple[Column[Match], ...] = (
        Column("Number", lambda one: one.number, to=lambda one: _leads_to(asked, one)),
        Column("What", lambda one: one.kind, "term"),
        Column("Name", lambda one: _name(asked, one)),
        Column("Company", lambda one: one.company),
        Column("Status", lambda one: one.state, "status"),
        Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
        Column(
            "Page",
            lambda one: "show" if _page_of(asked, one) else None,
            "term",
            to=lambda one: _page_of(asked, one),
        ),
    )
    return Listing(
        title="What this number means",
        columns=columns,
        page=whole(matches, columns),
        place=lambda one: f"{one.company} {one.kind} {one.number}",
        per_page=max(len(matches), 1),
    )


def _name(asked: Asked, one: Match) -> str:
    """Give the name; a change set is known by its kind, a word of the system."""
    return _word(asked.speech, one.name) if one.kind == "change_set" else one.name


def _leads_to(asked: Asked, one: Match) -> str:
    """Give the address of the journey, or of the page where there is none."""
    if not one.follow:
        return _page_of(asked, one)
    return f"/journey?{urlencode({'number': one.number, 'company': one.company, 'kind': one.kind})}"


def _page_of(asked: Asked, one: Match) -> str:
    """Give the page of what was found, if the reader may open it."""
    if one.kind == "change_set":
        key = one.number.partition("/")[2]
        return _if_open(asked, f"/integration/sets/{one.book}/{one.company}/{key}")
    pages = _PAGES_OF_KIND.get(one.kind)
    return _if_open(asked, f"/{one.company}/{pages}/{quote(one.number)}") if pages else ""


def _address(asked: Asked, journey: Journey, station: Station) -> str:
    """Give the page of a station's number, if the reader may open it."""
    number = station.number or ""
    if number.startswith(_SET) and number.removeprefix(_SET).isdigit():
        path = f"/integration/sets/operations/{journey.company}/{number.removeprefix(_SET)}"
        return _if_open(asked, path)
    pages = _PAGES_OF.get(station.name)
    is_there = station.reached or station.name in {"corrected", "journal line"}
    if pages is None or not number or not is_there:
        return ""
    return _if_open(asked, f"/{journey.company}/{pages}/{quote(number)}")


def _doing(asked: Asked, journey: Journey, wait: Wait) -> str:
    """Give the page where what a journey waits for is done, if the reader may open it."""
    if wait.station in {"change set applied", "written back"}:
        return _if_open(asked, f"/integration/sets?company={journey.company}")
    number = str(wait.words.values.get("number", ""))
    pages = {
        "proforma confirmed": "proformas",
        "corrected": "proformas",
        "journal posted": "journals",
        "customer invoice posted": "proposals",
    }.get(wait.station)
    if pages and number:
        return _if_open(asked, f"/{journey.company}/{pages}/{quote(number)}")
    place = _DONE_AT.get(wait.station)
    return _if_open(asked, f"/{journey.company}/{place}") if place else ""


def _if_open(asked: Asked, path: str) -> str:
    return path if may_open(asked.visitor, path) else ""


def said(speech: Speech, one: Remark | str) -> str:
    """Say a remark, or the name of a station, in the reader's language and formats."""
    if isinstance(one, str):
        name = speech.told(one)
        return name[:1].upper() + name[1:]
    values = {name: _value(speech, name, value) for name, value in one.values.items()}
    return speech.told(one.words).format(**values)


def _numbered(speech: Speech, number: str) -> str:
    """Say the number of a station; that of change sets is words, such as ``set 17``."""
    if number.startswith(_SET):
        return said(speech, remark("set {number}", number=number.removeprefix(_SET)))
    if number.endswith(_SETS):
        return said(speech, remark("{count} sets", count=int(number.removesuffix(_SETS))))
    return number


def _word(speech: Speech, term: str) -> str:
    return speech.words(term.replace("_", " ").capitalize())


def _value(speech: Speech, name: str, value: Value) -> str:
    if isinstance(value, Term):
        return _word(speech, value.text)
    if isinstance(value, Decimal):
        return speech.money(value) if is_money(name) else speech.number(value)
    if isinstance(value, date):
        return speech.day(value)
    return speech.number(value) if isinstance(value, int) else value


PAGES: Final = (Page("/journey", _show, None),)
