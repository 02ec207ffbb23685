"""The cut-off of the opening balances from the command line."""

from __future__ import annotations

from tests.architecture.sources import ROOT
from tests.cli.program import Program

FINANCE = ROOT / "examples" / "finance.toml"


def test_the_cut_off_is_stated_for_one_company(twofold: Program) -> None:
    twofold.ok("setup", "finance", str(FINANCE))
    twofold.ok("deliver")

    stated = twofold.ok("finance", "cut-off", "2026-06-30", "--company", "USPM", "--json").json
    moved = twofold.ok("finance", "cut-off", "2026-07-31", "--company", "USPM").out
    nameless = twofold("finance", "cut-off", "2026-06-30", "--company", "NONE")

    assert stated["cut_off"] == {"cut_off_on": "2026-06-30", "before": None}
    assert "2026-07-31" in moved
    assert "2026-06-30" in moved
    assert nameless.code == 2
