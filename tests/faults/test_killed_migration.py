"""Killing a schema migration: a file is there whole or not at all, and the next run goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tests.architecture.sources import ROOT
from tests.concurrency.waiting import wait_until
from tests.faults.servers import TwoServers
from tests.support.books import Books
from tests.support.server import TestServer
from twofold.database import cluster
from twofold.database.embedded import ADMIN
from twofold.database.migrate import migrate

_PROGRAM = (
    "import sys; from twofold.database.migrate import migrate; migrate('finance', sys.argv[1])"
)
_FILES = "SELECT folder, number, checksum FROM migration.applied ORDER BY 1, 2"


@pytest.mark.fault("F024", "CP29/engine")
@pytest.mark.parametrize("files_done", [0, 1, 4])
def test_a_migration_that_was_killed_is_finished_by_the_next(
    server: TestServer, files_done: int
) -> None:
    """It dies as soon as so many files are done, wherever it is by then."""
    name = f"half_{files_done}"
    with server.embedded.admin() as admin:
        cluster.create_database(admin, name, "finance")
    try:
        with psycopg.connect(server.embedded.dsn_to(name, ADMIN), autocommit=True) as watcher:
            die_after(watcher, server.embedded.dsn_to(name, cluster.OWNER), files_done)
            migrate("finance", server.embedded.dsn_to(name, cluster.OWNER))
            applied = watcher.execute(_FILES).fetchall()
        template = server.embedded.dsn_to(server.template.finance, ADMIN)
        with psycopg.connect(template, autocommit=True) as whole:
            assert applied == whole.execute(_FILES).fetchall()
    finally:
        with server.embedded.admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.fault("F024", "F027")
@pytest.mark.parametrize(
    "kind",
    [pytest.param(one, marks=pytest.mark.fault(f"CP29/{one}")) for one in ("server", "connection")],
)
def test_a_migration_whose_server_or_line_is_struck_is_finished_by_the_next(
    own_servers: TwoServers, apart: Books, kind: str
) -> None:
    """``apart`` is the finance book that was migrated in one go."""
    server, name = own_servers.of["finance"], f"half_{kind}"
    with server.admin() as admin:
        cluster.create_database(admin, name, "finance")
    dsn = make_conninfo(own_servers.dsn_through_door("finance", cluster.OWNER), dbname=name)
    try:
        with running(dsn) as migration:
            with psycopg.connect(server.dsn_to(name, ADMIN), autocommit=True) as watcher:
                wait_until(lambda: done_by_now(watcher) >= 2)
            if kind == "server":
                server.kill()
                own_servers.have_both()
            else:
                own_servers.door["finance"].cut()
            migration.wait(60)
        migrate("finance", server.dsn_to(name, cluster.OWNER))
        with psycopg.connect(server.dsn_to(name, ADMIN)) as half:
            applied = half.execute(_FILES.encode()).fetchall()
        with apart.owner_finance.raw() as whole:
            assert applied == whole.execute(_FILES.encode()).fetchall()
    finally:
        with server.admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def running(dsn: str) -> Generator[subprocess.Popen[bytes]]:
    """Start a migration of finance in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, dsn], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def die_after(watcher: psycopg.Connection, dsn: str, files_done: int) -> None:
    """Start a migration and kill it as soon as so many files are done."""
    with running(dsn) as process:
        wait_until(lambda: done_by_now(watcher) >= files_done or process.poll() is not None)


def done_by_now(watcher: psycopg.Connection) -> int:
    if watcher.execute("SELECT to_regclass('migration.applied')").fetchone() == (None,):
        return 0
    (count,) = watcher.execute("SELECT count(*) FROM migration.applied").fetchone() or (0,)
    return int(count)
