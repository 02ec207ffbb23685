"""The seeded scheduler: ``python -m tests.faults.schedule --seed 7 --steps 60 [--count 1000]``.

A seed decides everything that happens: who seals what, which engine goes on to its next
failpoint, which dies there, when leases run out, what is paused, spoiled, mended and given up.
After every few acts the books are compared with the model; at the end everything is put right
and must have arrived. A seed that fails prints the one line that plays it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.faults.simulated import ENGINES, World
from tests.support.books import Books
from tests.support.server import TestServer

STEPS: Final = 40
_MASK: Final = (1 << 64) - 1


class Dice:
    """Numbers that look random and are the same for the same seed (splitmix64)."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def below(self, count: int) -> int:
        """Give a number from 0 to ``count`` - 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ (mixed >> 31)) % count


class Failed(AssertionError):
    """A history after which the books are not as they must be; names what happened."""

    def __init__(self, seed: int, steps: int, acts: list[str]) -> None:
        self.replay = f"python -m tests.faults.schedule --seed {seed} --steps {steps}"
        super().__init__(f"{self.replay}\n  " + "\n  ".join(acts))


def play(books: Books, *, seed: int, steps: int = STEPS) -> int:
    """Play one seed in fresh books; give how many sets were sealed.

    Raises  Failed, with the line that plays it again and what was done up to there.
    """
    dice, acts = Dice(seed), list[str]()
    world = World(books)
    try:
        for step in range(steps):
            _act(world, dice, acts)
            if step % 4 == 0:
                world.check()
        world.end()
    except BaseException as error:
        raise Failed(seed, steps, acts) from error
    finally:
        world.close()
    return len(world.onward.sealed) + len(world.back.sealed)


# What may happen, and how often in a hundred.
_ACTS: Final[tuple[tuple[int, str], ...]] = (
    (16, "costs"),
    (8, "resource"),
    (4, "project"),
    (4, "posting"),
    (44, "step"),
    (6, "kill"),
    (6, "lapse"),
    (3, "rest"),
    (3, "twice"),
    (2, "spoil"),
    (1, "mend"),
    (1, "dismiss"),
    (2, "quiet"),
)


def _act(world: World, dice: Dice, acts: list[str]) -> None:
    often = [name for weight, name in _ACTS for _ in range(weight)]
    name = often[dice.below(len(often))]
    first, second = dice.below(1000), dice.below(1000)
    acts.append(f"{name} {first} {second}")
    _DO[name](world, first, second)


def _costs(world: World, first: int, second: int) -> None:
    # Every third set needs a project that may not be there yet.
    project = 5 if first % 3 else 6 + second % 2
    world.seal_costs(stream=first % 4, count=1 + second % 3, project=project)


def _rest(world: World, first: int, second: int) -> None:
    table_map = ("actuals", "resources", "projects", "accounting_detail")[first % 4]
    world.rest(table_map, rests=second % 2 == 0)


def _step(world: World, first: int, second: int) -> None:
    for _ in range(1 + second % 4):
        world.step(first % len(ENGINES))


_DO: Final[dict[str, Callable[[World, int, int], None]]] = {
    "costs": _costs,
    "resource": lambda w, a, b: w.seal_state(kind="resource", key=a % 3, name=f"R {b}"),
    "project": lambda w, a, b: w.seal_state(kind="project", key=6 + a % 2, name=f"P {b}"),
    "posting": lambda w, _a, _b: w.seal_posting(),
    "step": _step,
    "kill": lambda w, a, _b: w.kill(a % len(ENGINES)),
    "lapse": lambda w, _a, _b: w.lapse(),
    "rest": _rest,
    "twice": lambda w, a, _b: w.deliver_twice(a),
    "spoil": lambda w, a, _b: w.spoil(a),
    "mend": lambda w, _a, _b: w.mend(),
    "dismiss": lambda w, a, _b: w.dismiss(a),
    "quiet": lambda w, _a, _b: w.quiet(),
}


def main() -> int:
    """Play as many seeds as asked for on a server of one's own; stop at the first that fails."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.faults.schedule")
    parser.add_argument("--seed", type=int, required=True, help="the first seed")
    parser.add_argument("--steps", type=int, default=STEPS, help="acts per seed")
    parser.add_argument("--count", type=int, default=1, help="how many seeds, one after the other")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="twofold-sim-", dir="/tmp"))
    home.chmod(0o711)
    server = TestServer(home)
    try:
        server.start()
        return _play_all(server, range(given.seed, given.seed + given.count), given.steps)
    finally:
        server.erase()


def _play_all(server: TestServer, seeds: range, steps: int) -> int:
    sealed = 0
    for seed in seeds:
        with server.clean_pair() as pair:
            books = Books(server, pair)
            try:
                sealed += play(books, seed=seed, steps=steps)
            except Failed as failed:
                sys.stdout.write(f"{failed}\n{failed.__cause__!r}\n")
                return 1
            finally:
                books.close()
    sys.stdout.write(f"{len(seeds)} seeds, {sealed} sets: all as the model says\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
