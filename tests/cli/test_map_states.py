"""Maps paused, stopped and let run by command, and what is refused."""

from __future__ import annotations

import pytest

from tests.cli.program import Program
from tests.support.books import Books

LEAF = "transaction_connections"


def state_of(twofold: Program, name: str) -> dict[str, object]:
    (found,) = (
        one for one in twofold.ok("map", "states", "--json").json["maps"] if one["map"] == name
    )
    return dict(found)


def test_a_map_is_paused_and_resumed_with_reason_and_name(twofold: Program) -> None:
    twofold.ok("map", "pause", LEAF, "--reason", "quarter end", "--as", "amy")

    paused = state_of(twofold, LEAF)
    assert (paused["state"], paused["cause"]) == ("paused", "quarter end")
    assert (paused["changed_by"], paused["company"]) == ("amy", None)
    assert "quarter end" in twofold.ok("map", "states").out
    assert f"{LEAF} is paused" in twofold("doctor").out

    resumed = twofold.ok("map", "resume", LEAF, "--reason", "done", "--json").json

    assert resumed["changed"]["changed"] == [[LEAF, "paused", "running"]]
    assert state_of(twofold, LEAF)["cause"] is None


def test_every_map_rests_and_runs_in_order(twofold: Program) -> None:
    down = twofold.ok("map", "stop", "--all", "--reason", "move", "--json").json
    up = twofold.ok("map", "start", "--all", "--reason", "moved", "--json").json

    names = [name for name, _, _ in down["changed"]["changed"]]
    assert names.index("actuals") < names.index("projects")
    assert [name for name, _, _ in up["changed"]["changed"]] == names[::-1]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("pause", LEAF), 2, "reason"),
        (("pause", "--reason", "r"), 2, "name the maps to pause, or give --all"),
        (("pause", LEAF, "--all", "--reason", "r"), 2, "name the maps"),
        (("resume", "--all", "--skip-queue", "--reason", "r"), 2, "--skip-queue"),
        (("resume", LEAF, "--skip-queue", "--reason", "r"), 1, "ERR-D25"),
        (("pause", "actuals", "--reason", "r"), 1, "ERR-D26"),
        (("start", LEAF, "--reason", " "), 1, "ERR-D25"),
        (("run", "nothing", "--reason", "r"), 1, "there is no map nothing"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    twofold: Program, arguments: tuple[str, ...], code: int, words: str
) -> None:
    outcome = twofold("map", *arguments)

    assert outcome.code == code
    assert words in outcome.err
    assert {one["state"] for one in twofold.ok("map", "states", "--json").json["maps"]} == {
        "running"
    }


def test_a_queue_is_skipped_with_the_sets_kept(twofold: Program, books: Books) -> None:
    twofold.ok("map", "pause", LEAF, "--reason", "quarter end")
    books.given(f"""
        operations:dualwrite.outbox
        company  set_id  kind      stream  version  actor  created_at
        USPM     7       approval  a       1        ann    2026-11-02T09:00:00Z
        USPM     8       approval  b       1        ann    2026-11-02T09:00:00Z

        operations:dualwrite.pending
        company  set_id  stream  version  maps
        USPM     7       a       1        {{{LEAF}}}
        USPM     8       b       1        {{customers}}
    """)

    shown = twofold.ok("map", "states", "--json").json
    counted = zip(shown["maps"], shown["queued"], strict=True)
    assert {one["map"]: count for one, count in counted if count} == {LEAF: 1, "customers": 1}

    resumed = twofold.ok(
        "map",
        "resume",
        LEAF,
        "--skip-queue",
        "--reason",
        "entered by hand",
        "--as",
        "amy",
        "--json",
    )

    assert resumed.json["skipped"][0]["set_count"] == 1
    (kept,) = twofold.ok("sets", "list", "--dismissed", "--json").json
    assert (kept["set"]["set_id"], kept["set"]["reason"]) == (7, "entered by hand")
    assert kept["set"]["dismissed_by"] == "amy"
    (left,) = twofold.ok("sets", "list", "--json").json
    assert left["pending"]["set_id"] == 8
    assert state_of(twofold, LEAF)["state"] == "running"


def test_a_map_held_for_one_company_is_not_taken_for_one_that_runs(twofold: Program) -> None:
    twofold.ok("map", "pause", LEAF, "--reason", "r", "--company", "USPM")
    (held,) = (one for one in twofold.ok("map", "states", "--json").json["maps"] if one["company"])
    assert held["remedy"] == f"`twofold map resume {LEAF} --company USPM --reason TEXT`"

    outcome = twofold.ok("map", "resume", LEAF, "--reason", "r")

    assert f"{LEAF} is paused for USPM alone: say --company USPM" in outcome.err
    resumed = twofold.ok("map", "resume", LEAF, "--reason", "r", "--company", "USPM", "--json")
    assert resumed.json["changed"]["changed"] == [[LEAF, "paused", "running"]]
