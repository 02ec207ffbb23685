"""Prove that what was applied is still what was applied: recompute every link.

A link must be hashed over its applied set and the link before; numbers have no gap; the head
is the last link; no applied set is without a link; and the links that the source was told of
when its sets were acknowledged are those that stand there, so that a chain rebuilt from a
forged row onwards is found as well.

Before  nothing. Memory stays flat, however long the chains are.
After   nothing has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.database.streaming import streamed
from twofold.dualwrite.proof.chain import GENESIS, AppliedSet, canonical_text, link_hash
from twofold.dualwrite.proof.missing import AcknowledgedLink, SetName


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link and the applied set it is hashed over; a set that is gone has no ``kind``."""

    company: str
    source: str
    chain_number: int
    set_id: int
    previous_hash: str
    hash: str
    kind: str | None
    stream: str | None
    version: int | None
    key_first: int | None
    key_last: int | None
    content_hash: str | None
    row_count: int | None
    actor: str | None
    created_at: datetime | None
    applied_at: datetime | None


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """Where a chain does not hold, and how."""

    company: str
    source: str
    chain_number: int
    set_id: int
    problem: str

    def __str__(self) -> str:
        """Give one line that names company, source, number and set."""
        where = f"{self.company} from {self.source}, link {self.chain_number}, set {self.set_id}"
        return f"{where}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a company's chain, as the book records it."""

    company: str
    chain_number: int
    hash: str


SQL: Final = SqlFile(__name__)
LINKS: Final = SQL.query("links", gives=LinkRow)
HEADS: Final = SQL.query("heads", gives=Head)
UNLINKED: Final = SQL.query("unlinked", gives=SetName)
TOLD: Final = SQL.query("told", gives=AcknowledgedLink)

_APPLIED: Final = tuple(field.name for field in fields(AppliedSet))


class ChainCheck:
    """Walks the links of one source in the order of company and number, and says what is wrong."""

    def __init__(self, source: str) -> None:
        self.source: Final = source
        self.last: dict[str, tuple[int, str]] = {}

    def look(self, link: LinkRow) -> BrokenLink | None:
        """Check one link against the one before it and against its applied set."""
        number, before = self.last.get(link.company, (0, GENESIS))
        self.last[link.company] = (link.chain_number, link.hash)
        problem = None
        if link.chain_number != number + 1:
            problem = f"the link before it is {number}"
        elif link.previous_hash != before:
            problem = "it does not continue the link before it"
        elif link.kind is None:
            problem = "its applied set is gone"
        elif link_hash(before, canonical_text(applied_set(link))) != link.hash:
            problem = "its applied set is not the one it was hashed over"
        return None if problem is None else _broken(link, problem)

    def compare_heads(self, heads: list[Head]) -> Iterator[BrokenLink]:
        """Check that each head is the last link seen."""
        for head in heads:
            number, last = self.last.get(head.company, (0, GENESIS))
            if (head.chain_number, head.hash) != (number, last):
                problem = f"the chain ends with link {number}, its head is {head.chain_number}"
                yield BrokenLink(head.company, self.source, head.chain_number, 0, problem)


def applied_set(link: LinkRow) -> AppliedSet:
    """Give the applied set of a link whose set is still there."""
    return AppliedSet(**{name: getattr(link, name) for name in _APPLIED})


def broken_links(source: Book, target: Book) -> Iterator[BrokenLink]:
    """Recompute the chains that ``target`` keeps of ``source``; give every break.

    Before  both are opened as a role that reads, such as the auditor.
    """
    # The source is read as of a moment before the target: a link it was told of is there.
    with (
        source.reader() as told_by,
        streamed(told_by, TOLD) as told,
        target.reader() as reader,
        streamed(reader, LINKS, source=source.name) as links,
    ):
        yield from _walk(source.name, links, told, check := ChainCheck(source.name))
        yield from check.compare_heads(reader.all(HEADS, source=source.name))
        for name in reader.all(UNLINKED, source=source.name):
            problem = "no link holds this applied set"
            yield BrokenLink(name.company, source.name, 0, name.set_id, problem)


def _walk(
    source: str, links: Iterator[LinkRow], told: Iterator[AcknowledgedLink], check: ChainCheck
) -> Iterator[BrokenLink]:
    """Walk both in their order, side by side: each link, and what the source was told of it."""
    waiting = next(told, None)
    for link in links:
        problem = check.look(link)
        if problem is not None:
            yield problem
        here = (link.company, link.chain_number)
        while waiting is not None and _place(waiting) < here:
            yield _absent(source, waiting)
            waiting = next(told, None)
        if waiting is not None and _place(waiting) == here:
            if (waiting.set_id, waiting.chain_hash) != (link.set_id, link.hash):
                yield _broken(link, f"{source} was told of another: set {waiting.set_id}")
            waiting = next(told, None)
    while waiting is not None:
        yield _absent(source, waiting)
        waiting = next(told, None)


def _place(told: AcknowledgedLink) -> tuple[str, int]:
    return told.company, told.chain_number


def _absent(source: str, told: AcknowledgedLink) -> BrokenLink:
    problem = f"{source} was told of this link, and it is not there"
    return BrokenLink(told.company, source, told.chain_number, told.set_id, problem)


def _broken(link: LinkRow, problem: str) -> BrokenLink:
    return BrokenLink(link.company, link.source, link.chain_number, link.set_id, problem)
