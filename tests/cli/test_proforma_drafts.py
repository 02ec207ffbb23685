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


def test_a_preview_writes_what_confirming_will_and_keeps_nothing(drafts: Program) -> None:
    number = first_of(drafts)
    before = header(drafts, number)

    shown = drafts.ok("proforma", "preview", number, "--limit", "1000", "--json").json
    again = drafts.ok("proforma", "preview", number, "--limit", "1000", "--json").json
    text = drafts.ok("proforma", "preview", number)

    assert header(drafts, number) == before
    assert shown["preview"]["totals"] == again["preview"]["totals"]
    assert shown["preview"]["refusals"] == []
    assert "Confirming would write" in text.out
    drafts.ok("proforma", "confirm", number)
    after = header(drafts, number)
    billed = [
        one for one in shown["preview"]["actuals"] if one["transaction_type"] == "billed_sales"
    ]
    assert len(billed) == after["proforma"]["detail_count"]
    charged = [float(one["amount"]) for one in billed if one["billing_type"] == "chargeable"]
    assert sum(charged) == pytest.approx(float(after["proforma"]["detail_amount"]))


def test_a_preview_of_what_cannot_be_confirmed_says_why(drafts: Program) -> None:
    number = first_of(drafts)
    drafts.ok("proforma", "confirm", number)

    outcome = drafts("proforma", "preview", number)

    assert outcome.code != 0
    assert "ERR-B10" in outcome.out + outcome.err


def test_a_header_is_edited(drafts: Program) -> None:
    number = first_of(drafts)

    shown = drafts.ok(
        "proforma", "header", number, "--name", "October", "--accounting-date", "2026-10-31",
        "--state", "in_review", "--clear", "payment_terms", "--json",
    ).json["header"]  # fmt: skip

    assert (shown["name"], shown["accounting_date"]) == ("October", "2026-10-31")
    assert (shown["state"], shown["payment_terms"]) == ("in_review", None)
    assert "in_review" in drafts.ok("proforma", "header", number).out


def test_confirming_in_bulk_keeps_why_some_failed(drafts: Program) -> None:
    listed = [one["proforma"] for one in drafts.ok("proforma", "list", "--json").json]
    (bad, *others) = [one["number"] for one in listed]
    items = [str(one["proforma_detail_id"]) for one in header(drafts, bad)["details"]]
    drafts.ok("proforma", "remove", bad, *items)

    named = drafts("proforma", "confirm", bad, *others, "--on", "2026-11-02")
    after_named = drafts.ok("proforma", "list", "--state", "confirmed", "--json").json
    bulk = drafts("proforma", "confirm", bad, *others, "--bulk", "--on", "2026-11-02", "--json")
    failed = drafts.ok("proforma", "list", "--bulk", "failed", "--json").json
    shown = drafts.ok("proforma", "show", bad)

    assert (named.code, after_named) == (1, [])
    assert (bulk.code, [one["code"] for one in bulk.json["refused"]]) == (1, ["ERR-B05"])
    assert [one["proforma"]["number"] for one in failed] == [bad]
    assert "ERR-B05" in shown.out
    confirmed = drafts.ok("proforma", "list", "--bulk", "complete", "--json").json
    assert [one["proforma"]["number"] for one in confirmed] == others
    assert drafts.ok("proforma", "confirm", "--resume", "--json").json["confirmed"] == []
    assert drafts("proforma", "confirm", bad, "--all").code == 2
    assert drafts("proforma", "confirm").code == 2
