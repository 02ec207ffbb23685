"""The embedded server: PostgreSQL of our own, started when needed, left running between commands.

One home holds everything: ``data`` (the cluster), ``run`` (its Unix socket; nothing listens on
the network), ``secrets`` (a password per role, in the form libpq reads from a file, so that no
password is ever part of a command line, a connection string or a log).

The server is alive when one can connect; a pid file alone proves nothing. A file lock beside
the data makes concurrent starts queue up.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import psycopg
from psycopg.conninfo import make_conninfo

from twofold.database import binaries, cluster
from twofold.database.connection import BookName
from twofold.database.transaction import driver_errors
from twofold.kernel.errors import Fault

ADMIN: Final = "twofold_admin"
MAINTENANCE: Final = "postgres"
_PORT: Final = 5432  # only part of the socket's name

# A Unix socket's path may have 107 bytes on Linux, 103 on macOS.
_SOCKET_PATH_MAX: Final = 103

# How long processes of a crashed server may hold its data, and how the log says that they do.
_CRASH_SECONDS_MAX: Final = 60
_STILL_HELD: Final = ('FATAL:  lock file "', "pre-existing shared memory")

_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "listen_addresses": "",
        "port": str(_PORT),
        "max_connections": "50",
        "password_encryption": "scram-sha-256",
        "shared_buffers": "256MB",
        "effective_cache_size": "2GB",
        "work_mem": "64MB",
        "maintenance_work_mem": "256MB",
        "random_page_cost": "1.1",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "off",
        "jit": "off",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_timezone": "UTC",
        "lc_messages": "C",
    }
)


@dataclass(frozen=True, slots=True)
class Status:
    """What ``twofold status`` shows of the embedded server."""

    state: Literal["running", "stopped", "absent"]
    version: str
    user: str
    socket: Path
    log: Path


class EmbeddedServer:
    """One cluster in one home."""

    def __init__(
        self, home: Path, bin_dir: Path | None = None, *, settings: Mapping[str, str] | None = None
    ) -> None:
        self.home: Final = home.absolute()
        self.data: Final = self.home / "data"
        self.run: Final = self.home / "run"
        self.secrets: Final = self.home / "secrets"
        self._given_bin = bin_dir
        self._settings = {**_SETTINGS, **(settings or {})}

    def ensure(self) -> None:
        """Have a server that answers, with roles and both books' databases.

        Before  nothing: no cluster, a stopped one, a crashed one or a running one.
        After   one can connect as every role; what was there before is kept.
        """
        with self._locked():
            if not self._answers():
                self._start()
            self._prepare()

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop the server; without one there is nothing to stop."""
        with self._locked():
            if not (self.data / "postmaster.pid").exists():
                return
            self._pg_ctl("stop", "-m", mode)

    def status(self) -> Status:
        """Look, and change nothing."""
        user = binaries.server_user(self.data)
        state: Literal["running", "stopped", "absent"] = "absent"
        found = ""
        if (self.data / "PG_VERSION").exists():
            state, found = "stopped", (self.data / "PG_VERSION").read_text().strip()
            if self._answers():
                state = "running"
                with self.admin() as connection:
                    found = str(connection.info.parameter_status("server_version"))
        return Status(state, found, user.name, self.run, self.data / "log")

    def erase(self) -> None:
        """Stop the server and delete its data and secrets, and nothing that is not ours."""
        if self.data.exists():
            self.stop("immediate")
        copies = self.home.glob("postgresql-*")
        draft = self.home / "data.draft"
        for path in (self.data, draft, self.run, self.secrets, *copies):
            shutil.rmtree(path, ignore_errors=True)
        (self.home / "lock").unlink(missing_ok=True)

    def dsn(self, book: BookName, role: str) -> str:
        """Give the connection string of a book for one role. It holds no password."""
        return self.dsn_to(database_name(book), role)

    def dsn_to(self, database: str, role: str) -> str:
        """Give the connection string of any database of this cluster for one role."""
        return make_conninfo(
            host=str(self.run),
            port=_PORT,
            dbname=database,
            user=role,
            passfile=str(self.secrets / role),
        )

    def admin(self) -> psycopg.Connection[Any]:
        """Connect as the cluster's administrator to the maintenance database, in autocommit."""
        return psycopg.connect(self.dsn_to(MAINTENANCE, ADMIN), autocommit=True, connect_timeout=10)

    @contextmanager
    def _locked(self) -> Generator[None]:
        """Hold the file lock beside the data: starts, stops and erasures queue up."""
        self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _answers(self) -> bool:
        """Tell whether one can connect; a password lost or refused is not ours to work around."""
        if (self.data / "PG_VERSION").exists() and not (self.secrets / ADMIN).exists():
            raise Fault(
                f"{self.secrets / ADMIN} is missing, and the data in {self.data} cannot be opened "
                "without it: restore that file from where the data came from"
            )
        try:
            self.admin().close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Fault(
                    f"the server in {self.home} refuses the password in {self.secrets}: "
                    "restore that directory from where the data came from"
                ) from error
            return False
        return True

    def _prepare(self) -> None:
        """Have the roles, their passwords and both databases; what exists stays."""
        with driver_errors(), self.admin() as connection:
            cluster.create_roles(connection)
            for role in cluster.ROLES:
                self._let_in(connection, role)
            for book in cluster.BOOKS:
                if not cluster.has_database(connection, database_name(book)):
                    cluster.create_database(connection, database_name(book), book)

    def _start(self) -> None:
        user = binaries.server_user(self.data)
        bin_dir = binaries.reachable_bin(user, self._given_bin, self.home)
        self._check_path()
        if not (self.data / "PG_VERSION").exists():
            self._create(user, bin_dir)
        self._check_version(bin_dir)
        self._own_directory(self.run, user)
        self._write_settings(user)
        self._start_until_it_answers()

    def _check_path(self) -> None:
        socket = self.run / f".s.PGSQL.{_PORT}.lock"
        if len(os.fsencode(socket)) > _SOCKET_PATH_MAX:
            raise Fault(f"{socket} is too long for a socket: set TWOFOLD_HOME to a shorter path")

    def _check_version(self, bin_dir: Path) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        have = binaries.version(bin_dir)
        if have.split(".")[0] != made_by:
            raise Fault(
                f"{self.data} was made by PostgreSQL {made_by}, the programs are {have}: set "
                f"TWOFOLD_POSTGRES_BIN to PostgreSQL {made_by}, or move the data with a backup"
            )

    def _create(self, user: binaries.ServerUser, bin_dir: Path) -> None:
        """Create the cluster under another name first: a crash leaves nothing half-made."""
        draft = self.home / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        self._own_directory(draft, user)
        self._own_directory(self.run, user)
        password_file = self.run / "password"
        password_file.touch(mode=0o600)
        os.chown(password_file, user.uid, user.gid)
        locale = ["--locale=C"]
        if int(binaries.version(bin_dir).split(".")[0]) >= 17:
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        try:
            password_file.write_text(self._password(ADMIN) + "\n")
            done = binaries.run_as(
                user,
                [
                    bin_dir / "initdb",
                    f"--pgdata={draft}",
                    f"--username={ADMIN}",
                    f"--pwfile={password_file}",
                    "--auth-local=scram-sha-256",
                    "--auth-host=scram-sha-256",
                    "--encoding=UTF8",
                    "--data-checksums",
                    *locale,
                ],
                seconds_max=600,
            )
        finally:
            password_file.unlink()
        if done.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise Fault(f"initdb failed as user {user.name}: {done.stdout.strip()}")
        with (draft / "postgresql.conf").open("a") as conf:
            # Ours first, then the administrator's own: the last word is theirs.
            conf.write("\ninclude_if_exists = 'twofold.conf'\ninclude_dir = 'conf.d'\n")
        self._own_directory(draft / "conf.d", user)
        draft.rename(self.data)

    @staticmethod
    def _own_directory(path: Path, user: binaries.ServerUser) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        if user.switched:
            os.chown(path, user.uid, user.gid)

    def _write_settings(self, user: binaries.ServerUser) -> None:
        settings = {**self._settings, "unix_socket_directories": str(self.run)}
        conf = self.data / "twofold.conf"
        conf.write_text(
            "# Written at every start. Your own settings belong in conf.d/*.conf\n"
            + "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())
        )
        if user.switched:
            os.chown(conf, user.uid, user.gid)

    def _start_until_it_answers(self) -> None:
        """Start; after a crash again, until the last processes of the old server are gone."""
        deadline = time.monotonic() + _CRASH_SECONDS_MAX
        while True:
            self._clear_stale_pid_files()
            words = self._pg_ctl("start", "-l", str(self.data / "start.log"), check=False)
            if self._answers():
                return
            log = self._log_tail()
            if not any(sign in log for sign in _STILL_HELD) or time.monotonic() > deadline:
                raise Fault(f"PostgreSQL does not start: {words}\n{log}")
            time.sleep(0.5)

    def _clear_stale_pid_files(self) -> None:
        """Remove pid files, of data and socket, that name a stranger or a zombie nobody reaps.

        Every process of a server works in its data directory. Where that can be seen and no
        process does, no server runs on the data, whatever the pid file says.
        """
        if Path("/proc/self/cwd").exists() and not _workers_in(self.data):
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self.run / f".s.PGSQL.{_PORT}.lock").unlink(missing_ok=True)

    def _log_tail(self) -> str:
        logs = [self.data / "start.log", *(self.data / "log").glob("*.log")]
        newest = max((log for log in logs if log.exists()), key=lambda log: log.stat().st_mtime)
        return "\n".join(newest.read_text(errors="replace").splitlines()[-10:])

    def _pg_ctl(self, action: str, *arguments: str, check: bool = True) -> str:
        user = binaries.server_user(self.data)
        bin_dir = binaries.reachable_bin(user, self._given_bin, self.home)
        command = [bin_dir / "pg_ctl", action, "-D", self.data, "-w", "-t", "600", *arguments]
        done = binaries.run_as(user, command, seconds_max=660)
        if check and done.returncode != 0:
            raise Fault(f"pg_ctl {action} failed: {done.stdout.strip()}")
        return done.stdout.strip()

    def _let_in(self, connection: psycopg.Connection[Any], role: str) -> None:
        """Give a role its password unless it has it already."""
        known = (self.secrets / role).exists()
        has_one = connection.execute(
            "SELECT rolpassword IS NOT NULL FROM pg_catalog.pg_authid WHERE rolname = %s", (role,)
        ).fetchone()
        if not known or has_one != (True,):
            cluster.set_password(connection, role, self._password(role))

    def _password(self, role: str) -> str:
        """Read the password of a role, made up and kept on first use."""
        path = self.secrets / role
        if not path.exists():
            self.secrets.mkdir(mode=0o700, exist_ok=True)
            # Letters, digits, - and _: nothing that the file's form would need to escape.
            line = f"*:*:*:{role}:{secrets.token_urlsafe(24)}\n"
            draft = path.with_suffix(".draft")
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            draft.write_text(line)
            draft.rename(path)
        return path.read_text().rstrip("\n").rpartition(":")[2]


def database_name(book: BookName) -> str:
    """Name the database of a book."""
    return f"twofold_{book}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _workers_in(data: Path) -> bool:
    """Tell whether any process works in this directory (Linux)."""
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").samefile(data):
                return True
        except OSError:
            # Gone meanwhile, a zombie, or of another user and so not a server of ours.
            continue
    return False
