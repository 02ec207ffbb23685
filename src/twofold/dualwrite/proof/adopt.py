"""Adopt two books as a pair again, after one was restored, moved or copied.

What a receiver lost is sent again; what a source lost stays applied in the other book, is
recorded as lost, and no number of it is ever given again. Then both books record where they
are and who their peer is.

Before  no program works in either book; people have looked (``plan_adoption``).
After   ``check_pair`` accepts the books, and every step is an event with the reason. Adopting
        again changes nothing: each step finds what is left of it to do.
Next    ``deliver`` sends again; ``verify`` names what people must make good by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from twofold.database.connection import Book, BookName
from twofold.database.statement import SqlFile
from twofold.dualwrite.events import record_event
from twofold.dualwrite.proof.identity import Look, look_at
from twofold.dualwrite.proof.missing import SetName, lost, undelivered
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Direction:
    """What the two books disagree about, from one to the other."""

    source: BookName
    target: BookName
    send_again: tuple[SetName, ...]
    """Sets the target had applied and lost."""
    lost: tuple[SetName, ...]
    """Sets the target has applied and the source lost."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """What adopting the books would do, or did."""

    moved: tuple[BookName, ...]
    """Books that are not where their record says."""
    directions: tuple[Direction, ...]


@dataclass(frozen=True, slots=True)
class _HighWater:
    set_id: int
    key_last: int


@dataclass(frozen=True, slots=True)
class _StreamVersion:
    company: str
    stream: str
    version: int


@dataclass(frozen=True, slots=True)
class _Moved:
    moved: int


SQL: Final = SqlFile(__name__)
WITHDRAW: Final = SQL.command("withdraw")
ACCEPT_LOST: Final = SQL.command("accept_lost")
HIGH_WATER: Final = SQL.query("high_water", gives=_HighWater)
STREAM_VERSIONS: Final = SQL.query("stream_versions", gives=_StreamVersion)
MOVE_STREAMS: Final = SQL.command("move_streams")
MOVE_SEQUENCES: Final = SQL.query("move_sequences", gives=_Moved)
RECORD_PAIR: Final = SQL.command("record_pair")


def plan_adoption(operations: Book, finance: Book) -> Adoption:
    """Say what adopting would do; change nothing."""
    return Adoption(
        moved=tuple(book.name for book in (operations, finance) if _looked(book).moved),
        directions=tuple(
            Direction(
                source.name,
                target.name,
                tuple(undelivered(source, target)),
                tuple(lost(source, target)),
            )
            for source, target in ((operations, finance), (finance, operations))
        ),
    )


def adopt(
    operations: Book,
    finance: Book,
    *,
    environment: str,
    as_copy: bool,
    reason: str,
    actor: str,
) -> Adoption:
    """Make the two books a pair again, and give what was done about their sets.

    Before  ``operations`` and ``finance`` are the books as their owner, paired before.
    Raises  Refused (ERR-D35): only one of the two is a copy, the other is still where it was;
            or a book is the wrong one.
    """
    ours, theirs = _looked(operations), _looked(finance)
    _refuse_half_a_copy(ours, theirs, as_copy=as_copy)
    plan = plan_adoption(operations, finance)
    books: dict[BookName, Book] = {"operations": operations, "finance": finance}
    for one in plan.directions:
        source, target = books[one.source], books[one.target]
        _accept_lost(source, target, one.lost, reason, actor)
        _send_again(source, one.send_again, reason, actor)
    ids = _ids(ours, theirs, as_copy=as_copy)
    environments = _environments(ours, theirs, environment, as_copy=as_copy)
    told = "copies adopted as a pair" if as_copy else "pair adopted"
    for book, own, peer, own_id, peer_id, its in (
        (operations, ours, theirs, ids[0], ids[1], environments[0]),
        (finance, theirs, ours, ids[1], ids[0], environments[1]),
    ):
        with book.transaction() as transaction:
            transaction.run(
                RECORD_PAIR,
                book_id=own_id,
                environment=its,
                system=own.is_system,
                database=own.is_database,
                timeline=own.is_timeline,
                peer_id=peer_id,
                peer_system=peer.is_system,
                peer_database=peer.is_database,
                actor=actor,
            )
            record_event(transaction, event="adopted", detail=f"{told}: {reason}", actor=actor)
    return plan


def _looked(book: Book) -> Look:
    look = look_at(book)
    if look is None or look.book_id is None:
        text = "the book was never paired: `twofold up` pairs it"
        raise Refused(refuse("ERR-D35", book.name, reason=text))
    if look.book != book.name:
        raise Refused(refuse("ERR-D35", book.name, reason=f"this is the {look.book} book"))
    return look


def _refuse_half_a_copy(ours: Look, theirs: Look, *, as_copy: bool) -> None:
    """Keep a copy of one book from taking the other away from its pair."""
    were_a_pair = ours.peer_id == theirs.book_id and theirs.peer_id == ours.book_id
    if not were_a_pair:
        text = "the two books were never each other's peers"
        raise Refused(refuse("ERR-D35", "operations, finance", reason=text))
    if as_copy and ours.moved != theirs.moved:
        copied, still = ("operations", "finance") if ours.moved else ("finance", "operations")
        text = f"{copied} is a copy and {still} is not: copy both, or correct the URL of {still}"
        raise Refused(refuse("ERR-D35", still, reason=text))


def _ids(ours: Look, theirs: Look, *, as_copy: bool) -> tuple[str, str]:
    """Give copies names of their own; a book that moved or was restored stays who it is."""
    if as_copy:
        return ours.new_id, theirs.new_id
    return str(ours.book_id), str(theirs.book_id)


def _environments(ours: Look, theirs: Look, environment: str, *, as_copy: bool) -> tuple[str, str]:
    """Give copies the environment they are adopted in; others keep theirs."""
    if as_copy:
        return environment, environment
    return str(ours.environment), str(theirs.environment)


def _send_again(source: Book, sets: Sequence[SetName], reason: str, actor: str) -> None:
    with source.transaction() as transaction:
        for company, set_ids in _by_company(sets):
            given = {"company": company, "set_ids": set_ids, "reason": reason, "actor": actor}
            transaction.run(WITHDRAW, **given)


def _accept_lost(
    source: Book, target: Book, sets: Sequence[SetName], reason: str, actor: str
) -> None:
    """Move the source's numbers past what the target has seen, then record what was lost."""
    if not sets:
        return
    with target.reader() as reader:
        high = reader.one(HIGH_WATER, source=source.name)
        streams = reader.all(
            STREAM_VERSIONS,
            source=source.name,
            companies=[one.company for one in sets],
            set_ids=[one.set_id for one in sets],
        )
    with source.transaction() as transaction:
        transaction.run(
            MOVE_STREAMS,
            companies=[one.company for one in streams],
            streams=[one.stream for one in streams],
            versions=[one.version for one in streams],
        )
        transaction.one(MOVE_SEQUENCES, set_id=high.set_id, key_last=high.key_last)
        detail = f"numbers go on after set {high.set_id} and key {high.key_last}; {reason}"
        record_event(transaction, event="numbers_moved", detail=detail, actor=actor)
    with target.transaction() as transaction:
        for company, set_ids in _by_company(sets):
            transaction.run(
                ACCEPT_LOST,
                company=company,
                source=source.name,
                set_ids=set_ids,
                reason=reason,
                actor=actor,
            )


def _by_company(sets: Sequence[SetName]) -> Iterator[tuple[str, list[int]]]:
    for company, group in groupby(sets, key=lambda one: one.company):
        yield company, [one.set_id for one in group]
