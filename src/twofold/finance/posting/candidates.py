"""Which proposals a batch would post, found when it runs: ready, and approved where that is needed.

A header without lines is never among them, nor one that waits for approval: a batch passes them by.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a batch is to post: all that is ready, or less. ``up_to`` is the last invoice date."""

    customer_account: str | None = None
    contract_number: str | None = None
    up_to: date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal that a batch would post."""

    proposal_id: int
    number: str
    line_count: int


@dataclass(frozen=True, slots=True)
class _Workers:
    posting_workers: int


SQL: Final = SqlFile(__name__)
FIND_CANDIDATES: Final = SQL.query("find_candidates", gives=Candidate)
READ_WORKERS: Final = SQL.query("read_workers", gives=_Workers)

EVERYTHING: Final = Wanted()


def find_candidates(
    reader: Reader, *, company: str, wanted: Wanted = EVERYTHING
) -> tuple[Candidate, ...]:
    """Give the proposals that are to be posted now, oldest first."""
    return tuple(
        reader.all(
            FIND_CANDIDATES,
            company=company,
            customer_account=wanted.customer_account,
            contract_number=wanted.contract_number,
            up_to=wanted.up_to,
        )
    )


def posting_workers(reader: Reader, *, company: str) -> int:
    """Give how many batches the company has posted side by side."""
    found = reader.first(READ_WORKERS, company=company)
    return found.posting_workers if found else 1
