"""One list for all pages: columns declared once, filters, order and place in the address.

A page of a list is asked for by the place of the row before it, so that the millionth row costs
what the first does. The same columns make the download: read page by page, each page in a
transaction of its own, so that a slow reader holds nothing up.

Every heading asks for its order, and none of them for a sort of millions of rows. An order that an
index serves is declared with the column (``sort``), and the source of the list gives it page by
page. Any other is made here, of the rows that the filters leave, if they are ``SORTED_MAX`` at
most: so many are read and no more, whatever the list holds. Where there are more, they stay in
the list's own order and the page asks to narrow them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Generic, Literal, TypeVar

from twofold.web.answers import Answer, Download, Shown
from twofold.web.asked import PER_PAGE, Asked
from twofold.web.export import CSV_TYPE, JSON_TYPE, XLSX_TYPE, csv_file, json_file, xlsx_file
from twofold.web.language import Speech, Unreadable
from twofold.web.table import FIGURES, Cell, Field, Head, Kind, Row, Table, rank

R = TypeVar("R")
T = TypeVar("T")

FILES: Final = frozenset({"csv", "xlsx", "json"})
"""What a list is given as, by the name `as` of the query."""
# Rows that a download reads at a time.
_CHUNK: Final = 1000
_CURRENCY: Final = "Currency"
# Keys are of 64 bits.
_DIGITS_MAX: Final = 19
SORTED_MAX: Final = 1000
"""Rows that are put in an order no index serves."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which rows a list shall give: after a place, so many, in an order ('-name': descending)."""

    after: str
    limit: int
    sort: str


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """What a column says of a row. Its title is English; '' for `to` is no link.

    ``sort`` names an order that the source gives, page by page; without one it is made of the rows
    the filters leave, if they are few. ``note`` is said after the value.
    """

    title: str
    value: Callable[[R], object]
    kind: Kind = "text"
    to: Callable[[R], str] | None = None
    note: Callable[[R], str | None] | None = None
    currency: Callable[[R], str] | None = None
    sort: str = ""

    @property
    def order(self) -> str:
        """What its heading asks for."""
        return self.sort or self.title.casefold().replace(" ", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[R]):
    """A list: where its rows come from, and how they are shown.

    ``key`` tells apart the lists of one page; ``foot`` gives totals by column title; ``pick`` the
    value of a row's checkbox, '' where it cannot be chosen.
    """

    title: str
    columns: tuple[Column[R], ...]
    page: Callable[[Slice], Sequence[R]]
    place: Callable[[R], str]
    key: str = ""
    fields: tuple[Field, ...] = ()
    empty: str = "There is none."
    pick: Callable[[R], str] | None = None
    foot: Mapping[str, Decimal | int] = field(default_factory=dict[str, Decimal | int])
    total: int | None = None
    per_page: int = PER_PAGE


def answer(
    asked: Asked,
    template: str,
    *listings: Listing[Any],
    status: int = 200,
    **values: object,
) -> Answer:
    """Give the page with its lists as ``tables``, or one of them as the file asked for."""
    kind, _, key = asked.text("as").partition(":")
    for one in listings:
        if one.key == key and kind in FILES:
            return _download(asked, one, kind)
    tables = {one.key: _table(asked, one) for one in listings}
    return Shown(template, {"tables": tables, **values}, status=status)


def whole(rows: Sequence[R], columns: Sequence[Column[R]]) -> Callable[[Slice], Sequence[R]]:
    """Give a list that is read as a whole, in any order its headings ask for."""

    def page(wanted: Slice) -> Sequence[R]:
        # All of it is on the first page; nothing comes after it.
        if wanted.after:
            return ()
        name = wanted.sort.removeprefix("-")
        column = next((one for one in columns if name and one.sort == name), None)
        return rows if column is None else _by(rows, column, is_down=wanted.sort != name)

    return page


def by_pages(
    rows: Sequence[R], columns: Sequence[Column[R]], place: Callable[[R], str]
) -> Callable[[Slice], Sequence[R]]:
    """Give a list that is read as a whole, and too long for one page, a page at a time."""
    all_of = whole(rows, columns)

    def page(wanted: Slice) -> Sequence[R]:
        ordered = all_of(Slice("", wanted.limit, wanted.sort))
        places = [place(one) for one in ordered] if wanted.after else []
        first = places.index(wanted.after) + 1 if wanted.after in places else 0
        return ordered[first : first + wanted.limit]

    return page


