"""Dates in the formats that reports are exported with, and which of them a file uses.

``05/10/2026`` is the fifth of October to one office and the tenth of May to another. A file
says which only through dates that fit one reading (``25/10/2026``). If none of its dates does,
the format is asked for: a wrong guess would bill work in another month.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.formats.fields import DATE_INVALID, Problem

DATE_FORMAT_UNCLEAR: Final = "ERR-E03"

ISO: Final = "YYYY-MM-DD"
DATE_FORMATS: Final = (
    ISO,
    "YYYY/MM/DD",
    "YYYY.MM.DD",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "DD.MM.YYYY",
    "MM.DD.YYYY",
    "DD-MM-YYYY",
    "MM-DD-YYYY",
)

# A year outside these is a slip of the keyboard, not a day somebody worked on.
_YEAR_MIN: Final = 1990
_YEAR_MAX: Final = 2099


class Sighting(NamedTuple):
    """Where a text that should be a date was seen first."""

    line: int
    column: str


class DateReader:
    """Reads dates of one format. A report has few different days, so each is read once."""

    __slots__ = ("_known", "_pattern", "format")

    def __init__(self, date_format: str) -> None:
        assert date_format in DATE_FORMATS, date_format
        self.format = date_format
        self._known: dict[str, date | Problem] = {}
        # ISO dates are exact; the others are met without leading zeros (5/10/2026) as well.
        digits = "{2}" if date_format == ISO else "{1,2}"
        pattern = re.escape(date_format).replace("YYYY", "(?P<year>[0-9]{4})")
        pattern = pattern.replace("MM", f"(?P<month>[0-9]{digits})")
        self._pattern = re.compile(pattern.replace("DD", f"(?P<day>[0-9]{digits})"))

    def __call__(self, text: str) -> date | Problem:
        """Day that the text means in this format."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._read(text)
        return known

    def _read(self, text: str) -> date | Problem:
        found = self._pattern.fullmatch(text)
        if found is None:
            return Problem(
                DATE_INVALID,
                f"is not a date written {self.format}",
                f"write the date as {self.format}, or give the format of the file's dates with"
                " --date-format",
            )
        year, month, day = (int(found[part]) for part in ("year", "month", "day"))
        if not _YEAR_MIN <= year <= _YEAR_MAX:
            return Problem(DATE_INVALID, f"is in the year {year}", "correct the year")
        try:
            return date(year, month, day)
        except ValueError:
            return Problem(
                DATE_INVALID,
                f"is not a day of the calendar when read as {self.format}",
                "correct the date",
            )


def known_date_format(text: str) -> str:
    """Date format that a person asked for, or a refusal that lists what can be asked for."""
    date_format = text.strip().upper()
    if date_format in DATE_FORMATS:
        return date_format
    raise Refused(
        Refusal(
            code=DATE_FORMAT_UNCLEAR,
            record="import",
            field="--date-format",
            value=text,
            reason="is not a date format that is known",
            remedy=f"use one of {', '.join(DATE_FORMATS)}",
        )
    )


def choose_date_format(file: str, dates: Mapping[str, Sighting]) -> str:
    """Find the one format that all dates of a file fit, or ask for it.

    A text that is no date in any format says nothing about the format; its row is refused
    later. Where several formats fit but mean the same days, there is nothing to ask.
    """
    readers = {date_format: DateReader(date_format) for date_format in DATE_FORMATS}
    fitting: dict[str, frozenset[str]] = {}
    for text in dates:
        fits = frozenset(name for name in readers if isinstance(readers[name](text), date))
        if fits:
            fitting[text] = fits
    if not fitting:
        return ISO

    candidates = [name for name in DATE_FORMATS if all(name in fits for fits in fitting.values())]
    if not candidates:
        raise Refused(*_contradictions(file, dates, fitting))
    for text in fitting:
        readings = {name: readers[name](text) for name in candidates}
        if len(set(readings.values())) > 1:
            raise Refused(_ambiguity(file, dates[text], text, readings))
    return candidates[0]


def _ambiguity(
    file: str, seen: Sighting, text: str, readings: Mapping[str, date | Problem]
) -> Refusal:
    meanings = " or ".join(f"{day} ({name})" for name, day in readings.items())
    options = " or ".join(f"--date-format {name}" for name in readings)
    return Refusal(
        code=DATE_FORMAT_UNCLEAR,
        record=f"{file}:{seen.line}",
        field=seen.column,
        value=text,
        reason=f"may mean {meanings}, and no other date of the file decides which",
        remedy=f"add {options}",
    )


def _contradictions(
    file: str, dates: Mapping[str, Sighting], fitting: Mapping[str, frozenset[str]]
) -> tuple[Refusal, Refusal]:
    """Two dates of the file that no one format fits.

    Within one way of separating there are two orders, so if no format fits all dates, there is
    a date that shares none with the date that fits the fewest.
    """
    narrow = min(fitting, key=lambda text: len(fitting[text]))
    other = next(text for text in fitting if not fitting[text] & fitting[narrow])

    def refusal(text: str) -> Refusal:
        names = [name for name in DATE_FORMATS if name in fitting[text]]
        return Refusal(
            code=DATE_FORMAT_UNCLEAR,
            record=f"{file}:{dates[text].line}",
            field=dates[text].column,
            value=text,
            reason=f"is written {' or '.join(names)}, other dates of the file are not",
            remedy="write all dates in one format, or give it with --date-format and have the"
            " rows that do not fit it refused",
        )

    return refusal(narrow), refusal(other)
