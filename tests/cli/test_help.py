"""Help: every command has it, and the first one costs nothing but itself."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest
from cyclopts import App

from tests.cli.program import Program
from twofold.cli.app import build

NO_BOOKS = Program({})


def commands(app: App, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Name every command of the program, groups included."""
    yield path
    for name in app:
        if not name.startswith("-"):
            yield from commands(app[name], (*path, name))


COMMANDS = sorted(commands(build()))


@cache
def help_of(path: tuple[str, ...]) -> str:
    return NO_BOOKS.ok(*path, "--help").out


def test_the_set_of_commands_does_not_shrink() -> None:
    wanted = """
        up, demo, import, template, setup operations, setup finance, entries list, entries approve,
        backlog list, backlog ready, backlog unready, proforma list, proforma create,
        proforma show, proforma confirm, finance import-from-staging, journal list, journal show,
        journal post, journal to-draft, proposal list, proposal show, proposal post, invoice list,
        invoice show, ledger trial-balance, trace, map list, map show, deliver, sets list, verify,
        doctor, down
    """

    missing = {tuple(one.split()) for one in wanted.split(",")} - set(COMMANDS)

    assert not missing


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    shown = help_of(path)

    usage, _, words = shown.partition("\n")
    assert usage.startswith(f"Usage: {' '.join(('twofold', *path))}")
    assert words.strip().partition("\n")[0].endswith((".", ":"))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_usage_names_what_a_command_takes(path: tuple[str, ...]) -> None:
    assert "ARGS" not in help_of(path)


def test_a_list_of_commands_says_what_each_is_for() -> None:
    """In a process of its own: here every command is loaded, there none is until it is called."""
    groups = sorted({path[:1] for path in COMMANDS if len(path) > 1})
    program = (
        "import sys; from twofold.cli.app import run;"
        f" [run([*group, '--help']) for group in {groups!r}]"
    )

    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert shown.count("Usage:") == len(groups)
    assert not [line for line in shown.splitlines() if re.fullmatch(r"│ [\w-]+ +│", line)]


def test_help_loads_neither_driver_nor_maps() -> None:
    program = (
        "import sys; from twofold.cli.app import run; code = run(['--help']); "
        "heavy = {'psycopg', 'msgspec', 'openpyxl'} & set(sys.modules); "
        "sys.exit(code or bool(heavy))"
    )

    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)

    assert done.returncode == 0, done.stderr


def test_help_ends_with_the_exit_codes() -> None:
    assert "Exit codes: 0 done, 1 refused, 2 wrong use" in NO_BOOKS.ok("--help").out


def test_version_is_that_of_the_package() -> None:
    assert NO_BOOKS.ok("--version").out.strip().count(".") == 2
