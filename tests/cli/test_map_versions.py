"""Versions of maps from the command line: plan, activate, diff, roll back, and what stays out."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.fixture
def elsewhere(twofold: Program, tmp_path: Path) -> Program:
    """Give the program of an environment that maps a column in its own way."""
    override = '[columns]\nname = { expression = "upper(s.name)" }\n'
    (tmp_path / "customers.toml").write_text(override, encoding="utf-8")
    return Program({**twofold.environment, "TWOFOLD_MAPS": str(tmp_path)})


@pytest.mark.parametrize(
    "command",
    [
        ("map", "list"),
        ("map", "show", "customers"),
        ("map", "states"),
        ("map", "plan"),
        ("sets", "list"),
        ("alert", "list"),
        ("dualwrite", "log"),
        ("dualwrite", "lag"),
    ],
    ids=" ".join,
)
def test_who_only_looks_activates_nothing(
    twofold: Program, elsewhere: Program, command: tuple[str, ...]
) -> None:
    twofold.ok("map", "list")

    elsewhere.ok(*command)

    assert len(twofold.ok("map", "versions", "customers", "--json").json) == 1


@pytest.mark.parametrize(
    "command",
    [("deliver",), ("entries", "approve"), ("finance", "import-from-staging"), ("verify",)],
    ids=" ".join,
)
def test_a_program_with_other_maps_does_not_work_on_the_books(
    twofold: Program, elsewhere: Program, command: tuple[str, ...]
) -> None:
    twofold.ok("map", "list")

    refused = elsewhere(*command)
    elsewhere.ok("map", "activate")
    late = twofold(*command)

    assert (refused.code, "ERR-D88" in refused.err) == (1, True)
    assert "ERR-D88" in late.err
    assert len(twofold.ok("map", "versions", "customers", "--json").json) == 2


def test_an_environment_plans_compares_activates_and_goes_back(
    twofold: Program, elsewhere: Program
) -> None:
    twofold.ok("map", "list")
    (planned,) = (
        one for one in elsewhere.ok("map", "plan", "--json").json if one["change"] != "unchanged"
    )
    assert (planned["map"], planned["change"]) == ("customers", "changed")
    assert "upper(s.name)" in elsewhere.ok("map", "diff", "customers").out

    assert elsewhere.ok("map", "activate", "--json").json == {"changed": ["customers"]}
    assert "this environment" in elsewhere.ok("map", "show", "customers").out

    first, second = elsewhere.ok("map", "versions", "customers", "--json").json
    assert first["content_hash"] != second["content_hash"]
    several = elsewhere("map", "diff", "customers", "1.0.0", "1.0.0")
    assert (several.code, "several contents" in several.err) == (2, True)
    hashes = first["content_hash"][:8], second["content_hash"][:8]
    assert "upper(s.name)" in elsewhere.ok("map", "diff", "customers", *hashes).out

    elsewhere.ok("map", "rollback", "customers", "--as", "amy")

    *_, last = elsewhere.ok("map", "versions", "customers", "--json").json
    assert (last["activation"], last["activated_by"]) == ("rolled back", "amy")
    assert last["content_hash"] == first["content_hash"]
    assert "kept" in elsewhere.ok("map", "plan").out
