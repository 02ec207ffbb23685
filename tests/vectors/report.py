"""One line at the end of a run: how many worked cases pass, and which are not built yet."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from _pytest.terminal import TerminalReporter

NOT_BUILT: Final = Path(__file__).parent / "not_built.txt"
_SAID: Final = pytest.StashKey[bool]()


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Say it once, if worked cases were run."""
    ran = {
        outcome: sum(
            "test_vectors.py::test_vector[" in report.nodeid
            for report in terminalreporter.stats.get(outcome, [])
        )
        for outcome in ("passed", "failed", "error")
    }
    if not any(ran.values()) or config.stash.get(_SAID, False):
        return
    config.stash[_SAID] = True
    ids = [line.split()[0] for line in NOT_BUILT.read_text(encoding="utf-8").splitlines()]
    failed = ran["failed"] + ran["error"]
    parts = [f"{ran['passed']} pass", *([f"{failed} fail"] if failed else [])]
    terminalreporter.write_line(
        f"vectors: {', '.join(parts)}, {len(ids)} not built: {' '.join(ids)}"
    )
