"""The engine as a process of its own, with what the kernel says of its memory and work.

    python -m tests.bench.process HOME OPERATIONS FINANCE WORKERS

It is the standing process of the product with a heartbeat and no watch, until it is told to stop.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.books import Books
from tests.support.server import postgres_bin
from twofold.database.connection import Book
from twofold.database.embedded import EmbeddedServer
from twofold.dualwrite.run.engine import Engine, Plan
from twofold.dualwrite.run.heartbeat import Heartbeat
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.table_maps.activate import active_maps


@dataclass(frozen=True, slots=True)
class EngineProcess:
    """A running engine."""

    pid: int

    def memory_mb(self) -> float:
        """Give the most memory it held since the last ``forget_peak``."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        (peak,) = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
        return int(peak) / 1024

    def forget_peak(self) -> None:
        """Count the most memory anew."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")

    def processor_seconds(self) -> float:
        """Give the processor time it has used so far."""
        return sum(_ticks(self.pid)[1:3]) / os.sysconf("SC_CLK_TCK")


def server_seconds(server: EmbeddedServer) -> float:
    """Give the processor time that the server has used so far, all its sessions together."""
    postmaster = int((server.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    used = sum(_ticks(postmaster)[1:])
    for one in Path("/proc").glob("[0-9]*"):
        try:
            parent, user, system, *_ = _ticks(int(one.name))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile: its parent has its time
        used += user + system if parent == postmaster else 0
    return used / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> list[int]:
    """Give a process's parent, its own user and system time, and that of its ended children."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    fields = stat.rpartition(")")[2].split()
    return [int(fields[1]), *map(int, fields[11:15])]


@contextmanager
def running(books: Books, *, workers: int) -> Generator[EngineProcess]:
    """Run an engine between the books; it is stopped when the block ends."""
    home, pair = books.server.embedded.home, books.pair
    command = [sys.executable, "-m", "tests.bench.process", str(home), pair.operations]
    with subprocess.Popen([*command, pair.finance, str(workers)]) as process:
        try:
            yield EngineProcess(process.pid)
        finally:
            process.terminate()


def main() -> None:
    """Run until terminated."""
    home, operations, finance, workers = sys.argv[1:]
    server = EmbeddedServer(Path(home), postgres_bin())
    role = "twofold_dualwrite"
    book = Book("operations", server.dsn_to(operations, role), role)
    with book.reader() as reader:
        maps = active_maps(reader)
    book.close()

    def routes(name: str) -> tuple[Route, Route]:
        here = Book("operations", server.dsn_to(operations, role), role, application=name)
        there = Book("finance", server.dsn_to(finance, role), role, application=name)
        return Route(here, there, maps), Route(there, here, maps)

    engine = Engine(
        Plan(Heartbeat("bench", "here", os.getpid()), int(workers), routes, lambda: None,
             lambda: 0.5)
    )  # fmt: skip
    signal.signal(signal.SIGTERM, lambda _signal, _frame: engine.stop())
    engine.run()


if __name__ == "__main__":
    main()
