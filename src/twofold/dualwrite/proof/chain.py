"""The chain of applied sets: each link hashed over its inbox row and the link before.

The book that applies sets keeps one chain per company and source. Whoever changes, adds or
removes an applied set afterwards breaks it, and whoever rebuilds it from there on contradicts
the acknowledgements of the other book, which hold numbers and hashes of links.

This module is the only place that says how a link is hashed: the engine links by it, ``verify``
and ``chain export`` read by it, and ``chain check`` needs nothing else to check a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

# What stands before the first link.
GENESIS: Final = ""


@dataclass(frozen=True, slots=True)
class AppliedSet:
    """A row of the inbox, whole: what a link is hashed over."""

    company: str
    source: str
    set_id: int
    kind: str
    stream: str
    version: int
    key_first: int | None
    key_last: int | None
    content_hash: str
    row_count: int
    actor: str
    created_at: datetime
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """Where a set stands in the chain of its company and source."""

    set_id: int
    chain_number: int
    hash: str


@dataclass(frozen=True, slots=True)
class _Head:
    chain_number: int
    hash: str


SQL: Final = SqlFile(__name__)
LOCK_HEAD: Final = SQL.query("lock_head", gives=_Head)
APPLIED_SETS: Final = SQL.query("applied_sets", gives=AppliedSet)
ADD_LINKS: Final = SQL.command("add_links")


def canonical_text(applied: AppliedSet) -> str:
    """Write an inbox row so that two rows have the same text only when they are equal.

    Each value is preceded by its length, null is ``-``; moments are microseconds UTC.
    """
    values = (
        applied.company,
        applied.source,
        applied.set_id,
        applied.kind,
        applied.stream,
        applied.version,
        applied.key_first,
        applied.key_last,
        applied.content_hash,
        applied.row_count,
        applied.actor,
        _moment(applied.created_at),
        _moment(applied.applied_at),
    )
    return "".join("-;" if one is None else f"{len(str(one))}:{one};" for one in values)


def link_hash(previous_hash: str, canonical: str) -> str:
    """Hash a link: SHA-256 over the hash of the link before and the text of the inbox row."""
    return hashlib.sha256(f"{previous_hash}\n{canonical}".encode()).hexdigest()


def link_sets(
    target: Transaction, *, company: str, source: str, set_ids: Sequence[int]
) -> list[Link]:
    """Add the sets this transaction applied to the chain, in the order of their ids.

    Before  their inbox rows are written, by this transaction, and none has a link.
    After   whoever applies sets of this company and source next waits for this commit: call it
            as the last statement before it.
    """
    given = {"company": company, "source": source}
    head = target.one(LOCK_HEAD, **given)
    number, last = head.chain_number, head.hash
    links: list[Link] = []
    previous: list[str] = []
    for applied in target.all(APPLIED_SETS, **given, set_ids=list(set_ids)):
        previous.append(last)
        number, last = number + 1, link_hash(last, canonical_text(applied))
        links.append(Link(applied.set_id, number, last))
    assert len(links) == len(set_ids), f"{company}: {len(set_ids)} sets, {len(links)} inbox rows"
    target.run(
        ADD_LINKS,
        **given,
        chain_numbers=[one.chain_number for one in links],
        set_ids=[one.set_id for one in links],
        previous_hashes=previous,
        link_hashes=[one.hash for one in links],
        last_number=number,
        last_hash=last,
    )
    return links


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
