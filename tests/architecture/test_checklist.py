"""The security checklist names tests that exist, and every requirement that holds has one."""

from __future__ import annotations

import re
from typing import Final

from tests.architecture.sources import ROOT
from tests.architecture.test_promises import NAMED, defined_in

PAGE: Final = (ROOT / "docs" / "security-checklist.md").read_text(encoding="utf-8")


def test_every_test_of_the_checklist_exists() -> None:
    named = NAMED.findall(PAGE)

    assert len(named) > 40
    assert not [f"{path}::{name}" for path, name in named if name not in defined_in(ROOT / path)]


def test_every_requirement_that_holds_is_held_by_a_test() -> None:
    holds = PAGE.partition("## What holds")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d[\d., to]*) \|(.*)$", holds, flags=re.MULTILINE)

    assert len(rows) > 30
    assert [number for number, row in rows if not NAMED.search(row)] == []
