"""The fault matrix as the tests see it: which rows pass, which fail, which are not built.

A test names the rows it holds: ``@pytest.mark.fault("F013")``, and a crash point with what
strikes there: ``"CP13/server"``. A run that has such tests ends
with a line; ``TWOFOLD_FAULT_REPORT`` names a file to write the whole table to (``make faults``).
Rows nobody tests stand in ``not_built.txt`` with the reason.
"""

from __future__ import annotations

import ast
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from _pytest.terminal import TerminalReporter

HERE: Final = Path(__file__).parent
ROWS: Final = HERE / "rows.txt"
NOT_BUILT: Final = HERE / "not_built.txt"
CRASH_POINTS: Final = HERE / "crash_points.txt"
KINDS: Final = ("engine", "server", "connection")
_ASKED: Final = "TWOFOLD_FAULT_REPORT"
_SAID: Final = pytest.StashKey[bool]()
_PROPERTY: Final = "fault"
_ROW: Final = re.compile(r"F\d{3}")

_HEAD: Final = """\
# The fault matrix

What can go wrong, and the test that shows what happens then. After every one of them a checker
that shares no code with the engine asks both books for the promises of dual-write: nothing lost,
nothing twice, nothing partial, order per key, the chain unbroken. Written by `make faults`.

{count}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the matrix."""

    number: str
    section: str
    text: str


def rows() -> list[Row]:
    """Read the rows, in the order of the matrix."""
    found: list[Row] = []
    section = ""
    for line in ROWS.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line:
            number, _, text = line.partition(" ")
            found.append(Row(number, section, text))
    return found


def not_built() -> dict[str, str]:
    """Read which rows nobody tests, and why."""
    lines = NOT_BUILT.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if line)


def marked() -> dict[str, set[str]]:
    """Read from the test modules which of them holds which rows."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in HERE.parent.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for number in _numbers(node):
                found[number].add(str(path.relative_to(HERE.parents[1])))
    return dict(found)


def _numbers(node: ast.AST) -> Iterator[str]:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return
    given = node.args if node.func.attr == "fault" else []
    yield from (
        str(one.value)
        for one in given
        if isinstance(one, ast.Constant) and _ROW.fullmatch(str(one.value))
    )


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Let the result of each test tell the rows it holds, also from another process."""
    for item in items:
        for mark in item.iter_markers("fault"):
            item.user_properties.extend((_PROPERTY, number) for number in mark.args)


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Say how the rows fare, if tests of the matrix were run."""
    passed, failed = _outcomes(terminalreporter)
    rows_passed, rows_failed = _rows(passed - failed), _rows(failed)
    if not rows_passed | rows_failed or config.stash.get(_SAID, False):
        return
    config.stash[_SAID] = True
    known = not_built()
    terminalreporter.write_line(
        f"faults: {len(rows_passed)} rows pass, {len(rows_failed)} fail"
        f"{': ' + ' '.join(sorted(rows_failed)) if rows_failed else ''}, {len(known)} not built"
    )
    asked = os.environ.get(_ASKED)
    if asked:
        page = write(passed - failed, failed)
        Path(asked).write_text(page, encoding="utf-8")


def _outcomes(reporter: TerminalReporter) -> tuple[set[str], set[str]]:
    def rows_of(*outcomes: str) -> set[str]:
        return {
            str(value)
            for outcome in outcomes
            for report in reporter.stats.get(outcome, [])
            for name, value in getattr(report, "user_properties", ())
            if name == _PROPERTY
        }

    return rows_of("passed"), rows_of("failed", "error")


def _rows(marks: set[str]) -> set[str]:
    return {one for one in marks if _ROW.fullmatch(one)}


def write(passed: set[str], failed: set[str]) -> str:
    """Write the page: every row with its tests and how they ended."""
    tests, reasons = marked(), not_built()
    counts = (
        f"{len(_rows(passed))} rows pass, {len(_rows(failed))} fail, {len(reasons)} are not built."
    )
    lines = [_HEAD.format(count=counts), *_crash_points(passed, failed)]
    for section in dict.fromkeys(row.section for row in rows()):
        lines += [
            f"## {section}",
            "",
            "| Row | What goes wrong | Tests | Result |",
            "|---|---|---|---|",
        ]
        for row in rows():
            if row.section == section:
                where = ", ".join(f"`{one}`" for one in sorted(tests.get(row.number, ())))
                result = _result(row, passed, failed)
                lines.append(f"| {row.number} | {row.text} | {where} | {result} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def crash_points() -> list[tuple[str, str, str]]:
    """Read the crash points: name, where it is, and why it is not struck (if it is not)."""
    lines = CRASH_POINTS.read_text(encoding="utf-8").splitlines()
    found = [line.partition(" ") for line in lines if line]
    return [(name, *_split(rest)) for name, _, rest in found]


def _split(text: str) -> tuple[str, str]:
    where, _, reason = text.partition(": ")
    return where, reason


def _crash_points(passed: set[str], failed: set[str]) -> list[str]:
    """Write how each crash point fares under each kind of strike."""
    lines = [
        "## Crash points",
        "",
        "At each, the process that works is killed, a server is killed, the connection is cut.",
        "",
        f"| Point | Where | {' | '.join(KINDS)} |",
        f"|---|---|{'---|' * len(KINDS)}",
    ]
    for name, where, reason in crash_points():
        said = [_struck(f"{name}/{kind}", reason, passed, failed) for kind in KINDS]
        lines.append(f"| {name} | {where} | {' | '.join(said)} |")
    return [*lines, ""]


def _struck(mark: str, reason: str, passed: set[str], failed: set[str]) -> str:
    if mark in failed:
        return "**fails**"
    if mark in passed:
        return "heals"
    return reason or "not run"


def _result(row: Row, passed: set[str], failed: set[str]) -> str:
    if row.number in failed:
        return "**fails**"
    if row.number in passed:
        return "passes"
    reason = not_built().get(row.number)
    return f"not built: {reason}" if reason else "not run"
