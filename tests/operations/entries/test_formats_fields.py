"""Single fields of exported files: what is taken, what is refused, and never a guess."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.kernel.errors import Refused
from twofold.operations.entries.formats.dates import (
    DATE_FORMATS,
    DateReader,
    Sighting,
    choose_date_format,
    known_date_format,
)
from twofold.operations.entries.formats.fields import (
    ClockTime,
    Problem,
    decimal_text,
    duration_text,
    hours_of_seconds,
    read_choice,
    read_clock_time,
    read_currency,
    read_decimal,
    read_duration,
    read_hours,
    read_price,
    read_quantity,
)

DAY_SECONDS = 86_400


def written(day: date, date_format: str) -> str:
    text = date_format.replace("YYYY", f"{day.year:04}").replace("MM", f"{day.month:02}")
    return text.replace("DD", f"{day.day:02}")


def seen(*texts: str) -> dict[str, Sighting]:
    return {text: Sighting(line, "Date") for line, text in enumerate(texts, start=2)}


def reason(value: object) -> str:
    assert isinstance(value, Problem), value
    assert value.remedy
    return value.reason


@given(st.integers(1, DAY_SECONDS))
def test_a_duration_is_read_as_it_is_written(seconds: int) -> None:
    assert read_duration(duration_text(seconds)) == seconds


@given(st.integers(1, DAY_SECONDS))
def test_no_second_is_lost_in_hours(seconds: int) -> None:
    hours = hours_of_seconds(seconds)

    assert round(hours * 3600) == seconds
    assert abs(hours * 3600 - seconds) <= Decimal("0.18")
    assert hours.as_tuple().exponent == -4


@pytest.mark.parametrize(
    ("seconds", "hours"), [(11_727, "3.2575"), (1, "0.0003"), (2, "0.0006"), (27_000, "7.5000")]
)
def test_hours_have_four_decimals(seconds: int, hours: str) -> None:
    assert str(hours_of_seconds(seconds)) == hours


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("00:00:00", "is zero"),
        ("-00:30:00", "is negative"),
        ("24:00:01", "is longer than 24 hours for one entry"),
        ("100:00:00", "is longer than 24 hours for one entry"),
        ("7:30", "is not a duration HH:MM:SS"),
        ("07:60:00", "is not a duration HH:MM:SS"),
        ("07:30:60", "is not a duration HH:MM:SS"),
        ("7.5", "is not a duration HH:MM:SS"),
        ("+01:00:00", "is not a duration HH:MM:SS"),
        ("\u0660\u0667:\u0663\u0660:\u0660\u0660", "is not a duration HH:MM:SS"),
        ("07:30:00\n", "is not a duration HH:MM:SS"),
    ],
)
def test_a_duration_that_nobody_can_have_worked_is_refused(text: str, why: str) -> None:
    assert reason(read_duration(text)) == why


def test_a_whole_day_is_the_longest_entry() -> None:
    assert read_duration("24:00:00") == DAY_SECONDS


@pytest.mark.parametrize(
    ("text", "seconds", "is_exact"),
    [
        ("00:00:00", 0, True),
        ("23:59:59", 86_399, True),
        ("9:05", 32_700, False),
        ("12:00 AM", 0, False),
        ("12:00:01 PM", 43_201, True),
        ("12:30 am", 1_800, False),
        ("01:00 PM", 46_800, False),
        ("11:59:59PM", 86_399, True),
        ("9:05\u202fAM", 32_700, False),
    ],
)
def test_clock_times_are_read_on_both_clocks(text: str, seconds: int, *, is_exact: bool) -> None:
    assert read_clock_time(text) == ClockTime(seconds, is_exact)


@pytest.mark.parametrize("text", ["24:00", "13:00 PM", "0:30 AM", "9", "9:5", "noon", "09:00 XM"])
def test_a_time_that_no_clock_shows_is_refused(text: str) -> None:
    assert reason(read_clock_time(text)) == "is not a time of day"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7.5", "7.5"),
        ("7,5", "7.5"),
        ("7,25", "7.25"),
        ("0,125", "0.125"),
        ("1500,125", "1500.125"),
        ("1.125", "1.125"),
        ("1500", "1500"),
        ("-2", "-2"),
        ("0,1234", "0.1234"),
    ],
)
def test_numbers_are_read_where_they_mean_one_thing(text: str, value: str) -> None:
    assert read_decimal(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        *("1,500", "12,500", "-1,500", "1,234.50", "1.234,50", "1.234.567", "1 500", "1'500"),
        *("$5", "5 h", "", ".", "1.", ".5", "1e3", "NaN", "Infinity", "0x10", "1_000"),
        *("\u00bd", "\u0665"),
    ],
)
def test_numbers_that_could_mean_two_things_are_refused(text: str) -> None:
    assert reason(read_decimal(text)) == "is not a plain decimal number"


def test_numbers_end_where_the_books_end() -> None:
    assert read_decimal("999999999.9999") == Decimal("999999999.9999")
    assert reason(read_decimal("1000000000")) == "is not below 1,000,000,000"
    assert reason(read_decimal("-1000000000")) == "is not below 1,000,000,000"


@given(st.decimals("0.0001", 24, places=4))
def test_hours_with_four_decimals_are_kept(hours: Decimal) -> None:
    assert read_hours(str(hours)) == hours
    assert read_hours(decimal_text(hours)) == hours


@pytest.mark.parametrize(
    ("text", "hours"), [("0.33335", "0.3334"), ("0.33334", "0.3333"), ("24.00004", "24")]
)
def test_hours_are_rounded_half_away_from_zero(text: str, hours: str) -> None:
    assert read_hours(text) == Decimal(hours)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0", "is zero"),
        ("0.00004", "is zero"),
        ("-0.5", "is negative"),
        ("24.0001", "is longer than 24 hours for one entry"),
        ("8h", "is not a plain decimal number"),
    ],
)
def test_hours_that_nobody_can_have_worked_are_refused(text: str, why: str) -> None:
    assert reason(read_hours(text)) == why


def test_quantities_and_prices_are_not_rounded() -> None:
    assert read_quantity("0.0001") == Decimal("0.0001")
    assert read_quantity("1.50000") == Decimal("1.5")
    assert reason(read_quantity("0.00011")) == "has more than 4 decimals"
    assert reason(read_price("0.00011")) == "has more than 4 decimals"


def test_units_are_more_than_none_and_may_be_free() -> None:
    assert reason(read_quantity("0")) == "is not more than zero"
    assert reason(read_quantity("-1")) == "is not more than zero"
    assert read_price("0") == 0
    assert reason(read_price("-0.01")) == "is negative"


def test_choices_and_currencies_are_read_strictly() -> None:
    assert read_choice("Yes") is True
    assert read_choice("FALSE") is False
    assert reason(read_choice("1")) == "is neither Yes nor No"
    assert read_currency("USD") == "USD"
    assert reason(read_currency("usd")) == "is not a currency code"
    assert reason(read_currency("US$")) == "is not a currency code"


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from(DATE_FORMATS))
def test_a_date_is_read_as_it_is_written(day: date, date_format: str) -> None:
    assert DateReader(date_format)(written(day, date_format)) == day


def test_only_iso_dates_need_their_zeros() -> None:
    assert DateReader("DD/MM/YYYY")("5/10/2026") == date(2026, 10, 5)
    assert reason(DateReader("YYYY-MM-DD")("2026-10-5")) == "is not a date written YYYY-MM-DD"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("29/02/2026", "is not a day of the calendar when read as DD/MM/YYYY"),
        ("05/10/26", "is not a date written DD/MM/YYYY"),
        ("05.10.2026", "is not a date written DD/MM/YYYY"),
        ("05/10/0026", "is in the year 26"),
        ("05/10/2100", "is in the year 2100"),
        ("05/10/2026 08:00", "is not a date written DD/MM/YYYY"),
    ],
)
def test_a_date_that_is_none_is_refused(text: str, why: str) -> None:
    assert reason(DateReader("DD/MM/YYYY")(text)) == why


@given(
    st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), min_size=1),
    st.sampled_from(DATE_FORMATS),
)
def test_the_format_of_a_file_is_found_or_asked_for_and_never_guessed(
    days: list[date], date_format: str
) -> None:
    texts = [written(day, date_format) for day in days]

    if all(day.day <= 12 and day.day != day.month for day in days) and date_format[0] != "Y":
        with pytest.raises(Refused) as refused:
            choose_date_format("october.csv", seen(*texts))
        assert date_format in refused.value.refusals[0].remedy
    elif date_format[0] == "Y" or any(day.day > 12 for day in days):
        assert choose_date_format("october.csv", seen(*texts)) == date_format


def test_one_day_past_the_twelfth_decides() -> None:
    assert choose_date_format("f", seen("05/10/2026", "13/10/2026")) == "DD/MM/YYYY"
    assert choose_date_format("f", seen("05/10/2026", "10/13/2026")) == "MM/DD/YYYY"
    assert choose_date_format("f", seen("05.10.2026", "13.10.2026")) == "DD.MM.YYYY"


def test_an_ambiguous_date_is_shown_in_both_readings() -> None:
    with pytest.raises(Refused) as refused:
        choose_date_format("october.csv", seen("10/10/2026", "05/10/2026", "12/10/2026"))

    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.record, refusal.field) == ("ERR-E03", "october.csv:3", "Date")
    assert refusal.value == "05/10/2026"
    assert "2026-10-05 (DD/MM/YYYY) or 2026-05-10 (MM/DD/YYYY)" in refusal.reason
    assert refusal.remedy == "add --date-format DD/MM/YYYY or --date-format MM/DD/YYYY"


def test_dates_that_read_the_same_both_ways_need_no_question() -> None:
    chosen = choose_date_format("f", seen("10/10/2026", "5/5/2026"))

    assert DateReader(chosen)("5/5/2026") == date(2026, 5, 5)


def test_dates_that_contradict_each_other_are_shown() -> None:
    with pytest.raises(Refused) as refused:
        choose_date_format("f", seen("05/10/2026", "13/10/2026", "10/25/2026"))

    assert [refusal.value for refusal in refused.value.refusals] == ["13/10/2026", "10/25/2026"]
    assert all("--date-format" in refusal.remedy for refusal in refused.value.refusals)


def test_texts_that_are_no_dates_decide_nothing() -> None:
    assert choose_date_format("f", seen("soon", "31/12/2026", "99/99/2026")) == "DD/MM/YYYY"
    assert choose_date_format("f", seen("soon")) == "YYYY-MM-DD"
    assert choose_date_format("f", {}) == "YYYY-MM-DD"


def test_a_date_format_is_asked_for_by_its_name() -> None:
    assert known_date_format(" dd/mm/yyyy ") == "DD/MM/YYYY"
    with pytest.raises(Refused, match="--date-format") as refused:
        known_date_format("%d/%m/%Y")
    assert "MM/DD/YYYY" in refused.value.refusals[0].remedy


@given(st.integers(0, 10**13), st.integers(0, 4))
def test_equal_numbers_have_one_text(units: int, places: int) -> None:
    value = Decimal(units).scaleb(-places)

    assert Decimal(decimal_text(value)) == value
    assert decimal_text(value) == decimal_text(value + Decimal("0.0000"))


def test_a_time_span_is_longer_than_its_days() -> None:
    assert duration_text(int(timedelta(days=1, seconds=1).total_seconds())) == "24:00:01"
