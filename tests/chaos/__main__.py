"""Chaos: ``python -m tests.chaos --minutes 60 --seed 7``, also as ``make chaos``.

Users of both books produce change sets without a pause; several engines deliver them; servers
and engines are killed, the network fails, all at moments drawn from the seed. An observer in
each book looks for anything partial. Then quiet: everything drains, and the independent checker
asks both books for every promise. Ends with 1 when one of them is broken.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

from tests.chaos.trouble import COMMAND, EngineProcess, Trouble, let_engines_in
from tests.chaos.users import Made, plant_companies, staff_of
from tests.faults.checker import broken_promises
from tests.faults.observer import Observer
from tests.faults.servers import BOOKS, TwoServers, books_of
from tests.support.books import Books

_STUCK_SECONDS: Final = 90
_ENGINES: Final = 3
_SHORT_MINUTES: Final = 10
_PAUSE_SHORT, _PAUSE_LONG = 0.25, 1.6
_SLICE_SEED: Final = 20261121
_SLICE_MINUTES: Final = 1.5


def main() -> None:
    """Run as asked; exit 1 on any broken promise."""
    asked = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    asked.add_argument(
        "--minutes", type=float, help="without it: 90 s by a fixed seed, 90 s by a new one"
    )
    asked.add_argument("--seed", type=int)
    asked.add_argument("--pause", type=float, help="seconds between a user's acts")
    asked.add_argument("--keep", type=Path, default=None, help="leave logs here")
    given = asked.parse_args()
    # The pool says of every connection what the users count anyway.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    new_seed = given.seed if given.seed is not None else secrets.randbelow(10**6)
    slices = [(_SLICE_MINUTES, _SLICE_SEED), (_SLICE_MINUTES, new_seed)]
    runs = [(given.minutes, new_seed)] if given.minutes else slices
    broken = [
        run(minutes, seed, given.pause or _pause_for(minutes), given.keep) for minutes, seed in runs
    ]
    sys.exit(1 if any(broken) else 0)


def _pause_for(minutes: float) -> float:
    """Give a pause that makes thousands of sets, and not so many that looking takes all day."""
    return _PAUSE_SHORT if minutes <= _SHORT_MINUTES else _PAUSE_LONG


def run(minutes: float, seed: int, pause: float, keep: Path | None) -> bool:
    """Do one run on two servers of its own; tell whether a promise was broken."""
    home = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    home.chmod(0o711)
    servers = TwoServers(home, {"autovacuum": "on"})
    try:
        servers.start()
        with books_of(servers) as books:
            return _Run(servers, books, seed, pause, home).go(minutes)
    finally:
        servers.erase()
        if keep:
            shutil.copytree(home, keep / str(seed), dirs_exist_ok=True)
        shutil.rmtree(home, ignore_errors=True)


class _Run:
    def __init__(
        self, servers: TwoServers, books: Books, seed: int, pause: float, home: Path
    ) -> None:
        self.servers, self.books, self.seed, self.pause = servers, books, seed, pause
        environment = let_engines_in(servers, home)
        self.engines = [
            EngineProcess(f"engine {n}", COMMAND, environment, home / f"engine-{n}.log")
            for n in range(1, _ENGINES + 1)
        ]
        self.trouble = Trouble(servers, self.engines, seed)
        self.made = Made()
        self.drained_after = 0.0

    def go(self, minutes: float) -> bool:
        """Run for so long, then look; tell whether a promise was broken."""
        self.minutes = minutes
        plant_companies(self.books)
        began = time.monotonic()
        staff = staff_of(self.books, self.seed, self.made, pause=self.pause)
        dsn = {book: self.servers.of[book].dsn(book, "twofold_auditor") for book in BOOKS}
        with (
            Observer("operations", dsn["operations"]) as operations,
            Observer("finance", dsn["finance"]) as finance,
        ):
            for one in [*self.engines, *staff.users]:
                one.start()
            self.trouble.begin(lambda: operations.applied + finance.applied)
            time.sleep(max(0.0, minutes * 60 - (time.monotonic() - began)))
            self.trouble.end()
            staff.leave(self.books)
            quiet_since = time.monotonic()
            drained = self._drain()
            self.drained_after = time.monotonic() - quiet_since
        for engine in self.engines:
            engine.kill()
        wrong = [
            *drained,
            *operations.wrong,
            *finance.wrong,
            *self._turned_away(),
            *self.made.mistakes,
        ]
        wrong += broken_promises(self.books, quiet=True)
        self._report(wrong, [operations, finance], time.monotonic() - began)
        return bool(wrong)

    def _drain(self) -> list[str]:
        """Wait until nothing is under way: everything that was waited for has come by now.

        On a busy machine that takes its time; what counts is that it goes on.
        """
        left, moved_at = self._left(), time.monotonic()
        while left["waiting"] or left["parked"]:
            self.trouble.keep_up()
            time.sleep(0.5)
            before, left = left, self._left()
            if left != before:
                moved_at = time.monotonic()
            if time.monotonic() - moved_at > _STUCK_SECONDS:
                words = "\n".join(engine.last_words() for engine in self.engines)
                return [f"V2 {dict(left)} sets never arrived\n{words}"]
        return [f"V2 {left['stopped']} sets are stopped"] if left["stopped"] else []

    def _left(self) -> Counter[str]:
        left: Counter[str] = Counter()
        for book in BOOKS:
            with self.servers.admin_of(book) as connection:
                left.update(
                    dict(
                        connection.execute(
                            "SELECT state::text, count(*) FROM dualwrite.pending GROUP BY 1"
                        ).fetchall()
                    )
                )
        return left

    def _turned_away(self) -> list[str]:
        return [
            f"V12 {book}: a user was turned away while its server was up: {why}"
            for book, began, why in self.made.turned_away
            if not self.trouble.excuses(book, began)
        ]

    def _report(self, wrong: list[str], observers: list[Observer], seconds: float) -> None:
        counted = {
            "seconds": round(seconds),
            "sets made": self._count("outbox"),
            "sets applied": self._count("inbox"),
            **dict(sorted(self.trouble.count.items())),
            "seconds to drain": round(self.drained_after),
            "engines that ended by themselves": sum(one.died_by_itself for one in self.engines),
            "acts that waited for their server": self.made.waited,
            "attempts that failed": self._events(),
            "attempts that parked": self._parked(),
            "looks of the observers": sum(one.looks for one in observers),
        }
        for name, value in counted.items():
            _say(f"  {name:36} {value}")
        slowest: dict[str, float] = {}
        for what, took in self.trouble.recoveries:
            slowest[what] = max(took, slowest.get(what, 0.0))
        for what, took in sorted(slowest.items()):
            _say(f"  {'delivered again after ' + what:36} {took:.1f} s at the longest")
        for one, times in Counter(wrong).most_common(40):
            _say(f"BROKEN {one}" + (f" ({times} times)" if times > 1 else ""))
        verdict = f"{len(wrong)} promises broken" if wrong else "every promise held"
        _say(f"chaos: {verdict}; replay: make chaos MINUTES={self.minutes:g} SEED={self.seed}")

    def _count(self, table: str) -> int:
        query = "SELECT count(*) FROM dualwrite."
        return sum(self._ask(book, query + table) for book in BOOKS)

    def _events(self) -> int:
        query = "SELECT count(*) FROM dualwrite.event WHERE code IS NOT NULL"
        return sum(self._ask(book, query) for book in BOOKS)

    def _parked(self) -> int:
        query = "SELECT count(*) FROM dualwrite.event WHERE event = 'set parked'"
        return sum(self._ask(book, query) for book in BOOKS)

    def _ask(self, book: str, query: str) -> int:
        with self.servers.admin_of(book) as connection:
            (count,) = connection.execute(query.encode()).fetchone() or (0,)
        return int(count)


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
