"""Versions of maps from the command line: plan, activate, diff, roll back, and what stays out."""

from __future__ import annotations

from tests.cli.program import Program


def test_a_plan_of_what_is_active_changes_nothing(shared: Program) -> None:
    planned = shared.ok("map", "plan", "--json").json

    assert {one["change"] for one in planned} == {"unchanged"}
    assert not [finding for one in planned for finding in one["findings"]]


def test_nothing_is_activated_when_all_is_as_declared(shared: Program) -> None:
    assert shared.ok("map", "activate", "--json").json == {"changed": []}


def test_the_versions_of_a_map_are_listed(shared: Program) -> None:
    (version,) = shared.ok("map", "versions", "customers", "--json").json

    assert (version["map_version"], version["activation"]) == ("1.0.0", "activated")


def test_a_version_does_not_differ_from_itself(shared: Program) -> None:
    found = shared.ok("map", "diff", "customers", "1.0.0", "1.0.0", "--json").json

    assert found == {"fields": [], "sql": ""}


def test_there_is_nothing_to_roll_back_to(shared: Program) -> None:
    outcome = shared("map", "rollback", "customers")

    assert outcome.code == 1
    assert "ERR-D66" in outcome.err


def test_a_version_that_never_was_is_refused(shared: Program) -> None:
    outcome = shared("map", "diff", "customers", "1.0.0", "9.9.9")

    assert outcome.code == 1
    assert "9.9.9" in outcome.err


def test_a_company_without_sets_has_nothing_excluded(shared: Program) -> None:
    assert shared.ok("map", "excluded", "actuals", "--company", "NONE", "--json").json == []


def test_one_version_alone_is_a_mistake(shared: Program) -> None:
    assert shared("map", "diff", "customers", "1.0.0").code == 2
