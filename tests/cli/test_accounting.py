"""Dimensions and tax groups from the command line: edited, adjusted, given, read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"
USPM = ("--company", "USPM")
DIMENSIONS = """
[[company.dimension_attributes]]
attribute = "Department"
values = ["D10", "D20"]

[[company.default_dimensions]]
project = "US-P-001"
dimensions = { Department = "D10" }

[[company]]
code = "GBPM"
"""


@pytest.fixture
def books(twofold: Program, tmp_path: Path) -> Program:
    """Give the program with a department, and a month of hours on a draft journal."""
    setup = (EXAMPLES / "finance.toml").read_text(encoding="utf-8")
    file = tmp_path / "finance.toml"
    file.write_text(
        setup.replace(
            "[company.parameters]\n",
            "[company.parameters]\nreceivable_dimensions_may_change = true\n",
            1,
        ).replace('[[company]]\ncode = "GBPM"\n', DIMENSIONS, 1),
        encoding="utf-8",
    )
    twofold.ok("setup", "finance", str(file))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(EXAMPLES / "operations.toml"))
    twofold.ok("deliver")
    twofold.ok("import", str(EXAMPLES / "toggl-october.csv"))
    twofold.ok("entries", "approve", *USPM)
    twofold.ok("deliver")
    twofold.ok("finance", "import-from-staging", *USPM)
    return twofold


def journal(program: Program) -> Any:  # noqa: ANN401 - a document may be anything
    (listed,) = program.ok("journal", "list", *USPM, "--json").json
    return program.ok("journal", "show", listed["journal"]["number"], *USPM, "--json").json[
        "journal"
    ]


def test_lines_are_edited_posted_and_adjusted(books: Program) -> None:
    before = journal(books)
    number = before["summary"]["number"]
    (sale, *_) = (
        one
        for one in before["lines"]
        if one["transaction_type"] == "unbilled_sales" and one["dimensions"] == "Department D10"
    )
    key = str(sale["actual_id"])

    edited = books.ok(
        "accounting", "edit-lines", number, "--actual", key, "--dimension", "Department=D20",
        "--tax-group", "", *USPM, "--json",
    ).json["edited"]  # fmt: skip
    refused = books("accounting", "edit-lines", number, "--dimension", "Colour=red", *USPM)
    misused = books("accounting", "edit-lines", number, "--dimension", "Department", *USPM)
    books.ok("journal", "post", "--all", *USPM)
    adjusted = books.ok(
        "accounting", "adjust", key, "--dimension", "Department=D10", "--reason", "Moved", *USPM,
        "--json",
    ).json["adjusted"]  # fmt: skip
    again = books.ok(
        "accounting", "adjust", key, "--dimension", "Department=D10", "--reason", "Moved", *USPM
    )

    assert (edited["edited_count"], refused.code, misused.code) == (1, 1, 2)
    assert "ERR-J11" in refused.err
    assert adjusted["transaction_count"] == 1
    assert adjusted["entry_count"] == 4
    assert "everything was so already" in again.out
    (line,) = (one for one in journal(books)["lines"] if str(one["actual_id"]) == key)
    assert (line["dimensions"], line["tax_group"]) == ("Department D10", None)
    balances = books.ok(
        "accounting", "balances", "Department", "--to", "2026-12-31", *USPM, "--json"
    ).json
    assert {one["balance"]["value"] for one in balances} == {"", "D10"}
    assert books("verify").code == 0


def test_a_header_is_given_other_dimensions(books: Program) -> None:
    books.ok("journal", "post", "--all", *USPM)
    books.ok("backlog", "ready", *USPM)
    (run,) = books.ok(
        "proforma", "create", "--contract", "US-C-001", *USPM, "--on", "2026-11-02", "--json"
    ).json
    number = run["run"]["proformas"][0]["number"]
    books.ok("proforma", "confirm", number, *USPM, "--on", "2026-11-02")
    books.ok("finance", "import-from-staging", *USPM, "--on", "2026-11-02")

    given = books.ok("accounting", "header", number, "--dimension", "Department=D20", *USPM)
    shown = books.ok("proposal", "show", number, *USPM, "--json").json["proposal"]

    assert "Department D20" in given.out
    assert shown["summary"]["dimensions"] == "Department D20"
    assert {one["dimensions"] for one in shown["lines"]} == {"Department D10"}


def test_on_account_transactions_are_listed_and_changed(books: Program) -> None:
    listed = books.ok("accounting", "on-account-list", *USPM, "--json").json
    key = str(listed[0]["on_account"]["milestone_id"])

    books.ok("accounting", "on-account", key, "--dimension", "Department=D20", *USPM)

    (found,) = (
        one["on_account"]
        for one in books.ok("accounting", "on-account-list", *USPM, "--json").json
        if str(one["on_account"]["milestone_id"]) == key
    )
    assert found["dimensions"] == "Department D20"
    assert books("accounting", "on-account", "99999999", "--tax-group", "X", *USPM).code == 1
