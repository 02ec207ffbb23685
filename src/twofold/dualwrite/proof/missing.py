"""What one book knows and the other lacks: the sets a book lost when it went back in time.

Two high-water checks, cheap enough for every start: the last link each company's
acknowledgements name must stand in the receiver's chain, and what the receiver applied last
must stand in the source's outbox. ``undelivered`` and ``lost`` look back from there and name
every set.

Before  nothing: books that never exchanged a set lack nothing.
After   nothing has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.connection import Book
from twofold.database.statement import SqlFile


@dataclass(frozen=True, slots=True)
class SetName:
    """A set of one company."""

    company: str
    set_id: int

    def __str__(self) -> str:
        """Give both, as people write them."""
        return f"{self.company} {self.set_id}"


@dataclass(frozen=True, slots=True)
class AcknowledgedLink:
    """What the source was told of a set that was applied."""

    company: str
    set_id: int
    chain_number: int
    chain_hash: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """An applied set, as far as its source must know it."""

    company: str
    set_id: int
    stream: str
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _ArrivedLink(Arrived):
    chain_number: int


@dataclass(frozen=True, slots=True)
class _Company:
    company: str


SQL: Final = SqlFile(__name__)
LAST_ACKNOWLEDGED: Final = SQL.query("last_acknowledged", gives=AcknowledgedLink)
ACKNOWLEDGED_BEFORE: Final = SQL.query("acknowledged_before", gives=AcknowledgedLink)
NOT_LINKED: Final = SQL.query("not_linked", gives=SetName)
LATELY_APPLIED: Final = SQL.query("lately_applied", gives=Arrived)
APPLIED_BEFORE: Final = SQL.query("applied_before", gives=_ArrivedLink)
NOT_SENT: Final = SQL.query("not_sent", gives=SetName)
COMPANIES_OF_CHAIN: Final = SQL.query("companies_of_chain", gives=_Company)


def recently_undelivered(source: Book, target: Book) -> list[SetName]:
    """Give the last set of each company that the source was told of and the target lacks."""
    # What the source was told is read first: the target can only have more by then.
    with source.reader() as reader:
        told = reader.all(LAST_ACKNOWLEDGED)
    return _not_linked(target, source.name, told)


def recently_lost(source: Book, target: Book) -> list[SetName]:
    """Give those of the sets the target applied last that their source does not have."""
    with target.reader() as reader:
        applied = reader.all(LATELY_APPLIED, source=source.name)
    return _not_sent(source, applied)


def undelivered(source: Book, target: Book) -> list[SetName]:
    """Give every set the source was told is applied and the target's chain does not hold."""
    with source.reader() as reader:
        last = reader.all(LAST_ACKNOWLEDGED)
    found: list[SetName] = []
    for one in last:
        found += _undelivered_of(one, source, target)
    return sorted(found, key=lambda one: (one.company, one.set_id))


def lost(source: Book, target: Book) -> list[SetName]:
    """Give every set the target applied and its source does not have, or has as another set."""
    with target.reader() as reader:
        companies = reader.all(COMPANIES_OF_CHAIN, source=source.name)
    found: list[SetName] = []
    for one in companies:
        found += _lost_of(one.company, source, target)
    return sorted(found, key=lambda one: (one.company, one.set_id))


def _undelivered_of(last: AcknowledgedLink, source: Book, target: Book) -> list[SetName]:
    """Look back from the last link until the chain holds what the source was told."""
    found: list[SetName] = []
    before = last.chain_number + 1
    while True:
        with source.reader() as reader:
            page = reader.all(ACKNOWLEDGED_BEFORE, company=last.company, before=before)
        lacking = _not_linked(target, source.name, page)
        found += lacking
        if len(lacking) < len(page) or not page:
            return found
        before = page[-1].chain_number


def _lost_of(company: str, source: Book, target: Book) -> list[SetName]:
    """Look back until a whole page of applied sets is known to the source."""
    found: list[SetName] = []
    before = 2**62
    while True:
        with target.reader() as reader:
            page = reader.all(APPLIED_BEFORE, company=company, source=source.name, before=before)
        lacking = _not_sent(source, page)
        found += lacking
        if not page or not lacking:
            return found
        before = page[-1].chain_number


def _not_linked(target: Book, source: str, links: Sequence[AcknowledgedLink]) -> list[SetName]:
    if not links:
        return []
    with target.reader() as reader:
        return reader.all(
            NOT_LINKED,
            source=source,
            companies=[one.company for one in links],
            set_ids=[one.set_id for one in links],
            numbers=[one.chain_number for one in links],
            link_hashes=[one.chain_hash for one in links],
        )


def _not_sent(source: Book, applied: Sequence[Arrived]) -> list[SetName]:
    if not applied:
        return []
    with source.reader() as reader:
        return reader.all(
            NOT_SENT,
            companies=[one.company for one in applied],
            set_ids=[one.set_id for one in applied],
            streams=[one.stream for one in applied],
            versions=[one.version for one in applied],
            created=[one.created_at for one in applied],
        )
