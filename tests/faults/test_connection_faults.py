"""Connections that fail for good reasons: certificates, changed passwords, another address."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import trustme
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.dualwrite.planted import let_leases_run_out, send_costs
from tests.faults.checker import broken_promises
from tests.support.books import Books
from tests.support.middlemen import pooler, tls_door
from twofold.database import cluster
from twofold.database.connection import Book
from twofold.database.endpoint import Endpoint
from twofold.dualwrite.sets.deliver import Route, deliver_sets
from twofold.kernel.errors import Fault, Refused

HOST = "finance.example"
LOGIN = "twofold_dualwrite"
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def reach(books: Books, port: int, root: Path | None) -> Book:
    """Reach finance as a server elsewhere; hostaddr stands for what a name server would say."""
    dsn = books.server.embedded.dsn_to(books.pair.finance, LOGIN)
    elsewhere = make_conninfo(dsn, host=HOST, port=port)
    endpoint = Endpoint("TWOFOLD_FINANCE_URL", elsewhere, root_certificate=root)
    return Book("finance", lambda: make_conninfo(endpoint.conninfo(), hostaddr="127.0.0.1"), LOGIN)


def presenting(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def root_of(authority: trustme.CA, directory: Path) -> Path:
    path = directory / "root.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


Issue = Callable[[trustme.CA], trustme.LeafCert]


def socket_of(books: Books) -> Path:
    return books.server.embedded.run / ".s.PGSQL.5432"


def test_a_certificate_of_the_right_name_is_accepted(books: Books, tmp_path: Path) -> None:
    authority = trustme.CA()
    with tls_door(socket_of(books), presenting(authority.issue_cert(HOST))) as port:
        book = reach(books, port, root_of(authority, tmp_path))
        with book.raw() as connection:
            assert connection.pgconn.ssl_in_use
            assert connection.execute("SELECT current_user").fetchone() == (LOGIN,)
        book.close()


REFUSED: dict[str, tuple[Issue, str]] = {
    "expired": (lambda ca: ca.issue_cert(HOST, not_after=LONG_AGO), "certificate verify failed"),
    "another host": (lambda ca: ca.issue_cert("other.example"), "does not match host name"),
    "unknown issuer": (lambda _: trustme.CA().issue_cert(HOST), "certificate verify failed"),
}


@pytest.mark.fault("F046")
@pytest.mark.parametrize("kind", REFUSED)
def test_a_certificate_that_proves_nothing_is_refused_and_nothing_is_said_in_plain(
    books: Books, tmp_path: Path, kind: str
) -> None:
    issue, words = REFUSED[kind]
    authority = trustme.CA()
    root = root_of(authority, tmp_path)
    with (
        tls_door(socket_of(books), presenting(issue(authority))) as port,
        pytest.raises(Refused) as told,
        reach(books, port, root).reader(),
    ):
        pass

    assert told.value.codes == ("ERR-D39",)
    assert words in str(told.value)


@pytest.mark.fault("F046")
def test_a_server_without_tls_is_refused(books: Books, tmp_path: Path) -> None:
    root = root_of(trustme.CA(), tmp_path)
    # Of what a pooler does, it matters here that it declines TLS.
    with (
        pooler(socket_of(books)) as port,
        pytest.raises(Refused) as told,
        reach(books, port, root).reader(),
    ):
        pass

    assert told.value.codes == ("ERR-D39",)
    assert "does not support SSL" in str(told.value)


# Passwords that change


def set_password(books: Books, login: str, password: str) -> None:
    with books.server.embedded.admin() as admin:
        cluster.set_password(admin, login, password)


@pytest.fixture
def login(books: Books):  # noqa: ANN201 - a name
    """Give a login of its own that may become dual-write, so that no other test is locked out."""
    # Roles belong to the server, which other test processes share; the database is ours alone.
    name = f"tester_{books.pair.finance}"
    with books.server.embedded.admin() as admin:
        admin.execute(
            sql.SQL("CREATE ROLE {} LOGIN IN ROLE twofold_dualwrite").format(sql.Identifier(name))
        )
    yield name
    books.close()
    with books.server.embedded.admin() as admin:
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def end_sessions(books: Books, login: str) -> int:
    with books.server.embedded.admin() as admin:
        return len(
            admin.execute(
                "SELECT pg_catalog.pg_terminate_backend(pid)"
                " FROM pg_catalog.pg_stat_activity WHERE usename = %s",
                (login,),
            ).fetchall()
        )


@pytest.mark.fault("F160")
def test_a_password_that_changes_while_delivering_costs_nothing(
    world: Books, login: str, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("before")
    secret.chmod(0o600)
    set_password(world, login, "before")

    def book(name: str, database: str) -> Book:
        dsn = make_conninfo(world.server.embedded.dsn_to(database, login), passfile="/nowhere")
        endpoint = Endpoint("TWOFOLD_URL", dsn, password_file=secret)
        assert name in {"operations", "finance"}
        return Book("operations" if name == "operations" else "finance", endpoint.conninfo, LOGIN)

    source = book("operations", world.pair.operations)
    target = book("finance", world.pair.finance)
    route = Route(source, target, world.server.active_maps())
    for set_id in (1, 2):
        send_costs(world, set_id, first=set_id * 100, count=3)
    assert deliver_sets(route, set_ids=[1]).applied == 1

    set_password(world, login, "after")
    # Who is logged in stays so; the change is felt by the next connection.
    assert deliver_sets(route, set_ids=[2]).applied == 1
    assert end_sessions(world, login) > 0
    send_costs(world, 3, first=300, count=3)
    with pytest.raises(Fault) as fault:
        deliver_sets(route)
    secret.write_text("after")
    let_leases_run_out(world.owner_operations)
    healed = deliver_sets(route)

    assert fault.value.transient
    assert healed.applied == 1
    assert not broken_promises(world)
    source.close()
    target.close()


@pytest.mark.fault("F160")
def test_a_password_that_changes_between_two_steps_of_a_delivery_is_picked_up(
    world: Books, login: str, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("before")
    secret.chmod(0o600)
    set_password(world, login, "before")
    dsn = make_conninfo(
        world.server.embedded.dsn_to(world.pair.finance, login), passfile="/nowhere"
    )
    target = Book("finance", Endpoint("TWOFOLD_URL", dsn, password_file=secret).conninfo, LOGIN)
    changed: list[str] = []

    def change_once(place: str) -> None:
        if place == "CP11" and not changed:
            changed.append(place)
            set_password(world, login, "after")
            secret.write_text("after")
            assert end_sessions(world, login) > 0

    source, maps = world.dualwrite_operations, world.server.active_maps()
    route = Route(source, target, maps, failpoint=change_once)
    send_costs(world, 1, first=100, count=3)
    with pytest.raises(Fault) as fault:
        deliver_sets(route)
    let_leases_run_out(world.owner_operations)
    healed = deliver_sets(route)

    assert (changed, fault.value.transient, healed.applied) == (["CP11"], True, 1)
    assert not broken_promises(world)
    target.close()


# Another address


@pytest.mark.fault("F041")
def test_a_name_that_leads_elsewhere_now_is_followed(books: Books, tmp_path: Path) -> None:
    authority = trustme.CA()
    root = root_of(authority, tmp_path)
    dsn = books.server.embedded.dsn_to(books.pair.finance, LOGIN)
    ports: list[int] = []

    def now() -> str:
        endpoint = Endpoint(
            "TWOFOLD_FINANCE_URL", make_conninfo(dsn, host=HOST, port=ports[-1]),
            root_certificate=root,
        )  # fmt: skip
        return make_conninfo(endpoint.conninfo(), hostaddr="127.0.0.1")

    book = Book("finance", now, LOGIN)
    with tls_door(socket_of(books), presenting(authority.issue_cert(HOST))) as first:
        ports.append(first)
        with book.raw() as connection:
            assert port_of(connection) == first
    with books.server.embedded.admin() as admin:
        admin.execute(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
            " WHERE datname = %s AND usename = %s",
            (books.pair.finance, LOGIN),
        )
    with tls_door(socket_of(books), presenting(authority.issue_cert(HOST))) as second:
        ports.append(second)
        with book.raw() as connection:
            assert port_of(connection) == second
    book.close()


def port_of(connection: psycopg.Connection) -> int:
    return int(connection.pgconn.port)
