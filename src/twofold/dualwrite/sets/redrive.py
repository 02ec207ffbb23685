"""Try sets again that stopped, are parked or pause before their next attempt: any number of them.

Before  someone has repaired what held the sets, and names them by a query.
After   the sets are due, with an event each that names who asked; an interrupted run has done the
        first of them and leaves the others as they were, and the same query goes on from there.
Next    ``deliver`` decides anew what becomes of each. A set that has healed is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.sets.choice import Choice

BATCH_SETS_MAX: Final = 2000


@dataclass(frozen=True, slots=True)
class Found:
    """How many sets a query would try again, by company, state and code."""

    company: str
    state: str
    code: str | None
    set_count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Healed:
    """Of the sets named by their ids: how many are applied, and how many were given up."""

    applied: int
    dismissed: int


@dataclass(frozen=True, slots=True)
class _Due:
    company: str
    set_id: int
    is_made_due: bool


SQL: Final = SqlFile(__name__)
FIND: Final = SQL.query("find", gives=Found)
REDRIVE: Final = SQL.query("redrive", gives=_Due)
ANNOUNCE: Final = SQL.command("announce")
HEALED: Final = SQL.query("healed", gives=Healed)


def _no_failpoint(name: str) -> None:
    """Go on."""


def sets_to_redrive(reader: Reader, *, choice: Choice) -> list[Found]:
    """Tell what ``redrive_sets`` would try again: a dry run."""
    return reader.all(FIND, **choice.given())


def healed_sets(reader: Reader, *, choice: Choice) -> Healed:
    """Tell how many of the sets named by their ids need nothing any more."""
    return reader.one(HEALED, company=choice.company, set_ids=list(choice.set_ids or ()))


def redrive_sets(
    book: Book,
    *,
    choice: Choice,
    actor: str,
    failpoint: Callable[[str], None] = _no_failpoint,
) -> int:
    """Make the sets of a query due in the book that sent them, as dual-write; tell how many.

    Each batch is a transaction of its own, taken in the order of company and set: no set is looked
    at twice, even when an engine delivers meanwhile and stops some of them again.
    """
    after, done = ("", 0), 0
    while True:
        with book.transaction() as transaction:
            batch = transaction.all(
                REDRIVE,
                **choice.given(),
                after_company=after[0],
                after_set_id=after[1],
                batch_max=BATCH_SETS_MAX,
                actor=actor,
            )
            made_due = sum(one.is_made_due for one in batch)
            if made_due:
                transaction.run(ANNOUNCE, company=choice.company)
        done += made_due
        failpoint("CP25")
        if len(batch) < BATCH_SETS_MAX:
            return done
        after = (batch[-1].company, batch[-1].set_id)
