"""Change sets on their way: list them, look into one, try them again, give them up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.integration.map_states import dismissed_table
from twofold.cli.opening import opened, those_that_answer
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    Misused,
    actor_name,
    usage,
)
from twofold.database.connection import Book, BookName
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.dismiss import Dismissed, dismiss_sets, sets_to_dismiss
from twofold.dualwrite.sets.explain import (
    ChosenSet,
    DismissedSet,
    Explanation,
    SentSet,
    chosen_sets,
    dismissed_sets,
    explain_set,
    remedy_for,
    sent_as,
)
from twofold.dualwrite.sets.redrive import (
    Found,
    Healed,
    healed_sets,
    redrive_sets,
    sets_to_redrive,
)
from twofold.journey.system import System

app = App(name="sets", help="Change sets on their way, and what holds them up.")

State = Literal["waiting", "parked", "stopped"]
FAILED: Final[tuple[State, ...]] = ("parked", "stopped")
_AGE: Final = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Query:
    """Which sets: all conditions given must hold."""

    state: Annotated[
        tuple[State, ...],
        Parameter(negative=(), show_default=False, help="What has become of them so far."),
    ] = ()
    code: Annotated[
        tuple[str, ...],
        Parameter(negative=(), show_default=False, help="Held by one of these codes."),
    ] = ()
    map: Annotated[
        tuple[str, ...],
        Parameter(negative=(), show_default=False, help="Carrying rows of one of these maps."),
    ] = ()
    stream: Annotated[
        tuple[str, ...], Parameter(negative=(), show_default=False, help="Of one of these streams.")
    ] = ()
    company: Company = None
    older_than: Annotated[
        str | None, Parameter(help="On their way for longer than 30m, 12h, 8d.")
    ] = None
    book: Annotated[BookName | None, Parameter(help="Sent by this book; left out: by both.")] = None

    def choice(self, set_ids: tuple[int, ...] = (), states: tuple[State, ...] = ()) -> Choice:
        """Give the query as dual-write takes it; ``states`` are meant when none is given."""
        return Choice(
            company=self.company,
            set_ids=set_ids or None,
            states=self.state or states or None,
            codes=self.code or None,
            maps=self.map or None,
            streams=self.stream or None,
            older_than=age_of("--older-than", self.older_than),
        )

    @property
    def is_open(self) -> bool:
        """Whether it names nothing in particular."""
        given = (self.state, self.code, self.map, self.stream, self.company, self.older_than)
        return not any(given)


EVERYTHING: Final = Query()

Ids = Annotated[int, Parameter(help="Ids of sets, as `twofold sets list` shows them.")]
DryRun = Annotated[
    bool,
    Parameter(
        negative=(), show_default=False, help="Say how many it would be, and change nothing."
    ),
]
AllSets = Annotated[
    bool,
    Parameter(
        name="--all",
        negative=(),
        show_default=False,
        help="Really all of them, where no query is given.",
    ),
]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A set that is on its way, with the book it comes from and what to do about it."""

    source: str
    pending: ChosenSet
    remedy: str


@app.command(name="list")
def list_sets(
    *,
    query: Query = EVERYTHING,
    dismissed: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Those that were given up, and why.")
    ] = False,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List the change sets that are pending, with code and problem, the oldest first."""
    choice = query.choice()
    if dismissed:
        _list_dismissed(query, choice, limit, as_json=as_json)
        return
    left: list[Waiting] = []
    with opened(maps="looked at", alone="operations") as system:
        for book, reader in those_that_answer(*_books(system, query, role="auditor")):
            found = chosen_sets(reader, choice=choice, limit=limit)
            left += [Waiting(book.name, one, remedy_for(one)) for one in found]
    printing.show(left, pending_table(left), as_json=as_json)
    tell_hidden(left)


@app.command
def show(
    set_id: Annotated[int, Parameter(help="Id of the set.")],
    /,
    *,
    company: Company = None,
    book: Annotated[BookName | None, Parameter(help="The book that sent it.")] = None,
    sql: Annotated[
        bool,
        Parameter(
            negative=(), show_default=False, help="Show the statements that ship and apply it."
        ),
    ] = False,
    rows: Annotated[int, Parameter(help="How many rows of each map to show.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show one change set: its life, what it carries, what holds it, what to do."""
    with opened(maps="looked at", alone="operations") as system:
        source, sent = _found(system, set_id, company, book)
        target = {"operations": system.auditor_finance, "finance": system.auditor_operations}
        answering = closing(those_that_answer(target[source.name]))
        with source.reader() as here, answering as others:
            _, there = next(others, (None, None))
            explained = explain_set(here, there, sent=sent, source_book=source.name, rows_max=rows)
    printing.show(explained, *_parts(explained, sql=sql), as_json=as_json)


