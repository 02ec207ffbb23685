"""The chain over the postings of a company, as an auditor reads it.

``broken_links`` computes everything again from the entries, by the statement that is also the
invariant ``posting_chain_holds``: nothing the database may have been told to say is trusted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.invariants import invariant_query
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last link of a company's chain, and how many entries all links hold."""

    company: str
    chain_number: int
    hash: str
    entry_count: int


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A posting that is not what it was; without a number where no link holds the entries."""

    company: str
    chain_number: int | None
    kind: str | None
    document: str | None
    first_voucher: str | None
    last_voucher: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class _Holds:
    is_there: bool


SQL: Final = SqlFile(__name__)
CHAIN_HEADS: Final = SQL.query("chain_heads", gives=ChainHead)
NOTED_LINK: Final = SQL.query("noted_link", gives=_Holds)
BROKEN_LINKS: Final = invariant_query("finance", "posting_chain_holds", gives=BrokenLink)


def chain_heads(reader: Reader) -> list[ChainHead]:
    """Give the last link of every company that posted."""
    return reader.all(CHAIN_HEADS)


def noted_link_holds(reader: Reader, *, company: str, number: int, digest: str) -> bool:
    """Tell whether a link that somebody noted is still in the chain."""
    return reader.one(NOTED_LINK, company=company, chain_number=number, hash=digest).is_there


def broken_links(reader: Reader) -> list[BrokenLink]:
    """Give every posting whose link or entries are not what they were."""
    return reader.all(BROKEN_LINKS)
