"""What people see: figures, tables, and terminals with and without colours."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rich.console import RenderableType

from twofold.cli import printing


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1400.0000"), "1400.00"),
        (Decimal("-0.5"), "-0.50"),
        (Decimal("0.1250"), "0.125"),
        (Decimal("1000000"), "1000000.00"),
        (date(2026, 11, 2), "2026-11-02"),
        (datetime(2026, 11, 2, 9, 30, tzinfo=UTC), "2026-11-02 09:30:00Z"),
        (None, ""),
        (True, "yes"),
        (7, "7"),
        (0.1, "0.10"),
        ("[red]plain[/red]", "[red]plain[/red]"),
    ],
)
def test_values_as_tables_show_them(value: object, text: str) -> None:
    assert printing.text_of(value) == text


def shown(capsys: pytest.CaptureFixture[str], *parts: object) -> list[str]:
    printing.show(None, *parts, as_json=False)
    return capsys.readouterr().out.splitlines()


def test_figures_stand_on_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    made = printing.table(
        ("Name", "Amount"), [("a", Decimal(5)), ("b", Decimal("1234.5"))], title="Sums"
    )

    assert shown(capsys, made) == [
        "Sums",
        "Name   Amount",
        "a        5.00",
        "b     1234.50",
    ]


def test_a_long_row_is_not_broken_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    long = "word " * 200

    assert len(shown(capsys, printing.table(("Text",), [(long,)]))) == 2


def test_text_in_brackets_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, printing.table(("T",), [("[bold]x[/bold] [1]",)]))[1] == (
        "[bold]x[/bold] [1]"
    )


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, columns: int, part: RenderableType) -> list[str]:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    printing.show(None, part, as_json=False)
    return re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()


def test_running_text_is_folded_and_figures_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    made = printing.table(("Reason", "Amount"), [("one two three four five six", Decimal(5))])

    assert on_a_terminal(monkeypatch, 24, made) == [
        "Reason            Amount",
        "one two three       5.00",
        "four five six",
    ]


def test_what_does_not_fit_becomes_a_block_per_row(monkeypatch: pytest.MonkeyPatch) -> None:
    made = printing.table(
        ("Number", "Note", "Amount"),
        [("PF-000001", "", Decimal(5)), ("PF-000002", "late", Decimal(7))],
        total=("Total", "", Decimal(12)),
    )

    assert on_a_terminal(monkeypatch, 20, made) == [
        "Number  PF-000001",
        "Amount  5.00",
        "",
        "Number  PF-000002",
        "Note    late",
        "Amount  7.00",
        "",
        "Number  Total",
        "Amount  12.00",
    ]


def test_without_rows_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, printing.table(("T",), [], title="Sums")) == ["Sums: none"]


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout", Terminal())
    with_colours = printing.output()
    monkeypatch.setenv("NO_COLOR", "1")
    without = printing.output()
    monkeypatch.setattr("sys.stdout", io.StringIO())
    monkeypatch.setenv("FORCE_COLOR", "1")
    into_a_file = printing.output()

    assert not with_colours.no_color
    assert without.no_color
    assert not into_a_file.is_terminal


def test_progress_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    quiet, seen = io.StringIO(), Terminal()
    for stream in (quiet, seen):
        monkeypatch.setattr("sys.stderr", stream)
        with printing.steps("Posting", total=2) as advance:
            advance(2)

    assert not quiet.getvalue()
    assert "Posting" in seen.getvalue()
