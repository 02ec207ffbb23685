"""The embedded server: started when needed, adopted when there, back after a crash, private."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.support.server import postgres_bin
from twofold.database import binaries
from twofold.database.embedded import ADMIN, EmbeddedServer
from twofold.kernel.errors import Fault

SMALL = {"shared_buffers": "16MB", "max_wal_size": "64MB"}


@pytest.fixture
def server(short_path: Path) -> Generator[EmbeddedServer]:
    """Give a server of one's own, with the settings of real life."""
    server = EmbeddedServer(short_path, postgres_bin(), settings=SMALL)
    yield server
    server.erase()


def postmaster(server: EmbeddedServer) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def ask(server: EmbeddedServer, question: str) -> object:
    with psycopg.connect(server.dsn("operations", "twofold_owner")) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row[0] if row else None


def test_a_life(server: EmbeddedServer) -> None:
    assert server.status().state == "absent"

    server.ensure()
    assert server.status().state == "running"
    first = postmaster(server)

    EmbeddedServer(server.home, postgres_bin(), settings=SMALL).ensure()
    assert postmaster(server) == first, "a second start adopts the server that runs"

    server.stop()
    assert server.status().state == "stopped"
    server.stop()

    server.erase()
    assert server.status().state == "absent"


def test_data_survive_a_killed_server(server: EmbeddedServer) -> None:
    server.ensure()
    with psycopg.connect(server.dsn("operations", "twofold_owner")) as connection:
        connection.execute("CREATE TABLE public.kept AS SELECT 7 AS number")

    os.kill(postmaster(server), signal.SIGKILL)
    server.ensure()

    assert ask(server, "SELECT number FROM public.kept") == 7


def test_a_lost_secret_is_named_at_once(server: EmbeddedServer) -> None:
    server.ensure()
    secret = server.secrets / ADMIN
    lost = secret.rename(server.secrets / "lost")

    with pytest.raises(Fault, match=f"{secret} is missing"):
        server.ensure()

    lost.rename(secret)
    server.ensure()


def test_a_stale_pid_file_that_names_a_stranger(server: EmbeddedServer) -> None:
    server.ensure()
    lines = (server.data / "postmaster.pid").read_text().splitlines()
    server.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        stale = "\n".join([str(stranger.pid), *lines[1:]]) + "\n"
        (server.data / "postmaster.pid").write_text(stale)

        server.ensure()

        assert postmaster(server) != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_text_sorts_by_code_point_and_pages_have_checksums(server: EmbeddedServer) -> None:
    server.ensure()

    assert (
        ask(server, "SELECT string_agg(c, '' ORDER BY c) FROM unnest('{b,B,é,a}'::text[]) AS c")
        == "Babé"
    )
    assert ask(server, "SHOW data_checksums") == "on"
    assert ask(server, "SHOW server_encoding") == "UTF8"


def test_nothing_listens_on_the_network_and_secrets_are_private(server: EmbeddedServer) -> None:
    server.ensure()

    assert ask(server, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(server.run.stat().st_mode) == 0o700
    for secret in server.secrets.iterdir():
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert "password" not in conninfo_to_dict(server.dsn("operations", "twofold_owner"))


def test_a_wrong_or_missing_password_is_refused(server: EmbeddedServer) -> None:
    server.ensure()
    wrong = {
        **conninfo_to_dict(server.dsn("operations", "twofold_operations")),
        "password": "guess",
    }

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**wrong)
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(**{**wrong, "password": None, "passfile": os.devnull})

    (server.secrets / "twofold_admin").write_text("*:*:*:twofold_admin:guess\n")
    (server.secrets / "twofold_admin").chmod(0o600)
    try:
        with pytest.raises(Fault, match="refuses the password"):
            server.ensure()
    finally:
        server.stop()


def test_a_lost_secret_of_a_role_is_made_anew(server: EmbeddedServer) -> None:
    server.ensure()
    (server.secrets / "twofold_owner").unlink()

    server.ensure()

    assert ask(server, "SELECT 1") == 1


def test_passwords_are_in_no_log(server: EmbeddedServer) -> None:
    server.ensure()
    (server.data / "conf.d" / "loud.conf").write_text("log_statement = 'all'\n")
    (server.data / "conf.d" / "loud.conf").chmod(0o644)
    server.stop()
    (server.secrets / "twofold_owner").unlink()
    server.ensure()
    server.stop()

    logs = "".join(path.read_text() for path in (server.data / "log").iterdir())
    assert "ALTER ROLE" in logs, "the administrator's own settings have the last word"
    for secret in server.secrets.iterdir():
        assert secret.read_text().strip().rpartition(":")[2] not in logs


def test_data_of_another_major_version_is_refused(server: EmbeddedServer) -> None:
    server.ensure()
    server.stop()
    made_by = (server.data / "PG_VERSION").read_text()
    (server.data / "PG_VERSION").write_text("14\n")
    try:
        with pytest.raises(Fault, match=r"made by PostgreSQL 14.*TWOFOLD_POSTGRES_BIN"):
            server.ensure()
    finally:
        (server.data / "PG_VERSION").write_text(made_by)


def test_a_path_too_long_for_a_socket_is_refused(short_path: Path) -> None:
    server = EmbeddedServer(short_path / ("x" * 90), postgres_bin(), settings=SMALL)

    with pytest.raises(Fault, match="too long for a socket"):
        server.ensure()
    assert not server.data.exists()


def test_a_failing_start_shows_the_server_s_own_words(server: EmbeddedServer) -> None:
    server.ensure()
    server.stop()
    (server.data / "conf.d" / "bad.conf").write_text("shared_buffers = 'much'\n")
    (server.data / "conf.d" / "bad.conf").chmod(0o644)

    begun = time.monotonic()
    with pytest.raises(Fault, match="shared_buffers"):
        server.ensure()
    assert time.monotonic() - begun < 10


def test_concurrent_starts_share_one_server(server: EmbeddedServer) -> None:
    start = (
        "import sys; from pathlib import Path; from twofold.database.embedded import *; "
        "EmbeddedServer(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None, "
        "settings={'shared_buffers': '16MB'}).ensure()"
    )
    command = [sys.executable, "-c", start, str(server.home), str(postgres_bin() or "")]
    starts = [subprocess.Popen(command) for _ in range(3)]

    assert [process.wait(timeout=120) for process in starts] == [0, 0, 0]
    assert ask(server, "SELECT 1") == 1


def test_programs_out_of_reach_are_copied_once(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An environment below a private home: the service user cannot look into it.
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = binaries.wheel_bin().parents[1]
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, private / source.name, symlinks=True)
    found = private / package.name / "pginstall18" / "bin"
    monkeypatch.setattr(binaries, "wheel_bin", lambda: found)

    server.ensure()

    assert ask(server, "SELECT 1") == 1
    # Only root runs the server as another user, and only the wheel's programs are copied.
    is_copied = os.geteuid() == 0 and postgres_bin() is None
    assert len(list(server.home.glob("postgresql-18*"))) == int(is_copied)
