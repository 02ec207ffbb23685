"""Every promise in docs/dual-write.md names tests that hold it, and each of them exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.sources import ROOT

PAGE: Final = (ROOT / "docs" / "dual-write.md").read_text(encoding="utf-8")
NAMED: Final = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def promises() -> dict[str, list[tuple[str, str]]]:
    """Give each promise with the tests below it: path and name."""
    made = PAGE.partition("## What dual-write promises")[2].partition("\n## ")[0]
    sections = re.split(r"^### ", made, flags=re.MULTILINE)[1:]
    return {one.partition("\n")[0]: NAMED.findall(one) for one in sections}


def defined_in(path: Path) -> set[str]:
    """Name the test functions of a module, also those of classes and under conditions."""
    if not path.exists():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


PROMISES: Final = promises()


def test_there_are_promises() -> None:
    assert len(PROMISES) > 10


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_held_by_tests_that_exist(promise: str) -> None:
    named = PROMISES[promise]

    assert named
    assert not [f"{path}::{name}" for path, name in named if name not in defined_in(ROOT / path)]


def test_everything_that_looks_like_a_test_is_read() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("- `tests/")]

    assert len(lines) == sum(len(named) for named in PROMISES.values())
