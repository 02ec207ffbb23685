"""Milestones that were invoiced before, brought over from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"
CARRYING = ("invoices", "actuals", "transaction_connections")


def test_a_milestone_of_before_is_confirmed_and_never_arrives(
    twofold: Program, tmp_path: Path
) -> None:
    stated = (EXAMPLES / "operations.toml").read_text(encoding="utf-8")
    setup = tmp_path / "operations.toml"
    milestone = 'name = "Design approved"\n'
    setup.write_text(stated.replace(milestone, milestone + 'state = "ready"\n'), encoding="utf-8")
    cutting_over = Program({**twofold.environment, "TWOFOLD_MAPS": str(EXAMPLES / "cut-over")})

    changed = cutting_over.ok("map", "activate", "milestones", "--json").json["changed"]
    cutting_over.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    cutting_over.ok("deliver")
    cutting_over.ok("setup", "operations", str(setup))
    cutting_over.ok("deliver")
    twofold.ok("map", "activate", "milestones")
    assert changed == ["milestones"]

    twofold.ok("map", "pause", *CARRYING, "--reason", "cut-over")
    twofold.ok("proforma", "create")
    (number,) = (one["proforma"]["number"] for one in twofold.ok("proforma", "list", "--json").json)
    refused = twofold("proforma", "confirm", number, "--on", "2026-10-31")
    queued = twofold.ok(
        "proforma", "confirm", number, "--on", "2026-10-31", "--when-unreachable", "queue"
    )
    twofold.ok("map", "resume", *CARRYING, "--skip-queue", "--reason", "invoiced before")
    delivered = twofold.ok("deliver", "--json")

    assert refused.code == 1
    assert "ERR-D01" in refused.err
    assert "Sets wait to be delivered" in queued.err
    assert twofold.ok("proposal", "list", "--json").json == []
    stands = {
        one["on_account"]["description"]: one["on_account"]["state"]
        for one in twofold.ok("accounting", "on-account-list", "--company", "USPM", "--json").json
    }
    assert (stands["Design approved"], stands["Cell in operation"]) == ("invoiced", "open")
    assert delivered.code == 0
    assert twofold.ok("verify").code == 0
