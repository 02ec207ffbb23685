"""Invoice frequencies of a setup file: what they say, and what makes no sense."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from twofold.kernel.errors import Refused
from twofold.operations.setup.file import read_setup

FREQUENCY: Final = """
[[company]]
code = "USPM"
[[company.invoice_frequency]]
name = "Often"
period = "{period}"
{runs}
"""


@pytest.mark.parametrize(
    ("period", "runs", "days", "weekdays", "occurrences"),
    [
        ("monthly", ["day = 31"], (31,), None, None),
        ("monthly", ["day = 1", "day = 15"], (1, 15), None, None),
        ("weekly", ["day = 7"], (7,), None, None),
        ("weekly", ['weekday = "sunday"'], None, (7,), ("first",)),
        (
            "monthly",
            ['weekday = "monday"\noccurrence = "last"', 'weekday = "friday"'],
            None,
            (1, 5),
            ("last", "first"),
        ),
        ("biweekly", ['weekday = "monday"\noccurrence = "second"'], None, (1,), ("second",)),
    ],
)
def test_a_frequency_has_days_or_weekdays(
    tmp_path: Path,
    period: str,
    runs: list[str],
    days: tuple[int, ...] | None,
    weekdays: tuple[int, ...] | None,
    occurrences: tuple[str, ...] | None,
) -> None:
    (read,) = read_setup(_frequency(tmp_path, period, runs)).invoice_frequencies

    assert (read.days, read.weekdays, read.occurrences) == (days, weekdays, occurrences)


@pytest.mark.parametrize(
    ("period", "runs"),
    [
        ("monthly", []),
        ("monthly", [f"day = {day}" for day in range(1, 6)]),
        ("monthly", ["day = 32"]),
        ("weekly", ["day = 8"]),
        ("biweekly", ["day = 15"]),
        ("monthly", ["day = 1", 'weekday = "monday"']),
        ("weekly", ['weekday = "monday"\noccurrence = "second"']),
        ("biweekly", ['weekday = "monday"\noccurrence = "third"']),
        ("monthly", ['weekday = "moonday"']),
        ("yearly", ["day = 1"]),
    ],
)
def test_a_frequency_that_makes_no_sense_is_refused(
    tmp_path: Path, period: str, runs: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        read_setup(_frequency(tmp_path, period, runs))

    assert set(refused.value.codes) == {"ERR-A16"}


def _frequency(tmp_path: Path, period: str, runs: list[str]) -> Path:
    path = tmp_path / "setup.toml"
    tables = "\n".join(f"[[company.invoice_frequency.run]]\n{run}" for run in runs)
    path.write_text(FREQUENCY.format(period=period, runs=tables), encoding="utf-8")
    return path
