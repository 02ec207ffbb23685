"""Everything dies at random for a while; ``make chaos`` runs it for as long as asked."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT

SEED = 7


@pytest.mark.fault("F030")
def test_no_promise_is_broken_while_everything_dies_at_random() -> None:
    """Two servers, three engines, users, observers: an hour in the matrix, a slice of it here."""
    command = [sys.executable, "-m", "tests.chaos", "--minutes", "0.3", "--seed", str(SEED)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "every promise held" in done.stdout
