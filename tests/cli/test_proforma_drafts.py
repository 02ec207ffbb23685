"""Editing, taking apart, deleting and revising drafts from the command line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"


@pytest.fixture
def drafts(twofold: Program) -> Program:
    """Give the program with drafts of a month of hours."""
    twofold.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(EXAMPLES / "operations.toml"))
    twofold.ok("import", str(EXAMPLES / "toggl-october.csv"))
    twofold.ok("entries", "approve")
    twofold.ok("deliver")
    twofold.ok("backlog", "ready", "--up-to", "2026-10-31")
    twofold.ok("proforma", "create", "--on", "2026-10-31")
    return twofold


def first_of(program: Program) -> str:
    """Give the number of the first proforma."""
    return str(program.ok("proforma", "list", "--json").json[0]["proforma"]["number"])


def header(program: Program, number: str) -> Any:  # noqa: ANN401 - a document
    return program.ok("proforma", "show", number, "--details", "--json").json


def test_a_draft_is_edited_taken_apart_and_deleted(drafts: Program) -> None:
    (number, *_) = [
        one["proforma"]["number"] for one in drafts.ok("proforma", "list", "--json").json
    ]
    before = header(drafts, number)
    items = [str(one["proforma_detail_id"]) for one in before["details"]]

    edited = drafts.ok(
        "proforma",
        "edit",
        number,
        items[0],
        "--price",
        "1",
        "--tax",
        "0.5",
        "--revision",
        "1",
        "--json",
    ).json["proforma"]
    late = drafts("proforma", "edit", number, "--all", "--price", "2", "--revision", "1")
    nothing = drafts("proforma", "edit", number, "--all")
    neither = drafts("proforma", "edit", number, "--price", "2")
    added = drafts.ok(
        *("proforma", "add", number, "--line", "1", "--class", "time", "--on", "2026-10-30"),
        *("--quantity", "2", "--price", "50", "--json"),
    ).json["proforma"]
    refreshed = drafts("proforma", "refresh", number, "--on", "2026-10-31")
    removed = drafts.ok("proforma", "remove", number, items[0], "--json").json["proforma"]
    gone = drafts.ok("proforma", "delete", number)

    assert (edited["revision"], edited["tax_amount"]) == (2, "0.5000")
    assert (late.code, "ERR-B24" in late.err) == (1, True)
    assert (nothing.code, neither.code) == (2, 2)
    assert added["detail_count"] == len(before["details"]) + 1
    assert (refreshed.code, "ERR-B05" in refreshed.err) == (1, True)
    assert removed["detail_count"] == len(before["details"])
    assert f"{number} is deleted" in gone.out
    assert drafts("proforma", "show", number).code == 1
    drafts.ok("verify")


def test_a_confirmed_proforma_is_revised(drafts: Program) -> None:
    drafts.ok("proforma", "confirm", "--all", "--on", "2026-11-02")
    (number, *_) = [
        one["proforma"]["number"] for one in drafts.ok("proforma", "list", "--json").json
    ]

    revised = drafts.ok("proforma", "revise", number, "--json").json["proforma"]
    again = drafts("proforma", "revise", number)
    shown = drafts.ok("proforma", "show", revised["number"], "--details")

    assert revised["detail_amount"].startswith("-")
    assert (again.code, "ERR-B05" in again.err) == (1, True)
    assert "Corrects" in shown.out
    drafts.ok("verify")
