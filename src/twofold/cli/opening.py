"""Open the books for one command: have a server, an up-to-date schema and active maps.

With nothing configured the embedded server is started, and left running for the next command.
TWOFOLD_OPERATIONS_URL and TWOFOLD_FINANCE_URL, both or neither, name servers of one's own; their
login must be a member of Twofold's roles.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from twofold.cli.clock import now
from twofold.cli.parameters import Misused, actor_name
from twofold.cli.printing import say, working
from twofold.database.connection import Book, BookName
from twofold.database.embedded import EmbeddedServer
from twofold.database.endpoint import Endpoint
from twofold.database.migrate import OWNER, migrate
from twofold.database.transaction import Reader
from twofold.dualwrite.table_maps.activate import stands
from twofold.journey.pairing import pair_or_check, refuse_stranger, refuse_strangers
from twofold.journey.system import Dsn, System, activate_shipped_maps, declared_maps, open_system
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refused
from twofold.settings import Settings, from_environment

OTHER_MAPS: Final = "ERR-D88"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What had to be done before the books could be opened; nothing, most of the time."""

    migrations: tuple[str, ...]
    maps: tuple[str, ...]


def settings() -> Settings:
    """Read the environment."""
    return from_environment(os.environ)


def is_embedded(given: Settings) -> bool:
    """Tell whether the books live in the embedded server; half a configuration is a mistake."""
    has_operations = bool(given.operations_url or given.operations_url_file)
    has_finance = bool(given.finance_url or given.finance_url_file)
    if has_operations != has_finance:
        here, missing = ("TWOFOLD_OPERATIONS_URL", "TWOFOLD_FINANCE_URL")
        if has_finance:
            here, missing = missing, here
        raise Misused(f"{here} is set and {missing} is not: set both, or neither")
    return not has_operations


def embedded_server(given: Settings) -> EmbeddedServer:
    """Name the embedded server of this home, running or not.

    After   libpq's own variables are dropped: PGPASSWORD and kin are meant for another server,
            and would win over the secrets of this one.
    """
    for name in [one for one in os.environ if one.startswith("PG")]:
        del os.environ[name]
    return EmbeddedServer(given.home, given.postgres_bin)


def dsn_of(given: Settings) -> Dsn:
    """Give how to reach each book as each role; nothing is started."""
    if is_embedded(given):
        return embedded_server(given).dsn
    endpoints = endpoints_of(given)

    def dsn(book: BookName, role: str) -> str:
        # One login for all roles: the connection changes to the role after logging in.
        del role
        return endpoints[book].conninfo()

    return dsn


def endpoints_of(given: Settings) -> dict[BookName, Endpoint]:
    """Name both databases as the settings do."""
    return {
        "operations": Endpoint(
            "TWOFOLD_OPERATIONS_URL",
            given.operations_url,
            given.operations_url_file,
            given.operations_password,
            given.operations_password_file,
            given.tls_root,
            given.is_plaintext_allowed,
        ),
        "finance": Endpoint(
            "TWOFOLD_FINANCE_URL",
            given.finance_url,
            given.finance_url_file,
            given.finance_password,
            given.finance_password_file,
            given.tls_root,
            given.is_plaintext_allowed,
        ),
    }


@contextmanager
def opened(
    *,
    pair: Literal["checked", "as it is"] = "checked",
    maps: Literal["declared", "looked at", "as they are"] = "declared",
    alone: BookName | None = None,
) -> Generator[System]:
    """Open both books, prepared; close them when the command is done.

    ``as it is``: also when a book went back in time, for commands that only look. ``declared``: the
    active maps must be those this program declares, or two programs would work with different
    ones. ``as they are``: whatever is active, for commands that are about the maps themselves.
    ``looked at``: likewise, because who only looks changes nothing. Where no map is active yet,
    the declared ones are activated. ``alone``: this book is enough; while the other one does not
    answer, the command goes on without it.

    Raises  Refused: the books are not the pair they were (ERR-D35 to ERR-D39); ERR-D88 other
            maps are active than this program declares.
    """
    given = settings()
    if is_embedded(given):
        with working("Starting PostgreSQL"):
            embedded_server(given).ensure()
    try:
        system = _opened(given, pair=pair, maps=maps)
    except Fault as fault:
        if alone is None or not fault.transient:
            raise
        system = _opened_alone(given, alone)
        other = "finance" if alone == "operations" else "operations"
        say(f"The {other} book does not answer; the {alone} book goes on without it.")
    try:
        yield system
    finally:
        system.close()


def those_that_answer(*books: Book) -> Generator[tuple[Book, Reader]]:
    """Open the books for reading, one after the other; say which one does not answer."""
    for book in books:
        try:
            with book.reader() as reader:
                yield book, reader
        except Fault as fault:
            if not fault.transient:
                raise
            say(f"The {book.name} book does not answer: what it would tell is not shown.")


def _opened(given: Settings, *, pair: str, maps: str) -> System:
    dsn = dsn_of(given)
    # Before anything is written: a book that is not ours is neither migrated nor given maps.
    refuse_strangers(dsn, environment=given.environment)
    migrations = migrate_books(dsn)
    system = None if migrations else _opened_with_maps(dsn, maps)
    if system is None:
        activate_maps(dsn)
        system = open_system(dsn, now=now)
    try:
        if pair == "checked":
            pair_or_check(dsn, environment=given.environment, actor=actor_name(None))
    except BaseException:
        system.close()
        raise
    return system


def _opened_alone(given: Settings, book: BookName) -> System:
    """Open one book with the maps it records; of the other nothing is known for now."""
    dsn = dsn_of(given)
    refuse_stranger(dsn, book, environment=given.environment)
    migrate(book, dsn(book, OWNER))
    return open_system(dsn, now=now, maps_of=book)


def prepare(given: Settings) -> Prepared:
    """Bring both books up to date, check every map against them, needed or not, and pair them.

    Raises  Refused: the books are not the pair they were (ERR-D35 to ERR-D39).
    """
    dsn = dsn_of(given)
    refuse_strangers(dsn, environment=given.environment)
    prepared = Prepared(migrate_books(dsn), activate_maps(dsn))
    pair_or_check(dsn, environment=given.environment, actor=actor_name(None))
    return prepared


def migrate_books(dsn: Dsn) -> tuple[str, ...]:
    """Apply the migrations that are due and name them."""
    with working("Preparing the books"):
        return (
            *(f"operations: {one}" for one in migrate("operations", dsn("operations", OWNER))),
            *(f"finance: {one}" for one in migrate("finance", dsn("finance", OWNER))),
        )


def activate_maps(dsn: Dsn) -> tuple[str, ...]:
    """Activate the declared maps and name those that were not active."""
    with working("Activating the maps"):
        return activate_shipped_maps(
            dsn, actor=actor_name(None), at=now(), overrides=settings().maps
        )


def _opened_with_maps(dsn: Dsn, maps: str) -> System | None:
    """Open the books with the maps they have; give nothing where none was ever activated."""
    system = open_system(dsn, now=now)
    if not system.maps:
        system.close()
        return None
    if maps == "declared" and not _has_declared_maps(system):
        system.close()
        raise Refused(refuse(OTHER_MAPS, "maps"))
    return system


def _has_declared_maps(system: System) -> bool:
    with system.dualwrite_operations.reader() as reader:
        return stands(reader, declared_maps(settings().maps))
