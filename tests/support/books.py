"""Two fresh books for one test, and the words to fill and to compare them."""

from __future__ import annotations

from typing import Final

from psycopg import Connection, sql

from tests.support.server import BookPair, TestServer
from tests.support.tables import TextTable, read_tables
from twofold.database.connection import Book
from twofold.dualwrite.sets.deliver import Delivery, Route, deliver_sets
from twofold.dualwrite.sets.seal import Sealer

ACCESS: Final = "twofold_access"
JOBS: Final = "twofold_jobs"

# DISCARD ALL but for what a session has prepared: the driver would go on using it.
_FORGET: Final = (
    "RESET ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES; SELECT pg_advisory_unlock_all()"
)


class TestBook(Book):
    """A book whose sessions a later test may use as if they were new."""

    __test__ = False

    def forget(self) -> None:
        """Let idle sessions forget what they were told; what they know of the schema stays."""
        pool = self._pool
        if pool is None:
            return
        idle = [pool.getconn() for _ in range(pool.get_stats()["pool_available"])]
        for connection in idle:
            with connection.transaction():
                connection.execute(_FORGET)
            pool.putconn(connection)


class Books:
    """The books of one test: each as its application role, as dual-write and as owner."""

    def __init__(self, server: TestServer, pair: BookPair) -> None:
        self.server: Final = server
        self.pair: Final = pair
        self.operations: Final = self._book("operations", "twofold_operations")
        self.finance: Final = self._book("finance", "twofold_finance")
        self.dualwrite_operations: Final = self._book("operations", "twofold_dualwrite")
        self.dualwrite_finance: Final = self._book("finance", "twofold_dualwrite")
        self.owner_operations: Final = self._book("operations", "twofold_owner")
        self.owner_finance: Final = self._book("finance", "twofold_owner")
        self.auditor_operations: Final = self._book("operations", "twofold_auditor")
        self.auditor_finance: Final = self._book("finance", "twofold_auditor")
        self.access: Final = TestBook(
            "operations", server.embedded.dsn_to(pair.operations, ACCESS), ACCESS
        )
        self.jobs: Final = TestBook(
            "operations", server.embedded.dsn_to(pair.operations, JOBS), JOBS
        )

    def given(self, text: str) -> None:
        """Insert the rows of text tables, as owner; columns left out take their defaults."""
        for table in read_tables(text):
            with self._owner(table).raw() as connection:
                _insert(connection, table, sql.Identifier(*table.table))

    def then(self, text: str) -> None:
        """Compare whole tables with text tables, in the columns shown, in any order.

        Values are compared by their types: 100.00 equals 100.0000.
        """
        for table in read_tables(text):
            with self._owner(table).raw() as connection:
                missing, extra = _differences(connection, table)
            shown = "\n".join([*(f"- {row}" for row in missing), *(f"+ {row}" for row in extra)])
            assert not shown, (
                f"{'.'.join(table.table)} {table.columns} (- wanted, + found)\n{shown}"
            )

    def deliver(self) -> tuple[Delivery, Delivery]:
        """Deliver everything pending: operations to finance, then finance to operations."""
        maps = self.server.active_maps()
        here, there = self.dualwrite_operations, self.dualwrite_finance
        return (
            deliver_sets(Route(here, there, maps)),
            deliver_sets(Route(there, here, maps)),
        )

    def forget(self) -> None:
        """Keep the sessions for the next test, as if they were new."""
        for value in vars(self).values():
            if isinstance(value, TestBook):
                value.forget()

    def close(self) -> None:
        """Close every connection, so that the databases can be dropped."""
        for value in vars(self).values():
            if isinstance(value, Book):
                value.close()

    def _book(self, name: str, role: str) -> TestBook:
        assert name in {"operations", "finance"}
        database = self.pair.operations if name == "operations" else self.pair.finance
        dsn = self.server.embedded.dsn_to(database, role)
        book = "operations" if name == "operations" else "finance"
        return TestBook(book, dsn, role, before_commit=Sealer(book, self.server.active_maps()))

    def _owner(self, table: TextTable) -> Book:
        return {"operations": self.owner_operations, "finance": self.owner_finance}[table.book]


def _columns(table: TextTable) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, table.columns))


def _insert(connection: Connection, table: TextTable, into: sql.Composable) -> None:
    if table.rows:
        rows = [sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, r))) for r in table.rows]
        connection.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
                into, _columns(table), sql.SQL(", ").join(rows)
            )
        )


def _differences(connection: Connection, table: TextTable) -> tuple[list[str], list[str]]:
    """Give rows wanted and not found, and rows found and not wanted."""
    found = sql.SQL("SELECT {} FROM {}").format(_columns(table), sql.Identifier(*table.table))
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS {} WITH NO DATA").format(found)
    )
    _insert(connection, table, sql.Identifier("pg_temp", "wanted"))
    wanted = sql.SQL("SELECT * FROM pg_temp.wanted")
    difference = sql.SQL("SELECT r::text FROM ({} EXCEPT ALL {}) AS r ORDER BY 1")
    missing = connection.execute(difference.format(wanted, found)).fetchall()
    extra = connection.execute(difference.format(found, wanted)).fetchall()
    connection.execute("DROP TABLE pg_temp.wanted")
    return [row for (row,) in missing], [row for (row,) in extra]
