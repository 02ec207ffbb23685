"""What a test leaves: a changed schema is not used again; rows are put back, sessions forget."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.books import Books
from tests.support.server import ADMIN, TestServer


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE finance.currency ADD COLUMN extra integer",
        "ALTER TABLE finance.currency DROP CONSTRAINT currency_pkey CASCADE",
        "ALTER TABLE finance.currency DISABLE TRIGGER ALL",
        "GRANT DELETE ON finance.ledger_entry TO twofold_auditor",
        "REVOKE SELECT ON finance.ledger_entry FROM twofold_auditor",
        "GRANT UPDATE (name) ON finance.customer TO twofold_auditor",
        "CREATE TABLE finance.extra ()",
        "CREATE VIEW finance.extra AS SELECT 1 AS one",
        "CREATE OR REPLACE VIEW finance.followed_number AS TABLE finance.followed_number LIMIT 0",
        "CREATE FUNCTION finance.extra() RETURNS integer LANGUAGE sql RETURN 1",
        "CREATE TYPE finance.extra AS ENUM ('one')",
        "CREATE SCHEMA extra",
        "DROP TABLE dualwrite.captured CASCADE",
        (
            "DO $$ BEGIN EXECUTE"
            " format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database()); END $$"
        ),
    ],
)
def test_a_database_with_another_schema_is_replaced(server: TestServer, change: str) -> None:
    with server.clean_pair() as pair, _admin(server, pair.finance) as connection:
        connection.execute(change.encode())
        connection.close()

    with server.clean_pair() as again:
        assert again != pair


def test_a_database_with_rows_is_emptied_and_used_again(server: TestServer) -> None:
    with server.clean_pair() as pair, _admin(server, pair.finance) as connection:
        connection.execute("INSERT INTO finance.currency VALUES ('XXX', 0)")
        connection.execute("CREATE TEMPORARY TABLE passing (key integer PRIMARY KEY DEFAULT 1)")
        connection.execute("ANALYZE finance.currency")

    with server.clean_pair() as again:
        assert again == pair
        with _admin(server, again.finance) as connection:
            assert (
                connection.execute("SELECT FROM finance.currency WHERE currency = 'XXX'").fetchall()
                == []
            )


def _admin(server: TestServer, database: str) -> psycopg.Connection:
    return psycopg.connect(server.embedded.dsn_to(database, ADMIN), autocommit=True)


def test_a_session_is_used_again_and_has_forgotten_what_it_was_told(server: TestServer) -> None:
    with server.clean_pair() as pair:
        books = Books(server, pair)
        with books.owner_finance.raw() as connection:
            connection.execute(
                "SET lock_timeout = '1s'; CREATE TEMPORARY TABLE passing ();"
                " SELECT pg_advisory_lock(7); LISTEN anything"
            )
            before = connection.info.backend_pid

        books.forget()

        with books.owner_finance.raw() as connection:
            assert connection.info.backend_pid == before
            assert connection.execute(
                "SELECT current_setting('lock_timeout'), to_regclass('pg_temp.passing'),"
                " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = %s),"
                " (SELECT count(*) FROM pg_listening_channels())",
                (before,),
            ).fetchone() == ("10s", None, 0, 0)
        books.close()
