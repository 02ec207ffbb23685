"""Not-to-exceed limits from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"
CONTRACT = 'number = "US-C-001"'


@pytest.fixture
def limited(twofold: Program, tmp_path: Path) -> Program:
    """Give the program with a month of hours, of which the first contract may bill 10,000."""
    setup = (EXAMPLES / "operations.toml").read_text(encoding="utf-8")
    assert setup.count(CONTRACT) == 1
    file = tmp_path / "operations.toml"
    file.write_text(setup.replace(CONTRACT, f"{CONTRACT}\nnot_to_exceed = 10000"), encoding="utf-8")
    twofold.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(file))
    twofold.ok("import", str(EXAMPLES / "toggl-october.csv"))
    twofold.ok("entries", "approve")
    return twofold


def test_limits_are_listed_reset_and_evaluated(limited: Program) -> None:
    (shown,) = limited.ok("limit", "list", "--json").json
    taken = shown["limit"]
    refused = limited("backlog", "ready", "--contract", "US-C-001")
    (reset,) = limited.ok("limit", "reset", "--contract", "US-C-001", "--json").json
    (freed,) = limited.ok("limit", "list", "--contract", "US-C-001", "--json").json
    (evaluated,) = limited.ok("limit", "evaluate", "--contract", "US-C-001", "--json").json
    (again,) = limited.ok("limit", "list", "--json").json

    assert (taken["level"], float(taken["amount"])) == ("contract", 10_000)
    assert 0 < float(taken["committed_amount"]) <= 10_000
    assert "ERR-B03" in refused.out + refused.err
    assert reset["reset_count"] > 0
    assert float(freed["limit"]["committed_amount"]) == 0
    assert evaluated["evaluated"]["failed_count"] > 0
    assert again == shown


@pytest.mark.parametrize("by", ["customer", "project", "age"])
def test_the_backlog_is_added_up(limited: Program, by: str) -> None:
    found = limited.ok("backlog", "totals", "--by", by, "--on", "2026-11-02", "--json").json
    shown = limited.ok("backlog", "totals", "--by", by, "--on", "2026-11-02").out

    assert sum(one["total"]["item_count"] for one in found) > 0
    assert all(one["total"]["number"] in shown for one in found)
