"""The standing processes of one machine: started behind the command line, and stopped again.

A process holds a lock on its file below the home for as long as it lives: it inherits the open
file it was started with. So a crash frees the name by itself, and no number of a dead process is
ever taken for a living one.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from twofold.kernel.errors import Fault

HOST: Final = "127.0.0.1"
PORT: Final = 8088
ADDRESS: Final = f"http://{HOST}:{PORT}"

_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 30.0
_ASKED_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.1
_LOG_LINES: Final = 5


@dataclass(frozen=True, slots=True)
class Service:
    """A command that stands: its name, its arguments, and how to see that it is ready."""

    name: str
    arguments: tuple[str, ...]
    is_ready: Callable[[], bool]


def services(port: int) -> tuple[Service, ...]:
    """Name what runs on a machine that does everything by itself."""
    return (
        Service("dualwrite", ("dualwrite", "run"), lambda: True),
        Service("pages", ("serve", "--port", str(port)), lambda: _answers(port)),
    )


def start(home: Path, service: Service) -> str:
    """Have the service run; say whether it was started or ran before.

    Raises  Fault, with the end of its log, when it left or is not ready in half a minute; or when
            it runs already, and differently.
    """
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    log = _log(home, service.name)
    with _lock(home, service.name).open("a+") as lock:
        if not _is_free(lock):
            _until(
                service.is_ready,
                _ASKED_SECONDS,
                f"{service.name} runs already, and not as asked now: `twofold down` stops it",
            )
            return "runs"
        pid = _spawn(service.arguments, log, lock.fileno())
        lock.truncate(0)
        lock.write(str(pid))
    _until(
        lambda: service.is_ready() or _has_ended(pid),
        _START_SECONDS,
        f"{service.name} is not ready after {_START_SECONDS:.0f} s: see {log}",
    )
    if not service.is_ready():
        raise Fault(f"{service.name} ended at once; {log} says:\n{_end_of(log)}")
    return "started"


def stop(home: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Ask the services to end, and wait until they have; name those that ran."""
    found: list[str] = []
    for name in names:
        path = _lock(home, name)
        if not path.exists():
            continue
        with path.open("a+") as lock:
            if _is_free(lock):
                continue
            lock.seek(0)
            os.kill(int(lock.read()), signal.SIGTERM)
            _until(
                lambda lock=lock: _is_free(lock),
                _STOP_SECONDS,
                f"{name} has not ended after {_STOP_SECONDS:.0f} s: see {_log(home, name)}",
            )
            found.append(name)
    return tuple(found)


def forget(home: Path, names: Sequence[str]) -> None:
    """Delete what stopped services left behind: their logs and lock files."""
    for name in names:
        _log(home, name).unlink(missing_ok=True)
        _lock(home, name).unlink(missing_ok=True)


def _spawn(arguments: Sequence[str], log: Path, lock: int) -> int:
    """Start our program in a session of its own; it inherits the lock, and outlives this one."""
    fcntl.fcntl(lock, fcntl.F_SETFD, 0)
    program = (sys.executable, "-m", "twofold.cli", *arguments)
    return os.posix_spawn(
        sys.executable,
        program,
        os.environ,
        file_actions=(
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ),
        setsid=True,
    )


def _has_ended(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG) != (0, 0)


def _is_free(lock: IO[str]) -> bool:
    """Tell whether no process holds the file; if so, this one does from now on."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/sign-in", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _until(holds: Callable[[], bool], seconds_max: float, otherwise: str) -> None:
    end = time.monotonic() + seconds_max
    while not holds():
        if time.monotonic() > end:
            raise Fault(otherwise)
        time.sleep(_LOOK_SECONDS)


def _lock(home: Path, name: str) -> Path:
    return home / f"{name}.lock"


def _log(home: Path, name: str) -> Path:
    return home / f"{name}.log"


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:])
