"""Who did what: searchable, for auditors; of one record, for whoever may read its book."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, cast, get_args

from starlette.exceptions import HTTPException

from twofold.access.rights import Permission
from twofold.database.connection import Book, BookName
from twofold.database.deeds import Asked as Wanted
from twofold.database.deeds import Deed, Key, list_deeds
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, Slice, answer, key_of

_LAST: Final = 2**63 - 1
_NONE: Final = "\u2013"
# What happened in one moment: first what finance did, then operations, as the list runs backwards.
_BOOKS: Final[tuple[BookName, ...]] = ("finance", "operations")
_READING: Final[Mapping[BookName, Permission]] = {
    "finance": "read_finance",
    "operations": "read_operations",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """A deed and the book it was done in."""

    book: BookName
    deed: Deed


def _show(asked: Asked) -> Answer:
    """Show what was done in the books the visitor may read, the newest first."""
    books: list[BookName] = [
        one for one in _BOOKS if asked.visitor.may(_READING[one], asked.company)
    ]
    if not books:
        raise HTTPException(404)
    listing: Listing[_Told] = Listing(
        title="History",
        fields=(Field("number", "Number"), Field("by", "By")),
        columns=(
            Column("When", lambda one: one.deed.at, "moment"),
            Column("What", lambda one: one.deed.act, "term"),
            Column("Number", lambda one: one.deed.number),
            Column("By", lambda one: one.deed.actor),
            Column("Detail", _detail_for(asked)),
        ),
        page=lambda wanted: _deeds(asked, wanted, books),
        place=lambda one: "|".join((one.deed.at.isoformat(), one.book, str(one.deed.deed_id))),
    )
    return answer(asked, "history.html", listing)


def _deeds(asked: Asked, wanted: Slice, books: Sequence[BookName]) -> Sequence[_Told]:
    """Read the books, and put what they say in one order: the newest first."""
    whose = Wanted(asked.company, asked.text("number") or None, asked.text("by") or None)
    readers: dict[BookName, Book] = {
        "operations": asked.system.auditor_operations,
        "finance": asked.system.auditor_finance,
    }
    found: list[_Told] = []
    for book in books:
        with readers[book].reader() as reader:
            deeds = list_deeds(
                reader, asked=whose, before=_place(wanted.after, book), limit=wanted.limit
            )
        found += (_Told(book, one) for one in deeds)
    # Deeds of one book stay in their order: a sort keeps what is equal as it is.
    found.sort(key=lambda one: one.deed.at, reverse=True)
    return found[: wanted.limit]


def _place(after: str, book: BookName) -> tuple[datetime, int] | None:
    """Give where a book goes on after a deed: of its moment, one book is told after the other."""
    moment, _, of = after.partition("|")
    told, _, key = of.partition("|")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None or told not in _BOOKS:
        return None
    is_told = _BOOKS.index(book) < _BOOKS.index(told)
    return at, key_of(key) if told == book else 0 if is_told else _LAST


def _detail_for(asked: Asked) -> Callable[[_Told], str]:
    """Say what a deed tells besides: to people in their words, to programs as it is kept."""
    if asked.text("as").startswith("json"):
        return lambda one: json.dumps(one.deed.detail, sort_keys=True) if one.deed.detail else ""

    def words(name: str) -> str:
        return asked.speech.words(name.replace("_", " ").capitalize())

    def said(one: _Told) -> str:
        told = one.deed.detail
        # Nothing was declined: that goes without saying.
        keys = [key for key in get_args(Key) if key in told and (key != "refused" or told[key])]
        return " · ".join(f"{words(key)} {_of(key, told[key], asked, words)}" for key in keys)

    return said


def _of(key: str, value: object, asked: Asked, words: Callable[[str], str]) -> str:
    """Say what a deed tells under a key; totals are money, kept as text."""
    if key == "total":
        return asked.speech.money(Decimal(str(value)))
    return _said(value, asked, words)


def _said(value: object, asked: Asked, words: Callable[[str], str]) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in cast("list[object]", value))
    if isinstance(value, dict):
        stated = cast("dict[str, object]", value)
        if stated.keys() == {"from", "to"}:
            return f"{stated['from'] or _NONE} → {stated['to'] or _NONE}"
        return ", ".join(f"{words(key)} {_said(one, asked, words)}" for key, one in stated.items())
    return asked.speech.number(value) if isinstance(value, int) else str(value or _NONE)


PAGES: Final = (Page("/{company}/history", _show, None),)