def key_of(after: str, first: int = 0) -> int:
    """Give the key that a place says, ``first`` at the beginning or when it says none."""
    digits = after.removeprefix("-")
    return int(after) if digits.isdecimal() and len(digits) < _DIGITS_MAX else first


def day_of(asked: Asked, name: str) -> date | None:
    """Give a day of the query; None when there is none, or what stands there is none."""
    try:
        return asked.speech.read_day(asked.text(name)) if asked.text(name) else None
    except Unreadable:
        return None


def choice_of(asked: Asked, name: str, choices: Sequence[str]) -> str | None:
    """Give a term of the query; None when it is none of the choices."""
    found = asked.text(name)
    return found if found in choices else None


def _table(asked: Asked, listing: Listing[T]) -> Table:
    after, sort = _name("after", listing.key), _name("sort", listing.key)
    order = _known(listing, asked.text(sort))
    found = _found(listing, order, asked.text(after))
    rows = [_row(asked, listing, one) for one in found.rows]
    foot = _foot(asked.speech, listing)
    said = _columns_said(listing, rows, foot)
    return Table(
        key=listing.key,
        title=listing.title,
        empty=listing.empty,
        heads=tuple(
            Head(
                one.title,
                one.kind in FIGURES,
                asked.here(**{sort: _turned(one.order, order), after: ""}),
                "" if found.is_unsorted else _order(one.order, order),
            )
            for one in (listing.columns[index] for index in said)
        ),
        rows=tuple(replace(row, cells=tuple(row.cells[index] for index in said)) for row in rows),
        foot=tuple(foot[index] for index in said) if foot else (),
        fields=listing.fields,
        total=listing.total,
        sort=order,
        is_unsorted=found.is_unsorted,
        first=asked.here(**{after: ""}) if asked.text(after) else "",
        following=asked.here(**{after: found.place}) if found.place else "",
        csv=asked.here(**{"as": f"csv:{listing.key}", after: ""}),
        xlsx=asked.here(**{"as": f"xlsx:{listing.key}", after: ""}),
        json=asked.here(**{"as": f"json:{listing.key}", after: ""}),
    )


@dataclass(frozen=True, slots=True)
class _Found(Generic[R]):
    """Rows of a page, the place its next one begins after ('' for none), and whether in order."""

    rows: Sequence[R]
    place: str
    is_unsorted: bool = False


def _found(listing: Listing[T], order: str, after: str) -> _Found[T]:
    """Read a page in the order asked for, or in the list's own where there are too many rows."""
    many, is_served = listing.per_page, _is_served(listing, order)
    ordered = None if is_served else _in_order(listing, order)
    if ordered is None:
        found = listing.page(Slice(after, many + 1, order if is_served else ""))
        place = listing.place(found[many - 1]) if len(found) > many else ""
        return _Found(found[:many], place, is_unsorted=not is_served)
    first = max(key_of(after), 0)
    return _Found(
        ordered[first : first + many], str(first + many) if len(ordered) > first + many else ""
    )


def _known(listing: Listing[T], order: str) -> str:
    """Give the order if one of the headings asks for it."""
    return order if order.removeprefix("-") in {one.order for one in listing.columns} else ""


def _is_served(listing: Listing[T], order: str) -> bool:
    name = order.removeprefix("-")
    return not name or name in {one.sort for one in listing.columns}


def _in_order(listing: Listing[T], order: str) -> Sequence[T] | None:
    """Give all rows in an order; None where they are too many."""
    name = order.removeprefix("-")
    rows = listing.page(Slice("", SORTED_MAX + 1, ""))
    if len(rows) > max(SORTED_MAX, listing.per_page):
        return None
    column = next(one for one in listing.columns if one.order == name)
    return _by(rows, column, is_down=order != name)


def _by(rows: Sequence[T], column: Column[T], *, is_down: bool) -> Sequence[T]:
    """Put rows in the order of a column: those that say nothing are the last."""
    silent = [one for one in rows if column.value(one) is None]
    saying = [one for one in rows if column.value(one) is not None]
    return sorted(saying, key=lambda one: rank(column.value(one)), reverse=is_down) + silent


def _columns_said(listing: Listing[T], rows: Sequence[Row], foot: Sequence[Cell]) -> Sequence[int]:
    """Leave out the columns that say nothing on this page; files have them all."""
    return [
        index
        for index, column in enumerate(listing.columns)
        if index == 0
        or column.sort
        or not rows
        or any(row.cells[index].look != "none" for row in rows)
        or any(cell.text for cell in foot[index : index + 1])
    ]


