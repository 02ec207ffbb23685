"""Number sequences as they stand: what is left of each, and every number that no document carries.

A number is given in the transaction that writes its document, so that one which is rolled back is
given again: a sequence has a gap only where its next number was raised, or where documents were
deleted. A continuous one must have none. A series begins with its first number in the book;
numbers with an earlier prefix are a series of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence; ``left_count`` is NULL without a highest number."""

    reference: str
    prefix: str
    next_number: str
    highest_number: int | None
    left_count: int | None
    is_continuous: bool
    is_blocked: bool
    given_count: int
    missing_count: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers one after the other that no document carries, and why."""

    reference: str
    is_continuous: bool
    first_number: str
    last_number: str
    missing_count: int
    reason: str


SQL: Final = SqlFile(__name__)
LIST_SEQUENCES: Final = SQL.query("list_sequences", gives=Sequence)
LIST_GAPS: Final = SQL.query("list_gaps", gives=Gap)


def list_sequences(reader: Reader, *, company: str) -> list[Sequence]:
    """Give the sequences of a company, in the order of their references."""
    return reader.all(LIST_SEQUENCES, company=company)


def list_gaps(reader: Reader, *, company: str) -> list[Gap]:
    """Give every gap of a company's sequences, in the order of their numbers."""
    return reader.all(LIST_GAPS, company=company)
