"""A book: one database, as one role, with its pool of connections.

Edges open a book, take transactions and readers from it, and close it. Every session starts
from the same settings (below), whatever the server, the database or the login would default to;
a session that does not have them, because a pooler dropped them, is refused. How to reach the
server is asked anew for each connection, so that a new password needs no restart.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from twofold.database.transaction import Reader, Transaction, driver_errors
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refusal, Refused

BookName = Literal["operations", "finance"]

# All SQL of ours names its schema, so nothing may be found by search path but the catalogue.
_SESSION: Final = {
    "search_path": "pg_catalog,pg_temp",
    "timezone": "UTC",
    "datestyle": "ISO,YMD",
    "statement_timeout": "0",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "15min",
    # The server notices that we are gone, and frees what we held.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    # Compiling a statement costs more than it saves in ours; only the embedded server has it off.
    "jit": "off",
}

# A server that stopped answering is noticed within 25 s, wherever the packets went; libpq's own
# words, for whatever the connection string does not say. tcp_user_timeout is in milliseconds.
_NETWORK: Final = {
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}

# Longest wait for a connection, in seconds.
_WAIT_MAX: Final = 15.0

# How libpq says that TLS failed: no such support, an unknown or expired certificate, another host.
_TLS_SIGNS: Final = ("certificate", "SSL", "TLS")

# Settings whose loss would change what a statement means or how long it may hold others up.
_HONOURED: Final = ("search_path", "timezone", "lock_timeout", "role")
_LOOK: Final = """
    SELECT
        pg_catalog.pg_backend_pid(),
        pg_catalog.current_setting('search_path'),
        pg_catalog.current_setting('timezone'),
        pg_catalog.current_setting('lock_timeout'),
        current_user::text
