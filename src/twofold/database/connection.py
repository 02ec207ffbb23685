"""A book: one database, as one role, with its pool of connections.

Edges open a book, take transactions and readers from it, and close it. Every session starts
from the same settings (below), whatever the server, the database or the login would default to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from twofold.database.transaction import Reader, Transaction, driver_errors
from twofold.kernel.errors import Fault

BookName = Literal["operations", "finance"]

# All SQL of ours names its schema, so nothing may be found by search path but the catalogue.
_SESSION: Final = {
    "search_path": "pg_catalog,pg_temp",
    "timezone": "UTC",
    "datestyle": "ISO,YMD",
    "statement_timeout": "0",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "15min",
    # Compiling a statement costs more than it saves in ours; only the embedded server has it off.
    "jit": "off",
}


class Book:
    """One database as one role. Opens its first connection when it is first used."""

    def __init__(
        self,
        name: BookName,
        dsn: str,
        role: str,
        *,
        before_commit: Callable[[Transaction], None] | None = None,
        connections_max: int = 8,
    ) -> None:
        self.name: Final = name
        self.role: Final = role
        self._conninfo = session_conninfo(dsn, role=role, application=f"twofold/{name}")
        self._before_commit = before_commit
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
    def reader(self) -> Generator[Reader]:
        """Read the book as of one moment: read only, one snapshot for the whole block."""
        with self.raw() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield Reader(connection)

    @contextmanager
    def raw(self) -> Generator[psycopg.Connection[Any]]:
        """Give the driver's connection in one transaction, for COPY and the like.

        After   committed when the block ended, rolled back when it raised.
        """
        with driver_errors(), self._borrow() as connection, connection.transaction():
            yield connection

    def close(self) -> None:
        """Close every connection. A closed book opens again when it is used again."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    @contextmanager
    def _borrow(self) -> Generator[psycopg.Connection[Any]]:
        pool = self._opened()
        try:
            connection = pool.getconn()
        except PoolTimeout as error:
            raise Fault(
                f"{self.name}: no connection became free: {error}", transient=True
            ) from error
        try:
            yield connection
        finally:
            pool.putconn(connection)

    def _opened(self) -> ConnectionPool[psycopg.Connection[Any]]:
        with self._opening:
            if self._pool is None:
                # The pool reports only that it waited in vain; a first connection made by hand
                # reports what is wrong.
                psycopg.connect(self._conninfo, connect_timeout=10).close()
                self._pool = ConnectionPool(
                    self._conninfo,
                    min_size=0,
                    max_size=self._connections_max,
                    open=True,
                    check=ConnectionPool.check_connection,
                    num_workers=1,
                )
            return self._pool


def session_conninfo(dsn: str, *, role: str, application: str) -> str:
    """Complete a connection string with our session settings and the role to act as."""
    given = conninfo_to_dict(dsn)
    settings = dict(_SESSION) if given.get("user") == role else {**_SESSION, "role": role}
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    options = " ".join(filter(None, (str(given.get("options") or ""), ours)))
    return make_conninfo(dsn, options=options, application_name=application, client_encoding="UTF8")