def _name(what: str, key: str) -> str:
    return f"{what}_{key}" if key else what


def _turned(sort: str, order: str) -> str:
    return f"-{sort}" if order == sort else sort


def _order(sort: str, order: str) -> Literal["", "ascending", "descending"]:
    if not sort or order.removeprefix("-") != sort:
        return ""
    return "descending" if order.startswith("-") else "ascending"


def _row(asked: Asked, listing: Listing[T], row: T) -> Row:
    cells = tuple(_cell(asked.speech, column, row) for column in listing.columns)
    pick = listing.pick(row) if listing.pick else None
    return Row(cells, pick, is_picked=pick in asked.form.get("pick", ()))


def _cell(speech: Speech, column: Column[T], row: T) -> Cell:
    value = column.value(row)
    return Cell(
        _said(speech, column.kind, value, column.currency(row) if column.currency else ""),
        column.kind,
        note=(column.note(row) or "") if column.note else "",
        to=column.to(row) if column.to and value is not None else "",
        state=str(value) if column.kind == "status" else "",
        title=column.title,
    )


def _foot(speech: Speech, listing: Listing[T]) -> tuple[Cell, ...]:
    if not listing.foot:
        return ()
    return tuple(
        Cell(_said(speech, one.kind, listing.foot.get(one.title), ""), one.kind, title=one.title)
        for one in listing.columns
    )


def _said(speech: Speech, kind: Kind, value: object, currency: str) -> str:
    """Write a value as the reader knows it."""
    said = "" if value is None else str(value)
    if isinstance(value, date):
        said = speech.moment(value) if isinstance(value, datetime) else speech.day(value)
    elif isinstance(value, (Decimal, int)) and kind in FIGURES:
        figure = Decimal(value)
        said = speech.money(figure, currency) if kind == "money" else speech.number(figure)
    elif kind in {"term", "status"}:
        said = speech.words(said.replace("_", " ").capitalize().replace("Wip ", "WIP "))
    return said


def _download(asked: Asked, listing: Listing[T], kind: str) -> Download:
    """Give every row that the filters leave, in the order that was asked for."""
    speech = asked.speech
    title = speech.words(listing.title)
    name = f"{title} {asked.company} {asked.now.date()}".strip()
    if kind == "json":
        # For programs, which shall read the same whatever the language of their person.
        return Download(f"{name}.json", JSON_TYPE, json_file(_file_rows(asked, listing, None)))
    rows = _file_rows(asked, listing, speech)
    if kind == "csv":
        return Download(f"{name}.csv", CSV_TYPE, csv_file(rows))
    return Download(f"{name}.xlsx", XLSX_TYPE, xlsx_file(rows, title=title))


def _file_rows(
    asked: Asked, listing: Listing[T], speech: Speech | None
) -> Iterator[Sequence[object]]:
    """Give the headings, then the rows with their values: figures stay figures, days stay days.

    Without a language, headings are English and terms are as the books have them.
    """
    currency = next((one.currency for one in listing.columns if one.currency), None)
    heads = [one.title for one in listing.columns] + ([_CURRENCY] if currency else [])
    yield [speech.words(one) for one in heads] if speech else heads
    order = _known(listing, asked.text(_name("sort", listing.key)))
    if not _is_served(listing, order):
        ordered = _in_order(listing, order)
        if ordered is not None:
            yield from (_file_row(speech, listing, row) for row in ordered)
            return
        order = ""
    after = ""
    while True:
        found = listing.page(Slice(after, _CHUNK, order))
        for row in found:
            yield _file_row(speech, listing, row)
        if len(found) < _CHUNK:
            return
        after = listing.place(found[-1])


def _file_row(speech: Speech | None, listing: Listing[T], row: T) -> Sequence[object]:
    currency = next((one.currency for one in listing.columns if one.currency), None)
    values = [_file_value(speech, one, row) for one in listing.columns]
    return [*values, currency(row)] if currency else values


def _file_value(speech: Speech | None, column: Column[T], row: T) -> object:
    value = column.value(row)
    if speech and column.kind in {"term", "status"}:
        return _said(speech, column.kind, value, "")
    note = column.note(row) if column.note else None
    return f"{value} {note}" if note and value is not None else value
