"""Two small servers of one's own, one per book, to be killed, frozen and started again.

The server that all tests share stays out of it. A worker starts its two servers for the first
test that asks, and cleans the books between tests; each book also has a door: a TCP proxy that
a test can shut, slow down or make lose an answer.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from tests.concurrency.waiting import wait_until
from tests.faults.proxy import Door
from tests.support.books import Books
from tests.support.cleaning import Pristine, clean, look, shape_of
from tests.support.clock import NOW
from tests.support.server import BookPair, postgres_bin
from twofold.database import cluster
from twofold.database.connection import Book, BookName
from twofold.database.embedded import ADMIN, EmbeddedServer, database_name
from twofold.database.migrate import migrate
from twofold.dualwrite.table_maps.activate import ActiveMap, activate_maps, active_maps, read_maps

# A killed process loses nothing the operating system has: only a power cut needs fsync.
FAST: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
    "max_wal_size": "1GB",
    # A client that is gone without a word is found out, also behind a black hole.
    "client_connection_check_interval": "1s",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
}
BOOKS: Final[tuple[BookName, ...]] = ("operations", "finance")
DUALWRITE: Final = "twofold_dualwrite"


class Killable(EmbeddedServer):
    """An embedded server that can die, freeze and come back."""

    def processes(self) -> list[int]:
        """Name its processes, the first of them the postmaster."""
        # Its processes work in its data directory; a zombie works nowhere.
        found = [pid for pid in _all_processes() if _works_in(pid, self.data)]
        parents = {pid: _parent(pid) for pid in found}
        return sorted(found, key=lambda pid: parents[pid] in found)

    def kill(self) -> None:
        """End every process of it as power does; wait until they are gone."""
        for pid in self.processes():
            _signal(pid, signal.SIGKILL)
        wait_until(lambda: not self.processes())

    @staticmethod
    def signal_one(pid: int, number: signal.Signals) -> None:
        """Send a signal to one of its processes."""
        _signal(pid, number)

    def freeze(self) -> None:
        """Take the processor away from all its processes."""
        for pid in self.processes():
            _signal(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        for pid in self.processes():
            _signal(pid, signal.SIGCONT)

    def have(self) -> None:
        """Have it running; one that is on its way up by itself is waited for."""
        end = time.monotonic() + 10
        while not self.is_up():
            if not self.processes() or time.monotonic() > end:
                self.ensure()
            time.sleep(0.05)

    def is_up(self) -> bool:
        """Tell whether one can connect."""
        try:
            self.admin().close()
        except psycopg.OperationalError:
            return False
        return True


class TwoServers:
    """Both books, each on a server of its own, with the maps of the product active."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        home.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.home: Final = home
        wanted = {**FAST, **(settings or {})}
        self.of: Final[dict[str, Killable]] = {
            book: Killable(home / book[0], postgres_bin(), settings=wanted) for book in BOOKS
        }
        self.door: dict[str, Door] = {}
        # What ``Books`` asks its server for.
        self.embedded: Final = self
        self.pair: Final = BookPair(database_name("operations"), database_name("finance"))
        self._maps: tuple[ActiveMap, ...] | None = None
        self._pristine: dict[str, Pristine] = {}

    def start(self) -> None:
        """Start both servers, side by side, and prepare both books."""
        self.on_both(self._start)
        books = {name: self._book(name) for name in BOOKS}
        activate_maps(
            read_maps("twofold.maps"),
            operations=books["operations"],
            finance=books["finance"],
            actor="test",
            at=NOW,
        )
        with books["operations"].reader() as reader:
            self._maps = active_maps(reader)
        for book in books.values():
            book.close()
        for name in BOOKS:
            with self.admin_of(name) as connection:
                self._pristine[name] = look(connection)
            self.door[name] = Door(self.of[name].run / ".s.PGSQL.5432")

    def active_maps(self) -> tuple[ActiveMap, ...]:
        """Give the maps both books were prepared with."""
        assert self._maps is not None
        return self._maps

    def dsn_to(self, database: str, role: str) -> str:
        """Give the connection string of one of the two databases, past the doors."""
        return self.of[self._book_of(database)].dsn_to(database, role)

    def dsn_through_door(self, book: str, role: str = DUALWRITE) -> str:
        """Give the connection string of a book through its door."""
        dsn = self.of[book].dsn_to(database_name(named(book)), role)
        return make_conninfo(dsn, host="127.0.0.1", port=self.door[book].port)

    def admin_of(self, book: str) -> psycopg.Connection[Any]:
        """Connect to a book as its server's administrator, past the door, in autocommit."""
        dsn = self.of[book].dsn_to(database_name(named(book)), ADMIN)
        return psycopg.connect(dsn, autocommit=True, connect_timeout=10)

    def have_both(self) -> None:
        """Have both servers running, whatever became of them, and both doors open."""
        self.on_both(lambda name: self.of[name].have())
        for door in self.door.values():
            door.open()

    def clean(self) -> None:
        """Put both books back to what they were at the start."""
        self.have_both()
        for name in BOOKS:
            with self.admin_of(name) as connection:
                connection.execute(
                    "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
                    " WHERE datname = pg_catalog.current_database()"
                    " AND pid <> pg_catalog.pg_backend_pid() AND backend_type = 'client backend'"
                )
                connection.execute("SET lock_timeout = '20s'")
                assert clean(connection, self._pristine[name]), f"{name}: its schema was changed"

    def put_back(self, book: BookName) -> None:
        """Say that a test has put back the schema it changed: it counts as clean as it is now."""
        with self.admin_of(book) as connection:
            self._pristine[book] = replace(self._pristine[book], shape=shape_of(connection))

    def erase(self) -> None:
        """Stop both and delete everything."""
        for door in self.door.values():
            door.close()
        self.on_both(lambda name: self.of[name].erase())

    @staticmethod
    def on_both(do: Callable[[BookName], object]) -> None:
        """Do it for both books side by side."""
        with ThreadPoolExecutor(max_workers=2) as threads:
            list(threads.map(do, BOOKS))

    def _start(self, name: BookName) -> None:
        server = self.of[name]
        server.ensure()
        # The other book lives elsewhere.
        (other,) = (book for book in BOOKS if book != name)
        with server.admin() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database_name(other)}".encode())
        migrate(name, server.dsn(name, cluster.OWNER))

    def _book(self, name: BookName) -> Book:
        return Book(name, self.of[name].dsn(name, DUALWRITE), DUALWRITE)

    def _book_of(self, database: str) -> str:
        return next(name for name in BOOKS if database_name(name) == database)


@contextmanager
def books_of(servers: TwoServers) -> Generator[Books]:
    """Give the clean books of two servers; after it both run again, whatever was done to them."""
    servers.clean()
    books = Books(servers, servers.pair)  # type: ignore[arg-type] # it asks for no more than this
    try:
        yield books
    finally:
        books.close()
        servers.have_both()


def named(book: str) -> BookName:
    """Give the name of a book as its type."""
    return "operations" if book == "operations" else "finance"


def _all_processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _works_in(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except OSError:
        return False


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
