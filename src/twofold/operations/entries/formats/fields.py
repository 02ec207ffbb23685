"""Strict readers of single fields: each gives the value, or the problem that the text has.

Strict, because what is read here becomes money: a text that could mean two things, such as
``1,500``, is a problem with a remedy, never a guess. Dates are read in ``dates.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from twofold.kernel.money import round_half_away

FIELD_EMPTY: Final = "ERR-E05"
DATE_INVALID: Final = "ERR-E06"
TIME_INVALID: Final = "ERR-E07"
DURATION_INVALID: Final = "ERR-E08"
DURATION_MISMATCH: Final = "ERR-E09"
NUMBER_INVALID: Final = "ERR-E10"
CHOICE_INVALID: Final = "ERR-E11"

DAY_SECONDS: Final = 24 * 60 * 60
HOUR_DIGITS: Final = 4
QUANTITY_DIGITS: Final = 4
NUMBER_MAX: Final = Decimal(10**9)

# Reports repeat the same few thousand durations and clock times: most are read once.
_REMEMBERED: Final = 65_536

_DURATION: Final = re.compile(r"(-?)([0-9]{1,4}):([0-5][0-9]):([0-5][0-9])")
_CLOCK: Final = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?(?:\s?([AaPp])[Mm])?")
_POINT: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_COMMA: Final = re.compile(r"[+-]?([0-9]+),([0-9]+)")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_CHOICES: Final = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text cannot be taken, and what to do about it."""

    code: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day in seconds after midnight, and whether the text told the seconds."""

    seconds: int
    is_exact: bool


@lru_cache(_REMEMBERED)
def read_duration(text: str) -> int | Problem:
    """Seconds of a duration HH:MM:SS: more than none, at most a day for one entry."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return Problem(
            DURATION_INVALID, "is not a duration HH:MM:SS", "write it like 07:30:00, with seconds"
        )
    sign, hours, minutes, seconds = found.groups()
    total = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return _length_problem(-total if sign else total, DAY_SECONDS) or total


@lru_cache(_REMEMBERED)
def read_clock_time(text: str) -> ClockTime | Problem:
    """Time of day, with or without seconds, on a 24-hour or a 12-hour clock."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return _clock_problem()
    hour = int(found[1])
    if found[4] is not None:
        if not 1 <= hour <= 12:
            return _clock_problem()
        # 12 AM is midnight, 12 PM is noon.
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    if hour > 23:
        return _clock_problem()
    return ClockTime(hour * 3600 + int(found[2]) * 60 + int(found[3] or 0), found[3] is not None)


@lru_cache(_REMEMBERED)
def read_decimal(text: str) -> Decimal | Problem:
    """Decimal number with a point, or with a comma where that cannot mean thousands."""
    if _POINT.fullmatch(text):
        value = Decimal(text)
    elif (comma := _COMMA.fullmatch(text)) and not _may_be_thousands(comma[1], comma[2]):
        value = Decimal(text.replace(",", "."))
    else:
        return Problem(
            NUMBER_INVALID,
            "is not a plain decimal number",
            "write it like 1500 or 1500.25: no thousands separator, no sign of a currency",
        )
    if abs(value) >= NUMBER_MAX:
        return Problem(NUMBER_INVALID, f"is not below {NUMBER_MAX:,}", "correct the number")
    return value


def read_hours(text: str) -> Decimal | Problem:
    """Hours written as a decimal number, rounded to the digits that hours are kept in."""
    value = read_decimal(text)
    if isinstance(value, Problem):
        return value
    hours = round_half_away(value, HOUR_DIGITS)
    return _length_problem(hours, Decimal(24)) or hours


def read_quantity(text: str) -> Decimal | Problem:
    """Units of an expense, a material or a fee: more than none."""
    value = read_decimal(text)
    if isinstance(value, Problem):
        return value
    if value <= 0:
        return Problem(
            NUMBER_INVALID,
            "is not more than zero",
            "write a quantity above zero; a credit is made by correcting the first entry",
        )
    return _digits_problem(value) or value


def read_price(text: str) -> Decimal | Problem:
    """Price of one unit: nothing or more."""
    value = read_decimal(text)
    if isinstance(value, Problem):
        return value
    if value < 0:
        return Problem(
            NUMBER_INVALID,
            "is negative",
            "write a price of zero or more; a credit is made by correcting the first entry",
        )
    return _digits_problem(value) or value


def read_choice(text: str) -> bool | Problem:
    """Yes or No, as the reports write it; True and False, as spreadsheets do."""
    value = _CHOICES.get(text.lower())
    if value is None:
        return Problem(CHOICE_INVALID, "is neither Yes nor No", "write Yes or No")
    return value


def read_currency(text: str) -> str | Problem:
    """Code of a currency, three capital letters."""
    if _CURRENCY.fullmatch(text):
        return text
    return Problem(CHOICE_INVALID, "is not a currency code", "write its three letters, like USD")


def empty_problem() -> Problem:
    """Say that a field which every row needs has no text."""
    return Problem(FIELD_EMPTY, "is empty", "fill it in")


@lru_cache(_REMEMBERED)
def hours_of_seconds(seconds: int) -> Decimal:
    """Hours in so many whole seconds, to four digits: a tick is 0.36 s, so no second is lost."""
    return round_half_away(Decimal(seconds) / 3600, HOUR_DIGITS)


def duration_text(seconds: int) -> str:
    """Seconds as HH:MM:SS, for messages."""
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}"


def decimal_text(value: Decimal) -> str:
    """Write a number in its shortest form: 7.50 and 7.5 are one number and have one text."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _length_problem(length: int | Decimal, length_max: int | Decimal) -> Problem | None:
    if length < 0:
        return Problem(
            DURATION_INVALID,
            "is negative",
            "write the time worked; taking time back is done by correcting the first entry",
        )
    if length == 0:
        return Problem(DURATION_INVALID, "is zero", "write the time worked, or remove the row")
    if length > length_max:
        return Problem(
            DURATION_INVALID,
            "is longer than 24 hours for one entry",
            "correct it, or split the entry by day",
        )
    return None


def _digits_problem(value: Decimal) -> Problem | None:
    if value == round_half_away(value, QUANTITY_DIGITS):
        return None
    return Problem(
        NUMBER_INVALID,
        f"has more than {QUANTITY_DIGITS} decimals",
        "round it: it is not rounded for you, because it is multiplied into money",
    )


def _may_be_thousands(whole: str, fraction: str) -> bool:
    return len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0")


def _clock_problem() -> Problem:
    return Problem(TIME_INVALID, "is not a time of day", "write it like 09:30:00 or 9:30 AM")
