"""Discount and fee from the command line: shown where a line has one, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"
LINE = 'name = "Arm installation, time and material"'
MONTH = ("--on", "2026-11-02")


def flow(twofold: Program, folder: Path, agreed: str) -> dict[str, str]:
    """Take a month of one contract to its invoice; give what each command shows on the way."""
    setup = (EXAMPLES / "operations.toml").read_text(encoding="utf-8")
    assert setup.count(LINE) == 1
    file = folder / "operations.toml"
    file.write_text(setup.replace(LINE, f"{LINE}\n{agreed}"), encoding="utf-8")
    twofold.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(file))
    twofold.ok("import", str(EXAMPLES / "toggl-october.csv"))
    twofold.ok("entries", "approve", "--company", "USPM")
    twofold.ok("deliver")
    backlog = twofold.ok("backlog", "list", "--contract", "US-C-001", "--items").out
    twofold.ok("finance", "import-from-staging", *MONTH)
    twofold.ok("journal", "post", "--all")
    twofold.ok("backlog", "ready", "--contract", "US-C-001")
    (run,) = twofold.ok("proforma", "create", "--contract", "US-C-001", *MONTH, "--json").json
    number = run["run"]["proformas"][0]["number"]
    shown = {
        "backlog": backlog,
        "proforma": twofold.ok("proforma", "show", number, "--details").out,
        "preview": twofold.ok("proforma", "preview", number, *MONTH).out,
    }
    twofold.ok("proforma", "confirm", number, *MONTH)
    twofold.ok("finance", "import-from-staging", *MONTH)
    shown["proposal"] = twofold.ok("proposal", "show", number).out
    (posted,) = twofold.ok("proposal", "post", number, *MONTH, "--json").json["invoices"]
    twofold.ok("deliver")
    shown["invoice"] = twofold.ok("invoice", "show", posted[1]["invoice_number"], "--lines").out
    twofold.ok("verify")
    return shown


def test_discount_and_fee_are_shown_where_there_are_any(twofold: Program, tmp_path: Path) -> None:
    shown = flow(twofold, tmp_path, "discount_percent = 10\nfee_percent = 5")

    assert [command for command, text in shown.items() if "Discount" not in text] == []
    assert [command for command, text in shown.items() if "Fee" not in text] == []


def test_without_any_nothing_is_shown_of_them(twofold: Program, tmp_path: Path) -> None:
    shown = flow(twofold, tmp_path, "")

    assert [command for command, text in shown.items() if "Discount" in text] == []
