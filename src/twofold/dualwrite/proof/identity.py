"""Which two books belong together: recorded once, proved before anything is delivered.

Each book has one row: who it is, where it is, for which environment, and the same of its peer.
A copy is at another place; a book restored from an older backup, or a standby that had not
received everything, lacks what the other knows it had. Either is refused here, before a row
crosses. A standby that did receive everything is the same book on a later timeline: accepted,
and recorded as an event.

Before  both books are migrated.
After   nothing has changed but a timeline and its event; or Refused, with the way out.
Next    ``adopt`` repairs what is refused here, guided by people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.dualwrite.events import record_event
from twofold.dualwrite.proof.missing import SetName, recently_lost, recently_undelivered
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused

# Sets are sealed in this form. A program reads older forms, and leaves newer ones alone.
SET_FORMAT: Final = 1
_SHOWN_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Look:
    """What a book's row says (None: not paired yet) beside what is."""

    book: str | None
    book_id: str | None
    environment: str | None
    was_system: str | None
    was_database: int | None
    was_timeline: int | None
    peer_id: str | None
    peer_system: str | None
    peer_database: int | None
    is_system: str
    is_database: int
    is_timeline: int
    is_standby: bool
    is_read_only: bool
    new_id: str

    @property
    def moved(self) -> bool:
        """Whether the book is not where its row says: a copy, or moved by dump and restore."""
        return (self.was_system, self.was_database) != (self.is_system, self.is_database)

    def expects(self, peer: Look) -> bool:
        """Tell whether the peer is the one this book's row names, where it was then."""
        named = (self.peer_id, self.peer_system, self.peer_database)
        return named == (peer.book_id, peer.was_system, peer.was_database)


@dataclass(frozen=True, slots=True)
class _Migrated:
    is_migrated: bool


@dataclass(frozen=True, slots=True)
class _Map:
    map: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class _NewerSet:
    company: str
    set_id: int
    format: int


SQL: Final = SqlFile(__name__)
IS_MIGRATED: Final = SQL.query("is_migrated", gives=_Migrated)
LOOK: Final = SQL.query("look", gives=Look)
PAIR: Final = SQL.command("pair")
FOLLOW_TIMELINE: Final = SQL.command("follow_timeline")
MAPS: Final = SQL.query("maps", gives=_Map)
NEWER_SETS: Final = SQL.query("newer_sets", gives=_NewerSet)


def look_at(book: Book) -> Look | None:
    """Read who and where a book is; nothing when it is not migrated yet."""
    with book.reader() as reader:
        if not reader.one(IS_MIGRATED).is_migrated:
            return None
        return reader.one(LOOK)


def pair_books(operations: Book, finance: Book, *, environment: str, actor: str) -> bool:
    """Record the two books as a pair, unless each has its row; tell whether something was new.

    Before  both books are migrated and opened as the dual-write role.
    After   each book names the other. Interrupted half-way, the next call completes it.
    Raises  Refused (ERR-D35): one of them is paired with another book.
    """
    ours, theirs = look_at(operations), look_at(finance)
    assert ours is not None, "operations is migrated"
    assert theirs is not None, "finance is migrated"
    if ours.book_id is not None and theirs.book_id is not None:
        return False
    for half, other, name in ((ours, theirs, "operations"), (theirs, ours, "finance")):
        place = (other.is_system, other.is_database)
        if half.book_id is not None and (half.peer_system, half.peer_database) != place:
            raise Refused(_not_a_pair(name, "is paired with another book, not with this empty one"))
    our_id = ours.book_id or theirs.peer_id or ours.new_id
    their_id = theirs.book_id or ours.peer_id or theirs.new_id
    _pair(operations, ours, theirs, (our_id, their_id), environment, actor)
    _pair(finance, theirs, ours, (their_id, our_id), environment, actor)
    return True


def _pair(
    book: Book, own: Look, peer: Look, ids: tuple[str, str], environment: str, actor: str
) -> None:
    if own.book_id is not None:
        return
    with book.transaction() as transaction:
        transaction.run(
            PAIR,
            book=book.name,
            book_id=ids[0],
            environment=environment,
            system=own.is_system,
            database=own.is_database,
            timeline=own.is_timeline,
            peer_id=ids[1],
            peer_system=peer.is_system,
            peer_database=peer.is_database,
            actor=actor,
        )
        record_event(transaction, event="paired", detail=f"{ids[0]} with {ids[1]}", actor=actor)


def check_places(operations: Book, finance: Book, *, environment: str) -> None:
    """Refuse a copy, a stranger, another environment or a standby; write nothing.

    Before  nothing: a book that is not migrated or not paired yet is no stranger.
    Raises  Refused: ERR-D35, ERR-D36 or ERR-D39, for both books at once.
    """
    looks = {book.name: look_at(book) for book in (operations, finance)}
    found = [
        refusal
        for name, look in looks.items()
        if look is not None
        for refusal in _judge_place(name, look, environment)
    ]
    ours, theirs = looks["operations"], looks["finance"]
    if not found and ours is not None and theirs is not None:
        found = _judge_pairing(ours, theirs)
    if found:
        raise Refused(*found)


