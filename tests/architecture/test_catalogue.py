"""Every code that source names is in the catalogue, explained, and provoked by a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from cyclopts import App

from tests.architecture.sources import ROOT, SOURCE
from twofold.cli.app import build
from twofold.kernel.catalogue import CATALOGUE
from twofold.kernel.errors import OWNERS, ErrorCode

CODE = re.compile(r"ERR-[A-Z]\d\d")


@pytest.mark.fault("F165")
def test_every_code_in_source_has_an_entry() -> None:
    used = {
        code: path.relative_to(SOURCE)
        for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql"), *SOURCE.rglob("*.toml"))
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }

    assert not {code: str(path) for code, path in used.items() if code not in CATALOGUE}


@pytest.mark.fault("F165")
@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.code)
def test_an_entry_says_what_why_and_what_to_do(entry: ErrorCode) -> None:
    assert CODE.fullmatch(entry.code)
    assert entry.title.strip()
    assert entry.cause.endswith(".")
    assert entry.remedy.endswith(".")
    assert entry.owner in OWNERS


COMMAND: Final = re.compile(r"`twofold ([^`]*)`")
WORD: Final = re.compile(r"[a-z][a-z-]*")


def called(text: str) -> list[str]:
    """Give the commands a text names, as they would be typed after the program's name."""
    return COMMAND.findall(text)


def is_group(app: App) -> bool:
    """Tell whether there are only the commands below it to be called."""
    return app.default_command is None and any(not one.startswith("-") for one in app)


def mistake_in(command: str) -> str:
    """Say what of a command does not exist; nothing when all of it does."""
    app = build()
    words = command.split()
    while words and WORD.fullmatch(words[0]):
        name = words.pop(0)
        if name not in app:
            # What is left are arguments, once a command is reached that has no others below it.
            if is_group(app):
                return f"there is no command {name}"
            break
        app = app[name]
    if is_group(app):
        return "it is a group of commands"
    known = {name for one in app.assemble_argument_collection() for name in one.names}
    missing = [word for word in words if word.startswith("--") and word not in known]
    return f"there is no option {', '.join(missing)}" if missing else ""


@pytest.mark.fault("F165")
@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.code)
def test_a_remedy_names_commands_and_options_that_exist(entry: ErrorCode) -> None:
    commands = called(f"{entry.cause} {entry.remedy}")

    assert not {one: mistake for one in commands if (mistake := mistake_in(one))}


@pytest.mark.parametrize(
    ("command", "mistake"),
    [
        ("deliver --stopped", ""),
        ("journal post NUMBER", ""),
        ("map resume NAME", ""),
        ("deliver --quickly", "there is no option --quickly"),
        ("maps", "there is no command maps"),
        ("map wake NAME", "there is no command wake"),
        ("map", "it is a group of commands"),
    ],
)
def test_commands_that_do_not_exist_are_noticed(command: str, mistake: str) -> None:
    assert mistake_in(command) == mistake


def texts_of(path: Path) -> Iterator[str]:
    """Give the string constants of a test module that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


@pytest.mark.fault("F165")
def test_a_test_provokes_every_code_that_the_program_can_show() -> None:
    """What only the catalogue names is reserved for rules that are not built yet."""
    shown = {
        code
        for path in (*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql"), *SOURCE.rglob("*.toml"))
        if not path.name.startswith("codes_")
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
    tests = ROOT / "tests"
    provoked = {
        code
        for path in tests.rglob("*.py")
        if path != Path(__file__)
        for text in texts_of(path)
        for code in CODE.findall(text)
    }
    for path in (*tests.rglob("*.toml"), *tests.rglob("*.yaml")):
        provoked |= set(CODE.findall(path.read_text(encoding="utf-8")))

    assert sorted(shown - provoked) == []
