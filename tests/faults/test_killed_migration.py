"""Killing a schema migration: a file is there whole or not at all, and the next run goes on."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest
from psycopg import sql

from tests.architecture.sources import ROOT
from tests.concurrency.waiting import wait_until
from tests.support.server import TestServer
from twofold.database import cluster
from twofold.database.embedded import ADMIN
from twofold.database.migrate import migrate

_PROGRAM = (
    "import sys; from twofold.database.migrate import migrate; migrate('finance', sys.argv[1])"
)
_FILES = "SELECT folder, number, checksum FROM migration.applied ORDER BY 1, 2"


@pytest.mark.fault("F024")
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


def die_after(watcher: psycopg.Connection, dsn: str, files_done: int) -> None:
    """Start a migration and kill it as soon as so many files are done."""
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, dsn], cwd=ROOT)
    try:
        wait_until(lambda: done_by_now(watcher) >= files_done or process.poll() is not None)
    finally:
        process.kill()
        process.wait()


def done_by_now(watcher: psycopg.Connection) -> int:
    if watcher.execute("SELECT to_regclass('migration.applied')").fetchone() == (None,):
        return 0
    (count,) = watcher.execute("SELECT count(*) FROM migration.applied").fetchone() or (0,)
    return int(count)
