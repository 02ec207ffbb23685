"""How a book is reached: settings of a session, secrets, TLS elsewhere, no pooler in between."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.support.books import Books
from tests.support.middlemen import pooler
from twofold.database.connection import Book, session_conninfo
from twofold.database.endpoint import Endpoint, is_local, read_secret
from twofold.kernel.errors import Fault, Refused

VARIABLE = "TWOFOLD_FINANCE_URL"
SECRET = "s3cret-of-ann"  # noqa: S105 - made up


def socket_of(books: Books) -> Path:
    return books.server.embedded.run / ".s.PGSQL.5432"


def through(books: Books, port: int, role: str = "twofold_dualwrite") -> str:
    dsn = books.server.embedded.dsn_to(books.pair.finance, role)
    return make_conninfo(dsn, host="127.0.0.1", port=port)


# Sessions


@pytest.fixture
def hasty(books: Books) -> Generator[Books]:
    """Give books whose finance database would end every session of ours at once."""
    name = sql.Identifier(books.pair.finance)
    with books.server.embedded.admin() as admin:
        for setting, value in HASTY.items():
            admin.execute(
                sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                    name, sql.Identifier(setting), sql.Literal(value)
                )
            )
    yield books
    with books.server.embedded.admin() as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(name))


HASTY = {
    "statement_timeout": "1ms",
    "lock_timeout": "1ms",
    "idle_in_transaction_session_timeout": "1ms",
    "timezone": "Asia/Tokyo",
    "datestyle": "German",
}


@pytest.mark.fault("F128")
def test_settings_of_server_database_and_login_give_way_to_ours(hasty: Books) -> None:
    with hasty.dualwrite_finance.raw() as connection:
        connection.execute("SELECT pg_catalog.pg_sleep(0.05)")
        shown = connection.execute(
            "SELECT name, setting FROM pg_catalog.pg_settings WHERE lower(name) = ANY(%s)",
            (list(HASTY),),
        ).fetchall()

    assert {name.lower(): value for name, value in shown} == {
        "statement_timeout": "0",
        "lock_timeout": "10000",
        "idle_in_transaction_session_timeout": "900000",
        "timezone": "UTC",
        "datestyle": "ISO, YMD",
    }


@pytest.mark.fault("F036")
def test_a_server_that_falls_silent_is_given_up_within_half_a_minute() -> None:
    given = conninfo_to_dict(session_conninfo("host=db.example", role="one", application="two"))

    silent = int(str(given["keepalives_idle"])) + int(str(given["keepalives_interval"])) * int(
        str(given["keepalives_count"])
    )
    assert silent <= 30
    assert int(str(given["tcp_user_timeout"])) <= 30_000
    assert int(str(given["connect_timeout"])) <= 30


def test_what_the_connection_string_says_about_the_network_is_kept() -> None:
    given = session_conninfo("host=db connect_timeout=3", role="one", application="two")

    assert conninfo_to_dict(given)["connect_timeout"] == "3"


# Poolers


def test_a_pooler_that_drops_our_settings_is_refused_with_the_way_out(books: Books) -> None:
    with pooler(socket_of(books)) as port:
        book = Book("finance", through(books, port), "twofold_dualwrite")
        with pytest.raises(Refused) as told, book.reader():
            pass

    assert told.value.codes == ("ERR-D39",)
    assert "search_path" in str(told.value)
    assert "pool_mode = session" in str(told.value)


def test_a_pooler_that_changes_the_session_between_transactions_is_refused(books: Books) -> None:
    dsn = books.server.embedded.dsn_to(books.pair.finance, "twofold_dualwrite")
    spare = psycopg.connect(session_conninfo(dsn, role="twofold_dualwrite", application="spare"))
    with spare, pooler(socket_of(books), spare=spare) as port:
        book = Book("finance", through(books, port), "twofold_dualwrite")
        with pytest.raises(Refused) as told, book.reader():
            pass

    assert told.value.codes == ("ERR-D39",)
    assert "two transactions" in str(told.value)


def test_the_server_itself_is_accepted(books: Books) -> None:
    with books.dualwrite_finance.raw() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


# Secrets


def secret_file(directory: Path, text: str, mode: int = 0o600) -> Path:
    path = directory / "secret"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_password_comes_from_its_file_and_is_read_each_time(tmp_path: Path) -> None:
    path = secret_file(tmp_path, "first\n")
    endpoint = Endpoint(VARIABLE, "host=/run/postgresql user=ann", password_file=path)

    before = conninfo_to_dict(endpoint.conninfo())["password"]
    path.write_text("second")

    assert before == "first"
    assert conninfo_to_dict(endpoint.conninfo())["password"] == "second"  # noqa: S105 - made up


@pytest.mark.fault("F041")
def test_a_url_comes_from_its_file_and_is_read_each_time(tmp_path: Path) -> None:
    path = secret_file(tmp_path, f"postgresql://ann:{SECRET}@127.0.0.1/finance\n")
    endpoint = Endpoint(VARIABLE, url_file=path)

    before = conninfo_to_dict(endpoint.conninfo())["host"]
    path.write_text("postgresql://ann@127.0.0.2/finance")

    assert (before, conninfo_to_dict(endpoint.conninfo())["host"]) == ("127.0.0.1", "127.0.0.2")


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o644, 0o666])
def test_a_secret_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    path = secret_file(tmp_path, SECRET, mode)

    with pytest.raises(Fault) as told:
        read_secret(path)

    assert f"chmod 600 {path}" in str(told.value)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_secret_of_its_owner_alone_is_read(tmp_path: Path, mode: int) -> None:
    assert read_secret(secret_file(tmp_path, SECRET, mode)) == SECRET


def test_a_group_may_read_a_secret_only_where_root_says_so(tmp_path: Path) -> None:
    path = secret_file(tmp_path, SECRET, 0o640)

    if os.geteuid() == 0:
        assert read_secret(path) == SECRET
        os.chown(path, 65_534, 65_534)
    with pytest.raises(Fault):
        read_secret(path)


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="nowhere: No such file"):
        read_secret(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{SECRET}@db/finance?{SECRET}=1",
        f"{SECRET}",
        f"password={SECRET} bad",
    ],
)
def test_what_is_no_connection_string_is_not_quoted(url: str) -> None:
    with pytest.raises(Fault) as told:
        Endpoint(VARIABLE, url).conninfo()

    assert VARIABLE in str(told.value)
    assert SECRET not in str(told.value)
    # Nor is it in what the program would print of how it came about.
    assert told.value.__suppress_context__


def test_no_secret_is_shown_with_an_endpoint() -> None:
    shown = repr(Endpoint(VARIABLE, f"postgresql://ann:{SECRET}@db/x", password=SECRET))

    assert SECRET not in shown


def test_a_refused_password_is_not_quoted(books: Books) -> None:
    dsn = books.server.embedded.dsn_to(books.pair.finance, "twofold_dualwrite")
    book = Book("finance", make_conninfo(dsn, passfile="", password=SECRET), "twofold_dualwrite")

    with pytest.raises(Fault) as told, book.reader():
        pass

    assert "password authentication failed" in str(told.value)
    assert SECRET not in str(told.value)


# TLS

LOCAL = [
    "host=/run/postgresql", "host=@twofold", "host=localhost", "host=127.0.0.1", "host=127.8.8.8",
    "host=::1", "host=/run,localhost", "host=db hostaddr=127.0.0.1",
]  # fmt: skip
ELSEWHERE = [
    "host=db", "host=10.0.0.1", "host=localhost.example", "host=localhost,db", "host=db,/run",
    "host=localhost hostaddr=10.0.0.1", "host=::2", "service=books", "host=127.0.0.1.example",
]  # fmt: skip


@pytest.mark.parametrize("dsn", LOCAL)
def test_this_machine_needs_no_tls(dsn: str) -> None:
    assert is_local(conninfo_to_dict(dsn))
    assert "sslmode" not in conninfo_to_dict(Endpoint(VARIABLE, dsn).conninfo())


@pytest.mark.parametrize("dsn", ELSEWHERE)
def test_elsewhere_tls_is_checked_against_the_name(dsn: str) -> None:
    given = conninfo_to_dict(Endpoint(VARIABLE, dsn).conninfo())

    assert given["sslmode"] == "verify-full"
    assert given["gssencmode"] == "disable"


def test_without_a_host_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGHOST", raising=False)
    here = conninfo_to_dict(Endpoint(VARIABLE, "dbname=finance").conninfo())
    monkeypatch.setenv("PGHOST", "db.example")
    there = conninfo_to_dict(Endpoint(VARIABLE, "dbname=finance").conninfo())

    assert "sslmode" not in here
    assert there["sslmode"] == "verify-full"


@pytest.mark.fault("F046")
@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_less_than_checked_tls_is_refused(mode: str) -> None:
    with pytest.raises(Refused) as told:
        Endpoint(VARIABLE, f"host=db sslmode={mode}").conninfo()

    assert told.value.codes == ("ERR-D39",)
    assert "TWOFOLD_ALLOW_PLAINTEXT" in str(told.value)


@pytest.mark.parametrize("mode", ["disable", "prefer"])
def test_plaintext_is_spoken_where_the_environment_says_so_by_name(mode: str) -> None:
    endpoint = Endpoint(VARIABLE, f"host=db sslmode={mode}", is_plaintext_allowed=True)

    assert conninfo_to_dict(endpoint.conninfo())["sslmode"] == mode


def test_who_vouches_for_the_server_can_be_said(tmp_path: Path) -> None:
    endpoint = Endpoint(VARIABLE, "host=db", root_certificate=tmp_path / "root.pem")

    assert conninfo_to_dict(endpoint.conninfo())["sslrootcert"] == str(tmp_path / "root.pem")