@app.command(usage=usage("sets redrive", "[IDS...]"))
def redrive(
    *set_ids: Ids,
    query: Query = EVERYTHING,
    dry_run: DryRun = False,
    all_sets: AllSets = False,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Try sets again that are parked or stopped, any number of them."""
    _assert_meant(set_ids, query, all_sets=all_sets)
    choice = query.choice(set_ids, FAILED)
    found: list[tuple[str, Found]] = []
    healed: list[Healed] = []
    done = 0
    with opened(alone="operations") as system:
        for book, reader in those_that_answer(*_books(system, query, role="dualwrite")):
            found += [(book.name, one) for one in sets_to_redrive(reader, choice=choice)]
            healed += [healed_sets(reader, choice=choice)] if set_ids else []
            if not dry_run:
                done += redrive_sets(book, choice=choice, actor=actor_name(actor))
    document = {
        "found": [{"source": name, "sets": one} for name, one in found],
        "made_due": done,
        "applied_already": sum(one.applied for one in healed),
        "given_up": sum(one.dismissed for one in healed),
    }
    printing.show(document, _found_table(found), as_json=as_json)
    if any(one.applied or one.dismissed for one in healed):
        printing.say(
            f"{document['applied_already']} of them are applied, {document['given_up']} given up: "
            "they need nothing."
        )
    printing.say(
        f"{sum(one.set_count for _, one in found)} would be tried again; nothing was changed."
        if dry_run
        else f"{printing.counted(done, 'set is', 'sets are')} due; "
        "`twofold deliver` tries, or the engine does."
    )


@app.command(usage=usage("sets dismiss", "[IDS...]"))
def dismiss(
    *set_ids: Ids,
    reason: Annotated[str, Parameter(help="Why; kept with your name.")],
    query: Query = EVERYTHING,
    dry_run: DryRun = False,
    all_sets: AllSets = False,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Give up sets that shall never arrive: kept, with the reason, and no longer tried."""
    _assert_meant(set_ids, query, all_sets=all_sets)
    choice = query.choice(set_ids, FAILED)
    found: list[tuple[str, Found]] = []
    given_up: list[Dismissed] = []
    with opened() as system:
        for book in _books(system, query, role="dualwrite"):
            with book.reader() as reader:
                found += [(book.name, one) for one in sets_to_dismiss(reader, choice=choice)]
            if not dry_run:
                given_up += dismiss_sets(
                    system.forward if book.name == "operations" else system.back,
                    choice=choice,
                    reason=reason,
                    actor=actor_name(actor),
                )
    document = {
        "found": [{"source": name, "sets": one} for name, one in found],
        "given_up": given_up,
    }
    table = _found_table(found) if dry_run else dismissed_table(given_up)
    printing.show(document, table, as_json=as_json)


def _assert_meant(set_ids: tuple[int, ...], query: Query, *, all_sets: bool) -> None:
    if not set_ids and query.is_open and not all_sets:
        raise Misused("name sets by their ids, by a query (--code, --map, …), or give --all")


def _books(
    system: System, query: Query, *, role: Literal["auditor", "dualwrite"]
) -> Iterator[Book]:
    books = {
        "auditor": (system.auditor_operations, system.auditor_finance),
        "dualwrite": (system.dualwrite_operations, system.dualwrite_finance),
    }[role]
    return (one for one in books if query.book in {None, one.name})


def _found(
    system: System, set_id: int, company: str | None, book: BookName | None
) -> tuple[Book, SentSet]:
    """Find the one set with this id; companies and books number theirs alike."""
    found: list[tuple[Book, SentSet]] = []
    for source, reader in those_that_answer(*_books(system, Query(book=book), role="auditor")):
        found += [(source, one) for one in sent_as(reader, company=company, set_id=set_id)]
    if not found:
        raise Misused(f"there is no set {set_id}{f' of {company}' if company else ''}")
    if len(found) > 1:
        several = ", ".join(f"--company {one.company} --book {place.name}" for place, one in found)
        raise Misused(f"several sets have the number {set_id}: add one of {several}")
    return found[0]


def age_of(option: str, text: str | None) -> timedelta | None:
    """Read a length of time as people write it."""
    if text is None:
        return None
    found = _AGE.fullmatch(text)
    if found is None:
        raise Misused(f"{option} {text}: write 90s, 30m, 12h or 8d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _list_dismissed(query: Query, choice: Choice, limit: int, *, as_json: bool) -> None:
    found: list[tuple[str, DismissedSet]] = []
    with opened(maps="looked at", alone="operations") as system:
        for book, reader in those_that_answer(*_books(system, query, role="auditor")):
            given_up = dismissed_sets(reader, choice=choice, limit=limit)
            found += [(book.name, one) for one in given_up]
    table = printing.table(
        ("From", "Company", "Set", "Kind", "Stream", "Given up", "By", "Reason", "Code", "Problem"),
        [
            (
                name, one.company, one.set_id, one.kind, one.stream, one.dismissed_at,
                one.dismissed_by, one.reason, one.code, one.problem,
            )
            for name, one in found
        ],
        title="Given up",
    )  # fmt: skip
    printing.show([{"source": name, "set": one} for name, one in found], table, as_json=as_json)


def tell_hidden(left: list[Waiting]) -> None:
    """Say how many sets are on their way besides those shown."""
    hidden = sum({one.source: one.pending.found for one in left}.values()) - len(left)
    if hidden:
        printing.say(f"{hidden} more: `twofold sets list` shows them, a query narrows them down.")


def pending_table(left: list[Waiting]) -> printing.RenderableType:
    """Make the table of sets on their way, with what holds each and what to do."""
    return printing.table(
        ("From", "Company", "Set", "Kind", "Stream", "State", "Since", "Code", "Problem", "Remedy"),
        [
            (
                one.source, one.pending.company, one.pending.set_id, one.pending.kind,
                one.pending.stream, one.pending.state, one.pending.since, one.pending.code,
                one.pending.problem, one.remedy,
            )
            for one in left
        ],
        title="Pending sets",
    )  # fmt: skip


def _found_table(found: list[tuple[str, Found]]) -> printing.RenderableType:
    return printing.table(
        ("From", "Company", "State", "Code", "Sets", "Oldest since"),
        [
            (name, one.company, one.state, one.code, one.set_count, one.oldest)
            for name, one in found
        ],
    )


def _parts(explained: Explanation, *, sql: bool) -> Iterator[printing.RenderableType]:
    sent, received = explained.sent, explained.received
    yield printing.facts(
        (
            ("Set", f"{sent.set_id} of {sent.company}, sent by {explained.source}"),
            ("Kind", sent.kind),
            ("Stream", f"{sent.stream}, version {sent.version}"),
            ("State", sent.state),
            ("Given up", sent.dismissed_for and f"{sent.dismissed_for} ({sent.dismissed_by})"),
            ("Chain", received and received.chain_number and f"link {received.chain_number}"),
            ("Link", received and received.chain_hash),
        )
    )
    if explained.holds:
        holds = [(one.what, one.since, one.code, one.remedy) for one in explained.holds]
        yield printing.table(("What", "Since", "Code", "Remedy"), holds, title="Waits for")
    yield printing.table(
        ("When", "Where", "What", "Who", "Code", "Detail"),
        [
            (one.at, one.where, one.what, one.actor, one.code, one.detail)
            for one in explained.moments
        ],
        title="Time line",
    )
    yield printing.table(
        ("Map", "Version", "Rows", "Left out", "Totals"),
        [
            (one.map, one.map_version, one.row_count, one.excluded_count, one.totals)
            for one in explained.carried
            if one.row_count or one.excluded_count
        ],
        title="Carries",
    )
    for name, texts in explained.rows.items():
        if texts:
            yield printing.verbatim("\n".join((f"-- {name}", *texts)))
    if sql:
        for name, statements in explained.statements.items():
            text = "\n\n".join(f"-- {name}: {title}\n{body};" for title, body in statements.items())
            yield printing.verbatim(text)
