"""From a file to an invoice by hand, one command after the other; trace tells what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Program

EXAMPLES = Path(__file__).parents[2] / "examples"
MONTH = ("--on", "2026-11-02")


@pytest.fixture
def ready(twofold: Program) -> Program:
    """Both books set up, and a month of hours imported."""
    twofold.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(EXAMPLES / "operations.toml"))
    twofold.ok("deliver")
    twofold.ok("import", str(EXAMPLES / "toggl-october.csv"))
    return twofold


def wait_of(twofold: Program, number: str) -> Any:  # noqa: ANN401 - a document may be anything
    (journey,) = twofold.ok("trace", number, "--company", "USPM", "--json").json
    return journey["waits_for"]


def test_trace_always_knows_the_next_command(ready: Program) -> None:
    """Follow one proforma and do what trace says, until nothing is left to do."""
    ready.ok("entries", "approve", "--company", "USPM")
    ready.ok("deliver")
    ready.ok("backlog", "ready")
    (run,) = ready.ok(
        "proforma", "create", "--contract", "US-C-001", "--company", "USPM", *MONTH, "--json"
    ).json
    number = run["run"]["proformas"][0]["number"]

    told: list[str] = []
    while (wait := wait_of(ready, number)) is not None:
        told.append(wait["station"])
        assert len(told) < 10, told
        if wait["problems"]:
            ready.ok("journal", "post", "--all", "--company", "USPM")
            command = ["finance", "import-from-staging"]
        else:
            command = wait["remedy"].strip("`").split()[1:]
        ready(*command, *(MONTH if command[0] in {"proforma", "finance"} else ()))

    assert told == [
        "proforma confirmed",
        "proposal lines",  # not imported yet
        "proposal lines",  # imported, and the sales it bills wait in a journal
        "customer invoice posted",
        "written back",
    ]


def test_trace_follows_an_actual_that_is_not_billed(ready: Program) -> None:
    approved = ready.ok("entries", "approve", "--company", "USPM", "--json").json
    sale = f"actual/{approved[0]['first_actual_id'] + 1}"

    stations: list[str] = []
    for command in (
        ("deliver",),
        ("finance", "import-from-staging", *MONTH),
        ("journal", "post", "--all"),
        ("deliver",),
        ("backlog", "ready"),
    ):
        stations.append(wait_of(ready, sale)["station"])
        ready.ok(*command)

    assert stations == [
        "change set applied",
        "import from staging",
        "journal posted",
        "written back",
        "ready to invoice",
    ]
    assert wait_of(ready, sale)["remedy"] == "`twofold proforma create`"


def test_a_billed_actual_stands_before_its_proforma_and_names_its_entry(ready: Program) -> None:
    key, *_ = keys_in(ready, "submitted")
    approved = ready.ok("entries", "approve", key, "--company", "USPM", "--json").json
    sale = f"actual/{approved[0]['first_actual_id'] + 1}"
    for command in (
        ("deliver",),
        ("finance", "import-from-staging", *MONTH),
        ("journal", "post", "--all"),
        ("backlog", "ready"),
        ("proforma", "create", *MONTH),
        ("proforma", "confirm", "--all", *MONTH),
    ):
        ready.ok(*command)

    (journey,) = ready.ok("trace", sale, "--company", "USPM", "--json").json

    assert [one["name"] for one in journey["stations"]] == [
        "unbilled_sales actual (approval)",
        "change set applied",
        "journal line posted",
        "proforma created",
        "proforma confirmed",
        "change set applied",
        "staged",
        "proposal lines",
        "customer invoice posted",
        "written back",
        "proforma posted",
    ]
    assert journey["stations"][0]["note"].startswith(f"entry {key}, ")
    assert journey["stations"][1]["count"] == 1
    shown = ready.ok("proposal", "show", journey["stations"][4]["number"]).out
    assert "twofold finance import-from-staging" in shown


def test_a_file_imported_twice_adds_nothing(ready: Program) -> None:
    again = ready.ok("import", str(EXAMPLES / "toggl-october.csv"), "--json").json

    assert (again["added"], again["already_there"]) == (0, 44)


def test_good_rows_come_in_and_bad_ones_go_to_a_file(ready: Program, tmp_path: Path) -> None:
    source = EXAMPLES / "toggl-with-mistakes.csv"
    target = tmp_path / "rejects.csv"

    whole = ready("import", str(source))
    partly = ready("import", str(source), "--accept-good", "--rejects", str(target), "--json")
    again = ready("import", str(source), "--accept-good", "--rejects", str(target))

    assert whole.code == partly.code == 1
    assert partly.json["refusals"]
    assert "Problem" in target.read_text(encoding="utf-8-sig").splitlines()[0]
    assert again.code == 2
    assert "exists already" in again.err


def test_a_template_can_be_written_once(twofold: Program, tmp_path: Path) -> None:
    file = tmp_path / "work.xlsx"

    twofold.ok("template", str(file))
    again = twofold("template", str(file))

    assert file.stat().st_size > 0
    assert again.code == 1
    assert "ERR-E14" in again.err


def test_entries_can_be_rejected_and_approvals_cancelled(ready: Program) -> None:
    (listed, *_) = ready.ok("entries", "list", "--waiting", "--json").json["entries"]
    key, company = str(listed["entry"]["entry_id"]), listed["company"]
    why = ("--reason", "Wrong project")

    approved = ready.ok("entries", "approve", key, "--company", company, "--json").json
    cancelled = ready.ok("entries", "cancel-approval", key, "--company", company, "--json").json
    rejected = ready.ok("entries", "reject", key, *why, "--company", company, "--json").json
    again = ready("entries", "reject", key, *why, "--company", company)

    counts = [approved[0]["entry_count"], cancelled["entry_count"], rejected["entry_count"]]
    assert counts == [1, 1, 1]
    assert again.code == 1
    assert "ERR-E27" in again.err


def keys_in(twofold: Program, state: str, *more: str) -> list[str]:
    listed = twofold.ok("entries", "list", "--company", "USPM", "--state", state, *more, "--json")
    return [str(one["entry"]["entry_id"]) for one in listed.json["entries"]]


def test_entries_of_every_state_are_listed_with_their_keys(ready: Program) -> None:
    """Each decision moves its entry to the state where the next one finds it."""
    key, *others = keys_in(ready, "submitted")
    for decision, state in (
        ("recall", "draft"),
        ("submit", "submitted"),
        ("approve", "approved"),
        ("request-recall", "recall_requested"),
        ("approve-recall", "returned"),
        ("submit", "submitted"),
        ("reject", "returned"),
    ):
        why = ("--reason", "Wrong project") if decision == "reject" else ()
        ready.ok("entries", decision, key, *why, "--company", "USPM")
        assert key in keys_in(ready, state), decision

    assert keys_in(ready, "submitted", "--limit", "2") == others[:2]
    assert keys_in(ready, "submitted", "--limit", "2", "--after", others[1]) == others[2:4]
    first_page = ready.ok("entries", "list", "--state", "submitted", "--limit", "2")
    assert "--after" in first_page.err
    assert ready("entries", "list", "--waiting", "--state", "draft").code == 2
    assert ready("entries", "list", "--after", "1").code == 2


def test_who_asks_is_recorded(ready: Program) -> None:
    ready.ok("entries", "approve", "--as", "molly")

    pending = ready.ok("sets", "list", "--json").json

    assert {one["pending"]["actor"] for one in pending} == {"molly"}
    assert ready("entries", "approve", "--as", " ").code == 2


def test_trace_tells_what_holds_a_set_since_when_and_what_to_do(ready: Program) -> None:
    ready.ok("entries", "approve", "--company", "USPM")
    (first, *_) = ready.ok("sets", "list", "--company", "USPM", "--json").json
    ready.ok("map", "pause", "actuals", "--related", "--reason", "quarter end")

    held = wait_of(ready, "actual/1")
    ready.ok("sets", "dismiss", "--company", "USPM", "--state", "waiting", "--reason", "twice")
    given_up = wait_of(ready, "actual/1")

    assert held["remedy"] == "`twofold map resume actuals --reason TEXT`"
    reasons = [one["reason"] for one in held["problems"]]
    assert reasons[0].startswith("the map actuals is paused: quarter end, since 20")
    assert {one["record"] for one in held["problems"]} == {f"set/{first['pending']['set_id']}"}
    assert "given up (twice): `twofold sets show" in given_up["remedy"]


def test_delivery_that_leaves_something_behind_is_refused(ready: Program) -> None:
    ready.ok("entries", "approve")
    ready.ok("deliver")

    assert ready.ok("deliver", "--json").json["pending"] == []
    assert "none" in ready.ok("sets", "list").out


def test_a_proforma_that_cannot_be_confirmed_says_why(ready: Program) -> None:
    ready.ok("entries", "approve")
    ready.ok("deliver")
    ready.ok("backlog", "ready")
    ready.ok("proforma", "create", *MONTH)
    (first, *_) = ready.ok("proforma", "list", "--state", "draft", "--json").json
    number, company = first["proforma"]["number"], first["company"]

    ready.ok("proforma", "confirm", number, "--company", company, *MONTH)
    again = ready("proforma", "confirm", number, "--company", company, *MONTH)
    unknown = ready("proforma", "confirm", "PF-NOWHERE")

    assert again.code == 1
    assert "ERR-B" in again.err
    assert unknown.code == 1
    assert "ERR-B22" in unknown.err
