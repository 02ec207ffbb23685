"""Killing an initial write: whole chunks are there, and the next run goes on behind them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT
from tests.dualwrite.planted import deliver, send_costs
from tests.dualwrite.test_initial_write import STAGED, change, value, writing
from tests.faults.engine import wait_for_its_sessions_to_end
from tests.support.books import Books
from twofold.dualwrite.standing.initial_write import initial_write


@pytest.mark.fault("F018")
@pytest.mark.parametrize("chunk", [1, 4])
def test_a_killed_initial_write_leaves_whole_chunks_and_goes_on(world: Books, chunk: int) -> None:
    send_costs(world, 1, first=1, count=50)
    deliver(world)
    change(world.owner_finance, "DELETE FROM finance.staged_actual")
    dsn = world.server.embedded.dsn_to
    books = [dsn(name, "twofold_dualwrite") for name in (world.pair.operations, world.pair.finance)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.standing_driver", *books, str(chunk)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as doomed:
        assert doomed.stdout
        assert doomed.stdout.readline().strip() == "at CP23"
        doomed.kill()
    wait_for_its_sessions_to_end(world)
    assert value(world.owner_finance, STAGED) == 10 * (chunk - 1)

    done = initial_write(writing(world))

    assert (done.added_count, done.same_count, done.row_count) == (50, 0, 50)
    assert value(world.owner_finance, STAGED) == 50
