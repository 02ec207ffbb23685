"""The finance setup from the command line: planned, applied, numbers looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLE = ROOT / "examples" / "finance.toml"
RATE = '{ currency = "EUR", valid_from = 2026-01-01, rate = 117.25 }'


@pytest.fixture
def changed_file(tmp_path: Path) -> Path:
    """Give the example with another rate, one more account and a group with other codes."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (
        (RATE, RATE.replace("117.25", "118.5")),
        (
            '{ account = "681600", name = "Penny differences", kind = "expense" }',
            '{ account = "681700", name = "Bank charges", kind = "expense" }',
        ),
        (
            '{ tax_group = "EXPORT", tax_codes = [] }',
            '{ tax_group = "EXPORT", tax_codes = ["US-MA"] }',
        ),
        ('{ tax_group = "MA", tax_codes = ["US-MA"] }', '{ tax_group = "MA", tax_codes = [] }'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "changed.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_plan_shows_every_difference_and_writes_nothing(
    twofold: Program, changed_file: Path
) -> None:
    twofold.ok("finance", "setup", "apply", str(EXAMPLE))

    planned = twofold.ok("finance", "setup", "plan", str(changed_file), "--json").json
    shown = twofold.ok("finance", "setup", "plan", str(changed_file))
    again = twofold.ok("finance", "setup", "plan", str(EXAMPLE), "--json").json

    found = {
        (table["company"], table["table"], *(str(value) for value in one.values()))
        for table in planned["tables"]
        for one in table["differences"]
    }
    assert found == {
        ("USPM", "main_account", "added", "681700", "", "", ""),
        ("USPM", "main_account", "unnamed", "681600", "", "", ""),
        (
            "USPM", "exchange_rate", "changed", "EUR, 2026-01-01", "rate", "117.250000000",
            "118.500000000",
        ),
        ("USPM", "tax_group_code", "added", "EXPORT, US-MA", "", "", ""),
        ("USPM", "tax_group_code", "removed", "MA, US-MA", "", "", ""),
    }  # fmt: skip
    assert again["tables"] == []
    assert ["rate", "117.25", "118.5"] in [line.split()[-3:] for line in shown.out.splitlines()]
    assert "only in the book" in shown.out
    assert "Nothing was written; 4 rows would be." in shown.err


def test_a_plan_of_a_new_company_adds_every_row(twofold: Program) -> None:
    planned = twofold.ok("finance", "setup", "plan", str(EXAMPLE), "--json").json

    verdicts = {one["verdict"] for table in planned["tables"] for one in table["differences"]}
    assert verdicts == {"added"}
    assert twofold.ok("setup", "finance", str(EXAMPLE), "--json").json[0]["added"] == 2


def test_a_plan_is_refused_as_the_setup_would_be(twofold: Program, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    text = EXAMPLE.read_text(encoding="utf-8")
    file.write_text(text.replace('receivable_account = "130100"', 'receivable_account = "9"'))

    planned = twofold("finance", "setup", "plan", str(file))

    assert planned.code == 1
    assert planned.err.count("ERR-A31") == 2


def test_sequences_are_listed_with_what_is_left(twofold: Program) -> None:
    twofold.ok("finance", "setup", "apply", str(EXAMPLE))
    twofold.ok("deliver")

    found = twofold.ok("finance", "setup", "sequences", "--company", "USPM", "--json").json
    shown = twofold.ok("finance", "setup", "sequences").out

    assert [one["sequence"]["next_number"] for one in found["sequences"]] == [
        "USPM-000001", "USPIJ-000000001", "USINV-00000001", "USPIV-000000001",
    ]  # fmt: skip
    assert found["gaps"] == []
    assert "Numbers that no document carries: none" in shown


def test_shared_categories_tell_what_is_set_up(twofold: Program) -> None:
    twofold.ok("finance", "setup", "apply", str(EXAMPLE))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(ROOT / "examples" / "operations.toml"))
    twofold.ok("deliver")

    found = twofold.ok("finance", "setup", "categories", "--company", "USPM", "--json").json
    shown = twofold.ok("finance", "setup", "categories").out

    set_up = {
        (one["category"]["number"], one["category"]["class_"])
        for one in found
        if one["category"]["is_set_up"]
    }
    assert len(found) == 20
    assert set_up == {
        ("TCN-0000000100-LABOR-1", "time"),
        ("TCN-0000000200-TRAVL-4", "expense"),
        ("TCN-0000000300-HOTEL-4", "expense"),
        ("TCN-0000000400-SERVO-3", "material"),
        ("TCN-0000000500-LICEN-2", "fee"),
    }
    assert "TCN-0000000500-LICEN-2" in shown


@pytest.mark.parametrize("country", ["us", "fr", "pt", "es"])
def test_a_sample_is_a_file_to_change_and_apply(
    twofold: Program, tmp_path: Path, country: str
) -> None:
    file = tmp_path / "company.toml"
    file.write_text(twofold.ok("finance", "setup", "sample", country).out, encoding="utf-8")

    twofold.ok("finance", "setup", "apply", str(file))
    planned = twofold.ok("finance", "setup", "plan", str(file), "--json").json

    assert planned == {"tables": [], "warnings": []}
