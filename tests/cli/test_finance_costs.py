"""Costs that finance posts itself, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Program

JOURNAL = """date,project,cost_price,offset_account,sales_price,description
2026-11-03,US-P-001,100,110110,200,Crane hired for a day
"""
INVOICE = """vendor,invoice,date,project,price,tax_group,item_tax_group
V-017,2026-0815,2026-11-03,US-P-001,106.25,MA,GOODS
"""


@pytest.fixture
def demo(shared: Program) -> Program:
    """Give the books of the demo."""
    shared.ok("demo")
    return shared


def test_costs_are_posted_delivered_taken_over_and_listed(demo: Program, tmp_path: Path) -> None:
    journal, invoice = tmp_path / "journal.csv", tmp_path / "invoices.csv"
    journal.write_text(JOURNAL, encoding="utf-8")
    invoice.write_text(INVOICE, encoding="utf-8")

    posted = demo.ok("general-journal", "post", str(journal), "--company", "USPM")
    bought = demo.ok(
        "vendor-invoice", "post", str(invoice), "--company", "USPM", "--prices-include-tax"
    )
    demo.ok("deliver")
    waiting = demo.ok("finance-cost", "list", "--waiting", "--company", "USPM", "--json").json
    taken = demo.ok("finance-cost", "take", "--company", "USPM")
    again = demo.ok("finance-cost", "take", "--company", "USPM", "--json").json
    listed = demo.ok("finance-cost", "list", "--company", "USPM").out
    demo.ok("deliver")

    assert "GJ-00000001" in posted.out
    assert "twofold finance-cost take" in posted.err
    assert "VIV-00000001" in bought.out
    assert [one["document"] for one in waiting] == ["V-017/2026-0815", "GJ-00000001"]
    assert "Taken over in USPM" in taken.out
    assert again["taken"]["cost_count"] == 0
    assert "GJV-00000001" in listed
    for name, document in (("general-journal", "GJ-00000001"), ("vendor-invoice", "V-017")):
        assert document in demo.ok(name, "list").out
        assert demo.ok(name, "list", "--json").json[0]["company"] == "USPM"
    # Tax of 6.25 percent is in the price, and comes back.
    (line,) = demo.ok("vendor-invoice", "list", "--json").json
    assert line["cost"]["cost_amount"] == "100.0000"
    assert line["cost"]["recoverable_tax_amount"] == "6.2500"
    refused = demo("general-journal", "post", str(journal), "--company", "USPM")
    assert (refused.code, "ERR-J71" in refused.err) == (1, True)
    demo.ok("verify")
