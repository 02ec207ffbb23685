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

from twofold.cli.clock import now
from twofold.cli.parameters import Misused, actor_name
from twofold.cli.printing import working
from twofold.database.connection import BookName
from twofold.database.embedded import EmbeddedServer
from twofold.database.migrate import OWNER, migrate
from twofold.dualwrite.table_maps.activate import read_maps
from twofold.journey.system import Dsn, System, activate_shipped_maps, open_system
from twofold.settings import Settings, from_environment


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
    if (given.operations_url is None) != (given.finance_url is None):
        here, missing = ("TWOFOLD_OPERATIONS_URL", "TWOFOLD_FINANCE_URL")
        if given.operations_url is None:
            here, missing = missing, here
        raise Misused(f"{here} is set and {missing} is not: set both, or neither")
    return given.operations_url is None


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
    urls = {"operations": given.operations_url or "", "finance": given.finance_url or ""}

    def dsn(book: BookName, role: str) -> str:
        # One login for all roles: the connection changes to the role after logging in.
        del role
        return urls[book]

    return dsn


@contextmanager
def opened() -> Generator[System]:
    """Open both books, prepared; close them when the command is done."""
    given = settings()
    if is_embedded(given):
        with working("Starting PostgreSQL"):
            embedded_server(given).ensure()
    dsn = dsn_of(given)
    migrations = migrate_books(dsn)
    system = None if migrations else _opened_with_shipped_maps(dsn)
    if system is None:
        activate_maps(dsn)
        system = open_system(dsn, now=now)
    try:
        yield system
    finally:
        system.close()


def prepare(dsn: Dsn) -> Prepared:
    """Bring both books up to date and check every map against them, needed or not."""
    return Prepared(migrate_books(dsn), activate_maps(dsn))


def migrate_books(dsn: Dsn) -> tuple[str, ...]:
    """Apply the migrations that are due and name them."""
    with working("Preparing the books"):
        return (
            *(f"operations: {one}" for one in migrate("operations", dsn("operations", OWNER))),
            *(f"finance: {one}" for one in migrate("finance", dsn("finance", OWNER))),
        )


def activate_maps(dsn: Dsn) -> tuple[str, ...]:
    """Activate the shipped maps and name those that were not active."""
    with working("Activating the maps"):
        return activate_shipped_maps(dsn, actor=actor_name(None), at=now())


def _opened_with_shipped_maps(dsn: Dsn) -> System | None:
    """Open the books if the maps recorded in them are the shipped ones, else nothing."""
    system = open_system(dsn, now=now)
    shipped = [one.map for one in read_maps("twofold.maps")]
    if [one.compiled.map for one in system.maps] == shipped:
        return system
    system.close()
    return None
