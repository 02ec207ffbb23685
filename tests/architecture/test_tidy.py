"""The house lint: sizes, names, docstrings, and who may touch the driver's connection."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, SOURCE

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
STATEMENT_LINES_MAX = 120
DRAWERS = {"utils", "util", "helpers", "common", "base", "misc", "services", "managers"}

MODULES = sorted(SOURCE.rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


by_path = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))


@by_path
def test_a_module_is_small_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= MODULE_LINES_MAX
    assert ast.get_docstring(tree_of(path)), "a module opens by saying what it is for"


@by_path
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES_MAX, f"{node.name}: {length} lines"


@by_path
def test_what_is_public_is_documented(path: Path) -> None:
    module = tree_of(path)
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    public_classes = [node for node in classes if not node.name.startswith("_")]
    members = [member for node in public_classes for member in node.body]
    for node in (*public_classes, *module.body, *members):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name}: no docstring"


@by_path
def test_a_package_file_holds_a_docstring_and_nothing_else(path: Path) -> None:
    if path.name == "__init__.py":
        body = tree_of(path).body
        assert len(body) == 1, "one import path per thing: no code in __init__.py"


def test_there_are_no_drawers() -> None:
    named = {path for path in SOURCE.rglob("*") if path.stem in DRAWERS}

    assert not named, "find the noun that is missing"


def test_only_the_database_package_takes_the_connection_out_of_a_transaction() -> None:
    outside = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if "connection_of" in path.read_text(encoding="utf-8")
        and path.relative_to(SOURCE).parts[0] != "database"
    ]

    assert not outside
