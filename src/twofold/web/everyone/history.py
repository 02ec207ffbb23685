"""Who did what: searchable, for auditors; of one record, for whoever may read its book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from starlette.exceptions import HTTPException

from twofold.finance import history as finance
from twofold.operations import history as operations
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, Slice, answer

Deed = operations.Deed | finance.Deed
_PARTS: Final = 3


def _show(asked: Asked) -> Answer:
    """Show what was done in the books the visitor may read, the newest first."""
    may = {
        "operations": asked.visitor.may("read_operations", asked.company),
        "finance": asked.visitor.may("read_finance", asked.company),
    }
    if not any(may.values()):
        raise HTTPException(404)

    listing: Listing[Deed] = Listing(
        title="History",
        fields=(Field("number", "Number"), Field("by", "By")),
        columns=(
            Column("When", lambda one: one.at, "moment"),
            Column("What", lambda one: one.act, "term"),
            Column("Number", lambda one: one.record),
            Column("By", lambda one: one.actor),
            Column("Detail", lambda one: one.detail),
        ),
        page=lambda wanted: _deeds(asked, wanted, may),
        place=lambda one: "|".join((one.at.isoformat(), one.act, one.record)),
    )
    return answer(asked, "history.html", listing)


def _deeds(asked: Asked, wanted: Slice, may: Mapping[str, bool]) -> Sequence[Deed]:
    """Read both books as far as the visitor may, and put what they say in one order."""
    company = asked.company
    about = {"record": asked.text("number") or None, "actor": asked.text("by") or None}
    before = _place(wanted.after)
    found: list[Deed] = []
    if may["operations"]:
        with asked.system.auditor_operations.reader() as reader:
            found += operations.list_deeds(
                reader, company=company, **about, before=before, limit=wanted.limit
            )
    if may["finance"]:
        with asked.system.auditor_finance.reader() as reader:
            found += finance.list_deeds(
                reader, company=company, **about, before=before, limit=wanted.limit
            )
    # The newest first; what happened in one moment by what it was.
    found.sort(key=lambda one: (one.act, one.record))
    found.sort(key=lambda one: one.at, reverse=True)
    return found[: wanted.limit]


def _place(after: str) -> tuple[datetime, str, str] | None:
    parts = after.split("|", _PARTS - 1)
    if len(parts) < _PARTS:
        return None
    try:
        return datetime.fromisoformat(parts[0]), parts[1], parts[2]
    except ValueError:
        return None


PAGES: Final = (Page("/{company}/history", _show, None),)
