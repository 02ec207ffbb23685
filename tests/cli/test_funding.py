"""Who funds a contract, from the command line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"
FUNDING = """funding_limits = [
  { contract_number = "US-C-004", payer = "US-001", amount = 500 },
  { contract_number = "US-C-004", payer = "US-002", amount = 1000 },
]
funding_rules = [
  { contract_number = "US-C-004", priority = 1, shares = [
    { payer = "US-001", percent = 60 }, { payer = "US-002", percent = 40 },
  ] },
  { contract_number = "US-C-004", priority = 2, shares = [{ payer = "US-002", percent = 100 }] },
]
posting_setup = [
"""


@pytest.fixture
def funded(shared: Program, tmp_path: Path) -> Program:
    """Give the demo with a contract that two sources fund."""
    shared.ok("demo")
    shared.ok("finance", "setup", "apply", str(setup_file(tmp_path, FUNDING)))
    return shared


def setup_file(folder: Path, funding: str) -> Path:
    text = (EXAMPLES / "finance.toml").read_text(encoding="utf-8")
    file = folder / "finance.toml"
    file.write_text(text.replace("posting_setup = [\n", funding, 1), encoding="utf-8")
    return file


def test_what_each_source_funds_is_shown_beside_what_is_billed(
    funded: Program, tmp_path: Path
) -> None:
    found = funded.ok("receivable", "funding", "US-C-004", "--sales", "--json").json
    shown = funded.ok("receivable", "funding", "US-C-004", "--sales").out
    unknown = funded("receivable", "funding", "US-C-999")
    again = funded.ok("finance", "setup", "plan", str(setup_file(tmp_path, FUNDING)), "--json").json

    assert found["company"] == "USPM"
    sources = {one["payer"]: one for one in found["sources"]}
    sold = sum(Decimal(one["sold_amount"]) for one in found["sources"])
    assert sold > 0
    assert sum(Decimal(one["funded_amount"]) for one in found["sources"]) == sold
    assert Decimal(sources["US-001"]["funded_amount"]) <= 500
    assert "Sale by sale" in shown
    assert "nobody" in shown
    assert (unknown.code, "ERR-B22" in unknown.err) == (1, True)
    assert again["tables"] == []


@pytest.mark.parametrize(
    "shares",
    [
        '{ payer = "US-001", percent = 60 }, { payer = "US-002", percent = 39.99 }',
        '{ payer = "US-001", percent = 110 }, { payer = "US-002", percent = -10 }',
        '{ payer = "US-001", percent = 50 }, { payer = "US-001", percent = 50 }',
    ],
)
def test_shares_that_do_not_make_the_whole_are_refused(
    shared: Program, tmp_path: Path, shares: str
) -> None:
    funding = FUNDING.replace(
        '{ payer = "US-001", percent = 60 }, { payer = "US-002", percent = 40 }', shares
    )

    refused = shared("finance", "setup", "apply", str(setup_file(tmp_path, funding)), "--json")

    assert refused.code == 1
    assert refused.out.count("ERR-S05") == 1
    assert "funding_rule/US-C-004, 1" in refused.out
