"""The two books as a pair: recorded at the first start, proved at every other.

The rules are dual-write's (``dualwrite/proof``); here the books are opened for them.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from twofold.database.connection import Book, BookName
from twofold.database.migrate import OWNER
from twofold.dualwrite.proof.adopt import Adoption, adopt, plan_adoption
from twofold.dualwrite.proof.identity import check_pair, check_place, check_places, pair_books
from twofold.journey.system import Dsn
from twofold.kernel.errors import Fault

DUALWRITE = "twofold_dualwrite"


def refuse_strangers(dsn: Dsn, *, environment: str) -> None:
    """Refuse books that are copies or of another environment, before anything is written.

    Raises  Refused as ``check_places`` does.
    """
    # As owner: the other roles may not exist before the first migration.
    with _both(dsn, OWNER) as (operations, finance):
        check_places(operations, finance, environment=environment)


def refuse_stranger(dsn: Dsn, name: BookName, *, environment: str) -> None:
    """Refuse one book as ``refuse_strangers`` does both, while the other one does not answer."""
    book = Book(name, lambda: dsn(name, OWNER), OWNER)
    try:
        check_place(book, environment=environment)
    finally:
        book.close()


def pair_or_check(dsn: Dsn, *, environment: str, actor: str) -> None:
    """Pair the books when they are new, and check that they are the pair they were.

    Before  both are migrated and their maps active.
    Raises  Refused as ``check_pair`` does.
    """
    with _both(dsn, DUALWRITE) as (operations, finance):
        pair_books(operations, finance, environment=environment, actor=actor)
        check_pair(operations, finance, environment=environment, actor=actor)


class PairProof:
    """Proves the pair again whenever a standing process opens a session. Safe in threads."""

    def __init__(self, dsn: Dsn, *, environment: str, actor: str) -> None:
        self._operations = Book("operations", lambda: dsn("operations", DUALWRITE), DUALWRITE)
        self._finance = Book("finance", lambda: dsn("finance", DUALWRITE), DUALWRITE)
        self._environment = environment
        self._actor = actor

    def __call__(self) -> None:
        """Check the pair; without an answer from one book there is nothing to prove yet.

        Raises  Refused as ``check_pair`` does.
        """
        try:
            check_pair(
                self._operations, self._finance, environment=self._environment, actor=self._actor
            )
        except Fault as fault:
            # Nothing is delivered to or from a book that is away, and the session that is
            # opened when it is back is proved again.
            if not fault.transient:
                raise

    def close(self) -> None:
        """Close its own sessions."""
        self._operations.close()
        self._finance.close()


def look_at_adoption(dsn: Dsn) -> Adoption:
    """Say what adopting the books would do."""
    with _both(dsn, OWNER) as (operations, finance):
        return plan_adoption(operations, finance)


def adopt_books(dsn: Dsn, *, environment: str, as_copy: bool, reason: str, actor: str) -> Adoption:
    """Make the books a pair again, as their owner; give what was done.

    Raises  Refused as ``adopt`` does.
    """
    with _both(dsn, OWNER) as (operations, finance):
        return adopt(
            operations,
            finance,
            environment=environment,
            as_copy=as_copy,
            reason=reason,
            actor=actor,
        )


@contextmanager
def _both(dsn: Dsn, role: str) -> Generator[tuple[Book, Book]]:
    operations = Book("operations", lambda: dsn("operations", role), role)
    finance = Book("finance", lambda: dsn("finance", role), role)
    try:
        yield operations, finance
    finally:
        operations.close()
        finance.close()
