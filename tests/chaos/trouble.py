"""What goes wrong during a run: each kind of trouble on its own schedule, drawn from the seed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from random import Random  # noqa: TID251 - seeded, and the seed is printed
from typing import Final

from tests.architecture.sources import ROOT
from tests.faults.servers import TwoServers, named
from twofold.database.embedded import database_name
from twofold.dualwrite.sets.route import LEASE_SECONDS

SECONDS_BETWEEN: Final = (5.0, 40.0)
_FROZEN_SHARE: Final = 0.3
_SECONDS_FROZEN: Final = (0.8 * LEASE_SECONDS, 1.4 * LEASE_SECONDS)


class EngineProcess:
    """One standing engine: started, killed, frozen and started again."""

    def __init__(
        self, name: str, command: list[str], environment: dict[str, str], log: Path
    ) -> None:
        self.name = name
        self._command, self._environment, self._log = command, environment, log
        self.process: subprocess.Popen[bytes] | None = None
        self.died_by_itself = 0

    def start(self) -> None:
        """Start it, in a process of its own."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End it as power does."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def ask_to_stop(self) -> None:
        """Let it finish what is under way, and end."""
        assert self.process
        self.process.terminate()
        self.process.wait(timeout=60)

    def signal(self, number: signal.Signals) -> None:
        """Freeze it, or let it go on."""
        assert self.process
        self.process.send_signal(number)

    def is_dead(self) -> bool:
        """Tell whether it ended, by itself or not."""
        return self.process is not None and self.process.poll() is not None

    def last_words(self) -> str:
        """Give the end of its log."""
        return self._log.read_text(errors="replace")[-2000:] if self._log.exists() else ""


COMMAND: Final = [
    sys.executable,
    "-c",
    "from twofold.cli.app import main; main()",
    "dualwrite",
    "run",
    "--workers",
    "2",
]
_LOGIN: Final = "chaos_bridge"


def let_engines_in(servers: TwoServers, home: Path) -> dict[str, str]:
    """Give both servers a login for engines; say in which environment they find it.

    Engines reach both books through their doors.
    """
    password = f"{_LOGIN}-password"
    environment = {"TWOFOLD_HOME": str(home / "home")}
    for book, door in servers.door.items():
        with servers.of[book].admin() as connection:
            connection.execute(f"DROP ROLE IF EXISTS {_LOGIN}".encode())
            connection.execute(
                f"CREATE ROLE {_LOGIN} LOGIN PASSWORD '{password}' IN ROLE twofold_owner,"
                " twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor".encode()
            )
        url = f"postgresql://{_LOGIN}:{password}@127.0.0.1:{door.port}/{database_name(named(book))}"
        environment[f"TWOFOLD_{book.upper()}_URL"] = url
    return environment


class Trouble:
    """Makes trouble until told to stop, and keeps account of it."""

    def __init__(self, servers: TwoServers, engines: list[EngineProcess], seed: int) -> None:
        self.count: Counter[str] = Counter()
        self.longest_recovery = 0.0
        self.down: list[tuple[str, float, float]] = []
        self._servers, self._engines, self._seed = servers, engines, seed
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._progress: Callable[[], int] = lambda: 0
        self.recoveries: list[tuple[str, float]] = []
        self._threads: list[threading.Thread] = []

    def begin(self, progress: Callable[[], int]) -> None:
        """Begin; ``progress`` tells how many sets have been applied so far."""
        self._progress = progress
        kinds: list[tuple[str, Callable[[Random], None]]] = [
            ("operations server killed", lambda _: self._kill_server("operations")),
            ("finance server killed", lambda _: self._kill_server("finance")),
            ("network", self._network),
            ("all engines killed", lambda _: self._kill_all_engines()),
            *(
                (f"{one.name} killed", lambda d, e=one: self._kill_engine(e, d))
                for one in self._engines
            ),
        ]
        supervisor = threading.Thread(target=self._supervise, daemon=True)
        supervisor.start()
        self._threads.append(supervisor)
        for number, (_, make) in enumerate(kinds):
            dice = Random(self._seed * 100 + number)  # noqa: S311 - seeded on purpose
            thread = threading.Thread(target=self._run, args=(make, dice), daemon=True)
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        """Make no more trouble, and put everything right again."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._servers.have_both()
        self.keep_up()

    def keep_up(self) -> None:
        """Start engines again that ended."""
        for engine in self._engines:
            if engine.is_dead():
                engine.died_by_itself += 1
                engine.start()

    def excuses(self, book: str, began: float) -> bool:
        """Tell whether the book's own server was down when, or soon after, something began."""
        return any(
            name == book and start - 12 <= began <= end + 12 for name, start, end in self.down
        )

    def _run(self, make: Callable[[Random], None], dice: Random) -> None:
        while not self._stop.wait(dice.uniform(*SECONDS_BETWEEN)):
            make(dice)

    def _kill_server(self, book: str) -> None:
        server = self._servers.of[book]
        with self._down(book):
            server.kill()
            self._stop.wait(0.5)
            server.ensure()
        self._note(f"{book} server killed", "both")

    def _kill_engine(self, engine: EngineProcess, dice: Random) -> None:
        if dice.random() < _FROZEN_SHARE:
            self._freeze_engine(engine, dice)
            return
        with self._lock:
            engine.kill()
            self.count["engine killed"] += 1
            engine.start()

    def _freeze_engine(self, engine: EngineProcess, dice: Random) -> None:
        """Freeze it, most often for longer than its leases; it goes on as if nothing had been."""
        engine.signal(signal.SIGSTOP)
        self._stop.wait(dice.uniform(*_SECONDS_FROZEN))
        # By now it may have been killed with all the others.
        engine.signal(signal.SIGCONT)
        self.count["engine frozen"] += 1

    def _supervise(self) -> None:
        """Start what ended by itself after a second, as any supervisor of services does."""
        while not self._stop.wait(1):
            with self._lock:
                self.keep_up()

    def _kill_all_engines(self) -> None:
        with self._lock:
            for engine in self._engines:
                engine.kill()
            # What they had applied is seen by now: what comes next is of the new ones.
            self._stop.wait(1)
            for engine in self._engines:
                engine.start()
        self._note("all engines killed", "engines")

    def _network(self, dice: Random) -> None:
        door = self._servers.door[dice.choice(("operations", "finance"))]
        kind = dice.choice(("cut", "refuse", "black hole", "slow", "half-open"))
        if kind == "cut":
            door.cut()
        elif kind == "refuse":
            door.refuse()
        elif kind == "black hole":
            door.black_hole()
        elif kind == "slow":
            door.delay_seconds = 0.05
        else:
            door.lose_answer_to(b"COMMIT")
        self._stop.wait(dice.uniform(1, 5))
        door.open()
        self._note(f"network {kind}", "network")

    @contextmanager
    def _down(self, book: str) -> Generator[None]:
        began = time.monotonic()
        self.down.append((book, began, began + 3600))
        yield
        self.down[:] = [one for one in self.down if one[:2] != (book, began)]
        self.down.append((book, began, time.monotonic()))

    def _note(self, what: str, _kind: str) -> None:
        """Count the trouble, and wait for the next set to be applied after it was over."""
        self.count[what] += 1
        over = time.monotonic()
        before = self._progress()
        while self._progress() <= before and not self._stop.wait(0.05):
            pass
        if not self._stop.is_set():
            self.recoveries.append((what, time.monotonic() - over))
