"""Change sets on their way: the list, one with its time line, try again, give up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException

from twofold.database.connection import Book
from twofold.database.transaction import Reader
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.dismiss import dismiss_sets
from twofold.dualwrite.sets.explain import (
    Carried,
    ChosenSet,
    DismissedSet,
    Explanation,
    chosen_sets,
    dismissed_sets,
    explain_set,
    remedy_for,
    sent_as,
)
from twofold.dualwrite.sets.redrive import redrive_sets
from twofold.journey.system import System
from twofold.kernel.errors import Fault, Refusal, Refused
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import PER_PAGE, Asked, Page
from twofold.web.both_books import Found, reading_books
from twofold.web.integration.scope import Scope, assert_may_act, assert_sees, scope_of
from twofold.web.listing import Column, Field, Listing, Slice, answer, choice_of, key_of, whole

STATES: Final = ("waiting", "parked", "stopped", "dismissed")
BOOKS: Final = ("operations", "finance")
# What a list of sets on their way gives at most; a query narrows it down.
SETS_MAX: Final = 1000
# Rows of each map that the page of a set shows.
ROWS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Set:
    """A set of one book, on its way or given up."""

    book: str
    company: str
    set_id: int
    kind: str
    state: str
    since: object
    maps: str
    code: str | None
    problem: str | None
    remedy: str

    @property
    def address(self) -> str:
        """The page of the set."""
        return f"/integration/sets/{self.book}/{self.company}/{self.set_id}"


def _list(asked: Asked) -> Answer:
    """Show the sets that the query leaves, those on their way for longest first."""
    return _listed(asked)


def _listed(asked: Asked, refusals: Sequence[Refusal] = ()) -> Answer:
    scope = scope_of(asked)
    found = Found()
    maps = tuple(one.compiled.map.id for one in asked.system.maps)
    state = choice_of(asked, "state", STATES)
    named = choice_of(asked, "map", maps)
    choice = Choice(
        company=scope.company,
        states=(state,) if state and state != "dismissed" else None,
        codes=(asked.text("code"),) if asked.text("code") else None,
        maps=(named,) if named else None,
    )
    book = choice_of(asked, "book", BOOKS)
    books = [one for one in reading_books(asked) if book in {None, one.name}]
    sets = (
        _given_up(found, books, choice)
        if state == "dismissed"
        else _on_their_way(found, books, choice)
    )
    page = answer(
        asked,
        "change_sets.html",
        _listing(asked, scope, sets, maps),
        scope=scope,
        away=found.away,
        is_dismissed=state == "dismissed",
        refusals=refusals,
        typed={"reason": asked.typed("reason")},
    )
    if refusals and isinstance(page, Shown):
        return Shown(page.template, page.values, status=422)
    return page


def _on_their_way(found: Found, books: Sequence[Book], choice: Choice) -> list[Set]:
    def read(name: str, one: ChosenSet) -> Set:
        return Set(
            name, one.company, one.set_id, one.kind, one.state, one.since, ", ".join(one.maps),
            one.code, one.problem, remedy_for(one),
        )  # fmt: skip

    each = found.of(books, lambda reader: chosen_sets(reader, choice=choice, limit=SETS_MAX))
    return [read(name, one) for name, sets in each for one in sets]


def _given_up(found: Found, books: Sequence[Book], choice: Choice) -> list[Set]:
    def read(name: str, one: DismissedSet) -> Set:
        return Set(
            name, one.company, one.set_id, one.kind, "dismissed", one.dismissed_at, "",
            one.code, one.problem, f"{one.reason} ({one.dismissed_by})",
        )  # fmt: skip

    each = found.of(books, lambda reader: dismissed_sets(reader, choice=choice, limit=SETS_MAX))
    return [read(name, one) for name, sets in each for one in sets]


def _listing(
    asked: Asked, scope: Scope, sets: Sequence[Set], maps: tuple[str, ...]
) -> Listing[Set]:
    places = {one.address: place for place, one in enumerate(sets, start=1)}

    def page(wanted: Slice) -> Sequence[Set]:
        first = key_of(wanted.after)
        return sets[first : first + wanted.limit]

    return Listing(
        title="Change sets",
        empty="Nothing is on its way: both books have everything.",
        fields=(
            Field("state", "Status", "choice", STATES),
            Field("company", "Company", "value", scope.companies),
            Field("map", "Map", "value", maps),
            Field("book", "Sent by", "choice", BOOKS),
            Field("code", "Code"),
        ),
        columns=(
            Column("Set", lambda one: str(one.set_id), to=lambda one: one.address),
            Column("Company", lambda one: one.company),
            Column("Sent by", lambda one: one.book, "term"),
            Column("Kind", lambda one: one.kind, "term"),
            Column("Status", lambda one: one.state, "status"),
            Column("Since", lambda one: one.since, "moment"),
            Column("Maps", lambda one: one.maps),
            Column("Code", lambda one: one.code),
            Column("Problem", lambda one: one.problem),
            Column("What to do", lambda one: asked.speech.meant(one.remedy).replace("`", "")),
        ),
        page=page,
        place=lambda one: str(places[one.address]),
        pick=lambda one: f"{one.book}/{one.company}/{one.set_id}",
        total=len(sets),
        per_page=PER_PAGE,
    )


def _act(asked: Asked) -> Answer:
    """Try the chosen sets again, or give them up for a reason."""
    assert_may_act(asked)
    to = asked.typed("to")
    try:
        done = _done(asked, _chosen(asked))
    except Refused as refused:
        if to.startswith("/integration/sets/"):
            raise
        return _listed(asked, refused.refusals)
    return Moved(asked.back(done))


def _done(asked: Asked, chosen: dict[tuple[str, str], list[int]]) -> str:
    """Do it book by book and company by company; say how many."""
    count = 0
    is_dismissal = asked.typed("do") == "dismiss"
    for (book, company), set_ids in sorted(chosen.items()):
        choice = Choice(company=company, set_ids=tuple(set_ids))
        route = asked.system.forward if book == "operations" else asked.system.back
        if is_dismissal:
            given_up = dismiss_sets(
                route, choice=choice, reason=asked.typed("reason"), actor=asked.visitor.login
            )
            count += sum(one.set_count for one in given_up)
        else:
            count += redrive_sets(route.source, choice=choice, actor=asked.visitor.login)
    return f"{'dismissed' if is_dismissal else 'redriven'}:{count}"


def _chosen(asked: Asked) -> dict[tuple[str, str], list[int]]:
    chosen: dict[tuple[str, str], list[int]] = {}
    for one in asked.form.get("pick", ()):
        book, _, rest = one.partition("/")
        company, _, set_id = rest.partition("/")
        if book in BOOKS and key_of(set_id):
            chosen.setdefault((book, company), []).append(key_of(set_id))
    return chosen


def _show(asked: Asked) -> Answer:
    """Show one set: its life, what it carries, what holds it, what to do."""
    company, set_id = asked.path["in_company"], key_of(asked.path["set_id"])
    assert_sees(asked, company)
    explained = _explained(asked.system, asked.path["book"], company, set_id)
    return answer(
        asked,
        "change_set.html",
        _of_carried([one for one in explained.carried if one.row_count or one.excluded_count]),
        scope=scope_of(asked),
        explained=explained,
        sent=explained.sent,
        in_company=company,
        pick=f"{explained.source}/{company}/{set_id}",
        is_open=explained.sent.state in {"waiting", "parked", "stopped"},
    )


def _of_carried(carried: Sequence[Carried]) -> Listing[Carried]:
    columns: tuple[Column[Carried], ...] = (
        Column("Map", lambda one: one.map, to=lambda one: f"/integration/maps/{one.map}"),
        Column("Version", lambda one: one.map_version),
        Column("Rows", lambda one: one.row_count, "quantity"),
        Column("Left out", lambda one: one.excluded_count or None, "quantity"),
        Column("Content", lambda one: one.content_hash),
    )
    return Listing(
        title="Carries",
        columns=columns,
        page=whole(carried, columns),
        place=lambda one: one.map,
        per_page=max(len(carried), 1),
    )


def _explained(system: System, book: str, company: str, set_id: int) -> Explanation:
    """Read a set from both books, or from its own while the other one does not answer (404)."""
    books: dict[str, Book] = {
        "operations": system.auditor_operations,
        "finance": system.auditor_finance,
    }
    if book not in books:
        raise HTTPException(404)
    source = books.pop(book)
    (target,) = books.values()
    with source.reader() as here:
        sent = sent_as(here, company=company, set_id=set_id)
        if not sent:
            raise HTTPException(404)

        def explain(there: Reader | None) -> Explanation:
            return explain_set(here, there, sent=sent[0], source_book=book, rows_max=ROWS_SHOWN)

        return _with(target, explain)


def _with(target: Book, explain: Callable[[Reader | None], Explanation]) -> Explanation:
    try:
        with target.reader() as there:
            return explain(there)
    except Fault as fault:
        if not fault.transient:
            raise
        return explain(None)


PAGES: Final = (
    Page("/integration/sets", _list, None),
    Page("/integration/sets", _act, None, "POST"),
    Page("/integration/sets/{book}/{in_company}/{set_id}", _show, None),
)
