"""Journals from the command line: import for one proposal, delete, post together, watch."""

from __future__ import annotations

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"


@pytest.fixture
def delivered(twofold: Program) -> Program:
    """Give the program with a month of hours, approved, billed and delivered."""
    twofold.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(EXAMPLES / "operations.toml"))
    twofold.ok("import", str(EXAMPLES / "toggl-october.csv"))
    twofold.ok("entries", "approve")
    twofold.ok("backlog", "ready")
    twofold.ok("backlog", "ready")
    twofold.ok("proforma", "create")
    twofold.ok("deliver")
    twofold.ok("proforma", "confirm", "--all")
    return twofold


def test_journals_are_imported_deleted_made_anew_and_posted(delivered: Program) -> None:
    proposals = delivered.ok("proposal", "list", "--json").json
    chosen = [
        delivered(
            "finance", "import-from-staging", "--proposal", one["proposal"]["number"], "--json"
        )
        for one in proposals
    ]
    alone = [one.json[0]["run"] for one in chosen]
    whole = delivered("finance", "import-from-staging", "--json").json
    drafts = delivered.ok("journal", "list", "--state", "draft", "--json").json
    (first, *_) = [one["journal"]["number"] for one in drafts]
    deleted = delivered.ok("journal", "delete", first, "--json").json
    unknown = delivered("journal", "delete", first)
    delivered("finance", "import-from-staging")
    kept = delivered.ok("journal", "list", "--state", "draft", "--json").json

    assert sum(one["line_count"] for one in alone) > 0
    assert any("ERR-I01" in one.err for one in chosen)
    assert sum(one["run"]["line_count"] for one in whole) > 0
    assert deleted["deleted"]["state"] == "deleted"
    assert unknown.code == 1
    assert "ERR-J09" in unknown.err
    assert sum(one["journal"]["line_count"] for one in kept) == sum(
        one["journal"]["line_count"] for one in drafts
    )

    posted = delivered.ok("journal", "post", "--all", "--workers", "3", "--json").json
    runs = delivered.ok("journal", "progress", "--json").json
    shown = delivered.ok("journal", "progress").out

    assert len(posted) == len(kept)
    assert sum(one["run"]["done_count"] for one in runs) == len(kept)
    assert sum(one["run"]["posted_line_count"] for one in runs) == sum(
        one["posted"]["posted_count"] for one in posted
    )
    assert "Processing" in shown
    delivered("finance", "import-from-staging")
    delivered.ok("deliver")
    delivered.ok("verify")


def test_one_line_is_deleted_by_its_actual(delivered: Program) -> None:
    delivered("finance", "import-from-staging")
    (first, *_) = delivered.ok("journal", "list", "--state", "draft", "--json").json
    number = first["journal"]["number"]
    company = first["company"]
    lines = delivered.ok("journal", "show", number, "--company", company, "--json").json
    actual = lines["journal"]["lines"][0]["actual_id"]

    deleted = delivered.ok(
        "journal", "delete", number, "--actual", str(actual), "--company", company
    )

    assert "Lines deleted" in deleted.out


def test_named_journals_are_posted_and_what_is_no_draft_is_told(delivered: Program) -> None:
    delivered("finance", "import-from-staging")
    (first, *_) = delivered.ok("journal", "list", "--state", "draft", "--json").json
    arguments = ("journal", "post", first["journal"]["number"], "--company", first["company"])

    delivered.ok(*arguments)
    again = delivered(*arguments)
    misused = delivered(*arguments, "--period", "2026-10-01")
    none = delivered.ok("journal", "post", "--all", "--period", "2020-01-01", "--json").json

    assert (again.code, "ERR-J09" in again.err) == (1, True)
    assert misused.code == 2
    assert none == []


def test_the_log_tells_what_proposals_wait_for(delivered: Program) -> None:
    delivered("finance", "import-from-staging")

    told = delivered.ok("finance", "messages", "--source", "proposal", "--json").json
    shown = delivered.ok("finance", "messages").out

    assert {one["message"]["code"] for one in told} == {"ERR-I01"}
    assert told[0]["message"]["reference"] in shown
    assert "twofold explain" in delivered("finance", "messages").err