def check_place(book: Book, *, environment: str) -> None:
    """Refuse one book that is a copy, of another environment or a standby; write nothing.

    Raises  Refused: ERR-D35, ERR-D36 or ERR-D39.
    """
    look = look_at(book)
    found = [] if look is None else _judge_place(book.name, look, environment)
    if found:
        raise Refused(*found)


def check_pair(operations: Book, finance: Book, *, environment: str, actor: str) -> None:
    """Refuse to work between two books that are not the pair they were; follow a timeline.

    Before  both books are paired (``pair_books``) and opened as the dual-write role. For
            programs that deliver, when they open the books and whenever they reconnect.
    Raises  Refused: as ``check_places``; ERR-D37 when a book went back in time; ERR-D38 when
            the books record different maps, or a set on its way is newer than this program.
    """
    check_places(operations, finance, environment=environment)
    found = [*_judge_language(operations, finance)]
    for source, target in ((operations, finance), (finance, operations)):
        found += _judge_time(source, target)
    if found:
        raise Refused(*found)
    for book in (operations, finance):
        _follow_timeline(book, actor)


def _judge_place(name: str, look: Look, environment: str) -> list[Refusal]:
    if look.is_standby or look.is_read_only:
        what = "a standby" if look.is_standby else "read-only by default"
        return [refuse("ERR-D39", name, reason=f"the server is {what}: nothing can be written")]
    if look.book_id is None:
        return []
    if look.book != name:
        return [_not_a_pair(name, f"this is the {look.book} book")]
    found: list[Refusal] = []
    if look.moved:
        found.append(
            _not_a_pair(
                name,
                f"the book was made in database {look.was_database} of server {look.was_system}, "
                f"and this is database {look.is_database} of server {look.is_system}",
            )
        )
    if look.environment != environment:
        found.append(
            refuse(
                "ERR-D36",
                name,
                field="TWOFOLD_ENVIRONMENT",
                value=environment,
                reason=f"the book belongs to «{look.environment}»",
            )
        )
    return found


def _judge_pairing(ours: Look, theirs: Look) -> list[Refusal]:
    found: list[Refusal] = []
    both = (("operations", ours, theirs), ("finance", theirs, ours))
    for name, one, other in both:
        if one.book_id is not None and other.book_id is not None and not one.expects(other):
            found.append(_not_a_pair(name, f"its peer is the book {one.peer_id}"))
    return found


def _judge_language(operations: Book, finance: Book) -> list[Refusal]:
    found: list[Refusal] = []
    recorded: list[dict[str, str]] = []
    for book in (operations, finance):
        with book.reader() as reader:
            recorded.append({one.map: one.content_hash for one in reader.all(MAPS)})
            newer = reader.all(NEWER_SETS, known=SET_FORMAT)
        if newer:
            shown = ", ".join(f"{one.company} {one.set_id} (format {one.format})" for one in newer)
            text = f"sets newer than format {SET_FORMAT} are on their way: {shown}"
            found.append(refuse("ERR-D38", book.name, reason=text))
    ours, theirs = recorded
    differing = sorted(
        one for one in ours.keys() | theirs.keys() if ours.get(one) != theirs.get(one)
    )
    if differing:
        text = f"the books record different active maps: {', '.join(differing)}"
        found.append(refuse("ERR-D38", "maps", reason=text))
    return found


def _judge_time(source: Book, target: Book) -> list[Refusal]:
    found: list[Refusal] = []
    lacking = recently_undelivered(source, target)
    if lacking:
        text = f"no longer has sets of {source.name} that it had applied: {_shown(lacking)}"
        found.append(refuse("ERR-D37", target.name, reason=text))
    unknown = recently_lost(source, target)
    if unknown:
        text = f"no longer has sets that {target.name} has applied: {_shown(unknown)}"
        found.append(refuse("ERR-D37", source.name, reason=text))
    return found


def _follow_timeline(book: Book, actor: str) -> None:
    look = look_at(book)
    assert look is not None, "the book was looked at before"
    if look.was_timeline in {None, look.is_timeline}:
        return
    with book.transaction() as transaction:
        transaction.run(FOLLOW_TIMELINE, timeline=look.is_timeline)
        detail = f"timeline {look.was_timeline} became {look.is_timeline}; nothing is missing"
        record_event(transaction, event="standby_accepted", detail=detail, actor=actor)


def _shown(sets: Sequence[SetName]) -> str:
    more = len(sets) - _SHOWN_MAX
    words = ", ".join(str(one) for one in sets[:_SHOWN_MAX])
    return f"{words} and {more} more" if more > 0 else words


def _not_a_pair(name: str, reason: str) -> Refusal:
    return refuse("ERR-D35", name, reason=reason)
