"""One embedded server for a whole test run, and fresh books copied from migrated templates."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from tests.support.cleaning import Pristine, clean, look, tidy
from tests.support.clock import NOW
from twofold.database import cluster
from twofold.database.connection import Book, BookName
from twofold.database.embedded import ADMIN, EmbeddedServer
from twofold.database.migrate import migrate
from twofold.dualwrite.table_maps.activate import ActiveMap, activate_maps, active_maps, read_maps

# Tests ask for speed, not for durability; the tests of the server itself use real settings.
_FAST: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "max_connections": "400",
    "autovacuum": "off",
}


# After how many tests the catalogues are tidied up.
_TESTS_PER_TIDYING: Final = 20

# Setups that one process remembers; most tests share a few.


def postgres_bin() -> Path | None:
    """Which server programs the tests run on: the wheel's, unless the environment names others."""
    given = os.environ.get("TWOFOLD_POSTGRES_BIN")
    return Path(given) if given else None


@dataclass(frozen=True, slots=True)
class BookPair:
    """The names of the two databases of one test."""

    operations: str
    finance: str


class TestServer:
    """The server that all workers of a run share."""

    __test__ = False

    def __init__(self, home: Path, *, settings: Mapping[str, str] = _FAST) -> None:
        self.embedded: Final = EmbeddedServer(home, postgres_bin(), settings=settings)
        self.template: Final = BookPair("template_operations", "template_finance")
        self._maps: tuple[ActiveMap, ...] | None = None
        self._idle: BookPair | None = None
        self._pristine: dict[BookName, Pristine] = {}
        # An administrator's sessions in the pair that is used again: a new session would have to
        # learn the whole schema to empty it.
        self._cleaned = 0
        self._cleaning: dict[str, psycopg.Connection[Any]] = {}

    def start(self) -> None:
        """Start the server and migrate the templates, once for all workers."""
        self.embedded.home.mkdir(mode=0o711, exist_ok=True)
        with (self.embedded.home / "tests.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.embedded.ensure()
            with self.embedded.admin() as connection:
                if cluster.has_database(connection, self.template.finance):
                    return
                cluster.create_database(connection, self.template.operations, "operations")
                cluster.create_database(connection, self.template.finance, "finance")
            migrate("operations", self._owner_dsn(self.template.operations))
            migrate("finance", self._owner_dsn(self.template.finance))
            self._activate()

    def active_maps(self) -> tuple[ActiveMap, ...]:
        """Give the maps the templates, and so all their copies, were activated with."""
        if self._maps is None:
            book = self._template("operations")
            with book.reader() as reader:
                self._maps = active_maps(reader)
            book.close()
        return self._maps

    def close(self) -> None:
        """End the sessions of this process."""
        self._forget_sessions()

    def erase(self) -> None:
        """Stop the server and delete everything."""
        self.embedded.erase()
        shutil.rmtree(self.embedded.home, ignore_errors=True)

    @contextmanager
    def clean_pair(self) -> Generator[BookPair]:
        """Give two databases as the templates are; this process uses them again, cleaned.

        No session may be in a transaction when the block ends; idle ones may stay.
        """
        pair = self._idle or self._copy_templates()
        self._idle = None
        yield pair
        if self._clean(pair):
            self._idle = pair
        else:
            self._forget_sessions()
            self._drop(pair)

    @contextmanager
    def fresh_pair(self) -> Generator[BookPair]:
        """Give two databases of one's own, copied from the templates, dropped afterwards."""
        pair = self._copy_templates()
        try:
            yield pair
        finally:
            self._drop(pair)

    def _copy_templates(self) -> BookPair:
        mark = secrets.token_hex(6)
        pair = BookPair(f"test_{mark}_operations", f"test_{mark}_finance")
        with self.embedded.admin() as connection:
            for book, name, template in _both(pair, self.template):
                cluster.create_database(connection, name, book, template=template)
        return pair

    def _drop(self, pair: BookPair) -> None:
        with self.embedded.admin() as connection:
            for name in (pair.operations, pair.finance):
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(name)))

    def _clean(self, pair: BookPair) -> bool:
        self._cleaned += 1
        try:
            sessions = self._sessions_in(pair)
        except psycopg.OperationalError:
            # A test shut a database and left it so.
            return False
        for book, session in sessions.items():
            if not clean(session, self._begun()[book]):
                return False
            if self._cleaned % _TESTS_PER_TIDYING == 0:
                tidy(session)
        return True

    def _begun(self) -> Mapping[BookName, Pristine]:
        if not self._pristine:
            for book, template, _ in _both(self.template, self.template):
                with self._admin_of(template) as connection:
                    self._pristine[book] = look(connection)
        return self._pristine

    def _sessions_in(self, pair: BookPair) -> Mapping[BookName, psycopg.Connection[Any]]:
        return {book: self._session_in(name) for book, name, _ in _both(pair, self.template)}

    def _session_in(self, database: str) -> psycopg.Connection[Any]:
        if database not in self._cleaning or self._cleaning[database].closed:
            self._cleaning[database] = self._admin_of(database)
        return self._cleaning[database]

    def _forget_sessions(self) -> None:
        for connection in self._cleaning.values():
            connection.close()
        self._cleaning.clear()

    def _admin_of(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.embedded.dsn_to(database, ADMIN), autocommit=True)

    def _owner_dsn(self, database: str) -> str:
        return self.embedded.dsn_to(database, cluster.OWNER)

    def _template(self, name: BookName) -> Book:
        database = self.template.operations if name == "operations" else self.template.finance
        return Book(name, self.embedded.dsn_to(database, "twofold_dualwrite"), "twofold_dualwrite")

    def _activate(self) -> None:
        operations, finance = self._template("operations"), self._template("finance")
        activate_maps(
            read_maps("twofold.maps"), operations=operations, finance=finance, actor="test", at=NOW
        )
        operations.close()
        finance.close()


def _both(pair: BookPair, template: BookPair) -> tuple[tuple[BookName, str, str], ...]:
    return (
        ("operations", pair.operations, template.operations),
        ("finance", pair.finance, template.finance),
    )