"""


class Book:
    """One database as one role. Opens its first connection when it is first used."""

    def __init__(
        self,
        name: BookName,
        dsn: str | Callable[[], str],
        role: str,
        *,
        before_commit: Callable[[Transaction], None] | None = None,
        connections_max: int = 8,
        application: str | None = None,
        on_connect: Callable[[], None] | None = None,
    ) -> None:
        self.name: Final = name
        self.role: Final = role
        self._dsn: Final = dsn
        self.application: Final = application or f"twofold/{name}"
        self._before_commit = before_commit
        # What must hold before a new session is used; it raises when it does not.
        self._on_connect: Final = on_connect
        self._connections_max = connections_max
        self._opening = threading.Lock()
        self._pool: ConnectionPool[psycopg.Connection[Any]] | None = None

    @contextmanager
    def transaction(self) -> Generator[Transaction]:
        """Open one transaction: committed when the block ends, rolled back when it raises.

        ``before_commit`` runs as the last part of the transaction; it seals the change sets.
        """
        with self.raw() as connection:
            transaction = Transaction(connection)
            yield transaction
            if self._before_commit is not None:
                self._before_commit(transaction)
            unsealed = [
                change_set.set_id for change_set in transaction.sets if not change_set.sealed
            ]
            assert not unsealed, f"change sets {unsealed} would be lost: nothing sealed them"

    @contextmanager
    def trial(self) -> Generator[Transaction]:
        """Open one transaction that is rolled back whatever happens: to see what would be.

        After   nothing changed, but for keys that were taken and will be missing.
        """
        with (
            driver_errors(),
            self._borrow() as connection,
            connection.transaction(force_rollback=True),
        ):
            yield Transaction(connection)

    @contextmanager
    def reader(self) -> Generator[Reader]:
        """Read the book as of one moment: read only, one snapshot for the whole block."""
        with driver_errors(), self._borrow(reads_only=True) as connection, connection.transaction():
            yield Reader(connection)

    @contextmanager
    def raw(self) -> Generator[psycopg.Connection[Any]]:
        """Give the driver's connection in one transaction, for COPY and the like.

        After   committed when the block ended, rolled back when it raised.
        """
        with driver_errors(), self._borrow() as connection, connection.transaction():
            yield connection

    @contextmanager
    def session(self) -> Generator[psycopg.Connection[Any]]:
        """Give a session of one's own, outside the pool and of no transaction: to listen."""
        with driver_errors():
            connection = self._connect()
            try:
                connection.autocommit = True
                yield connection
            finally:
                connection.close()

    def close(self) -> None:
        """Close every connection. A closed book opens again when it is used again."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    @contextmanager
    def _borrow(self, *, reads_only: bool = False) -> Generator[psycopg.Connection[Any]]:
        pool = self._opened()
        try:
            connection = pool.getconn()
        except PoolTimeout as error:
            # The pool reports only that it waited in vain; a connection made by hand reports
            # what is wrong.
            self._connect().close()
            raise Fault(
                f"{self.name}: no connection became free: {error}", transient=True
            ) from error
        try:
            # Said with the BEGIN of the next transaction: it costs no statement of its own.
            connection.isolation_level = (
                psycopg.IsolationLevel.REPEATABLE_READ if reads_only else None
            )
            connection.read_only = True if reads_only else None
            yield connection
        finally:
            pool.putconn(connection)

    def _opened(self) -> ConnectionPool[psycopg.Connection[Any]]:
        with self._opening:
            if self._pool is None:
                self._connect().close()
                self._pool = ConnectionPool(
                    self._conninfo,
                    min_size=0,
                    max_size=self._connections_max,
                    timeout=_WAIT_MAX,
                    open=True,
                    configure=self._examine,
                    check=_check,
                    num_workers=1,
                )
            return self._pool

    def _conninfo(self) -> str:
        """Say how to connect now: secrets are read again."""
        dsn = self._dsn() if callable(self._dsn) else self._dsn
        return session_conninfo(dsn, role=self.role, application=self.application)

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            connection: psycopg.Connection[Any] = psycopg.connect(self._conninfo())
        except psycopg.OperationalError as error:
            refusal = _security(self.name, str(error))
            if refusal is None:
                raise
            raise Refused(refusal) from error
        try:
            self._examine(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _examine(self, connection: psycopg.Connection[Any]) -> None:
        """Refuse a session that is not ours alone, or has not the settings we asked for."""
        found: list[tuple[object, ...]] = []
        for _ in range(2):
            with connection.transaction():
                row = connection.execute(_LOOK).fetchone()
                assert row is not None
                found.append(row)
        wanted = {**_SESSION, "role": self.role}
        given = dict(zip(_HONOURED, found[0][1:], strict=True))
        lost = [name for name in _HONOURED if _plain(given[name]) != _plain(wanted[name])]
        if self.role == "none":
            lost = [name for name in lost if name != "role"]
        if lost:
            raise Refused(_pooler(self.name, f"did not take over {', '.join(lost)}"))
        if found[0][0] != found[1][0]:
            raise Refused(_pooler(self.name, "gave two transactions to two servers' sessions"))
        if self._on_connect is not None:
            self._on_connect()


def _check(connection: psycopg.Connection[Any]) -> None:
    """Refuse a connection that the server, or what lies between, has closed while it rested.

    Whoever closes says so: there is something to read where nothing was asked for. Only then the
    server is asked, so that a session in order costs no question to find out.
    """
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    if socket.poll(0):
        ConnectionPool.check_connection(connection)


def _security(name: BookName, said: str) -> Refusal | None:
    """Tell what is wrong with TLS or a pooler, in libpq's words; nothing when it is neither."""
    words = " ".join(said.split())
    if "unsupported startup parameter" in said:
        return _pooler(name, "does not pass on the parameter «options»")
    if any(sign in said for sign in _TLS_SIGNS):
        return refuse("ERR-D39", name, reason=f"the connection would not be safe: {words}")
    return None


def _pooler(name: BookName, did: str) -> Refusal:
    return refuse(
        "ERR-D39",
        name,
        reason=(
            f"what answers {did}: it is a connection pooler that shares sessions between "
            "transactions. Connect to PostgreSQL itself, or let the pooler keep a session per "
            "client (pool_mode = session) and pass on the parameter «options»"
        ),
    )


def _plain(value: object) -> str:
    return str(value).replace(" ", "").replace('"', "")


def session_conninfo(dsn: str, *, role: str, application: str) -> str:
    """Complete a connection string with time-outs, our session settings and the role to act as."""
    given = conninfo_to_dict(dsn)
    settings = dict(_SESSION) if given.get("user") == role else {**_SESSION, "role": role}
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    options = " ".join(filter(None, (str(given.get("options") or ""), ours)))
    network = {name: value for name, value in _NETWORK.items() if given.get(name) is None}
    return make_conninfo(
        dsn, options=options, application_name=application, client_encoding="UTF8", **network
    )
