"""Retainers from the command line: added, billed, applied, refunded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"


@pytest.fixture
def books(twofold: Program) -> Program:
    """Give the program with hours of a month that are ready to invoice."""
    twofold.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(EXAMPLES / "operations.toml"))
    twofold.ok("import", str(EXAMPLES / "toggl-october.csv"))
    twofold.ok("entries", "approve")
    twofold.ok("deliver")
    return twofold


def first_item(program: Program) -> tuple[str, Any]:
    """Give an item of the backlog, and its company."""
    found = program.ok("backlog", "list", "--items", "--json").json[0]
    return found["company"], found["item"]


def draft(program: Program) -> str:
    """Create a draft of what is ready and give its number."""
    program.ok("proforma", "create", "--on", "2026-10-31")
    (one,) = [
        one["proforma"]
        for one in program.ok("proforma", "list", "--json").json
        if one["proforma"]["state"] == "draft"
    ]
    return str(one["number"])


def retainers(program: Program) -> list[Any]:
    return [one["retainer"] for one in program.ok("retainer", "list", "--json").json]


def test_an_advance_is_billed_applied_and_refunded(books: Program) -> None:
    company, item = first_item(books)
    contract = str(item["contract_number"])
    of = ("--company", company)
    added = books.ok(
        "retainer", "add", contract, "--amount", "300", "--on", "2026-10-01", "--json"
    ).json[0]["retainer"]
    key = str(added["retainer_id"])

    books.ok("backlog", "ready", "--retainer", key, *of)
    books.ok("proforma", "confirm", draft(books))
    (invoiced,) = retainers(books)
    books.ok("backlog", "ready", "--actual", str(item["key"]), *of)
    number = draft(books)
    lowered = books.ok("retainer", "apply", number, key, "--amount", "25", "--json").json
    refused = books("retainer", "apply", number, key, "--amount", "300.01")
    books.ok("proforma", "confirm", number)
    marked = books.ok("retainer", "refund", key, *of, "--json").json["retainer"]
    cancelled = books.ok("retainer", "cancel-refund", key, *of, "--json").json["retainer"]

    assert (invoiced["state"], float(invoiced["available_amount"])) == ("posted", 300)
    assert lowered["proforma"]["detail_count"] == 2
    assert refused.code == 1
    assert "ERR-B13" in refused.err
    assert (marked["refund_state"], float(marked["refund_amount"])) == ("ready", 275)
    assert cancelled["refund_state"] is None


def test_a_schedule_is_listed_by_contract(books: Program) -> None:
    contract = str(first_item(books)[1]["contract_number"])

    books.ok(
        "retainer", "schedule", contract, "--total", "100", "--start", "2026-10-31",
        "--end", "2026-12-31",
    )  # fmt: skip

    listed = books.ok("retainer", "list", "--contract", contract, "--json").json
    assert [one["retainer"]["invoice_date"] for one in listed] == [
        "2026-10-31", "2026-11-30", "2026-12-31",
    ]  # fmt: skip
    refused = books("retainer", "schedule", contract, "--total", "1", "--start", "2026-10-31")
    assert refused.code == 1
    assert "ERR-B32" in refused.err
