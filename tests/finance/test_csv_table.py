"""A CSV as it is read: what is no table says why."""

from __future__ import annotations

import pytest

from twofold.finance.csv_table import NotATable, read_table


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfDay;Amount \n2026-11-01;1\n",
        b"day,amount\r\n2026-11-01,1\r\n",
        b'Day,Amount\n"2026-11-01",1',
    ],
)
def test_marks_delimiters_and_line_ends_are_those_of_the_file(content: bytes) -> None:
    table = read_table(content)

    assert table.columns == ("day", "amount")
    assert table.rows == ((2, {"day": "2026-11-01", "amount": "1"}),)


def test_a_row_is_named_by_its_last_line_and_shows_what_it_has_too_much() -> None:
    table = read_table(b'a,b\n"1\n1",2,3\n4\n')

    assert table.rows == ((3, {"a": "1\n1", "b": "2", None: ["3"]}), (4, {"a": "4", "b": None}))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Größe\n".encode("latin-1"), "It is not UTF-8: invalid start byte at byte 2."),
        ("a,b\n".encode("utf-16"), "It is not UTF-8: invalid start byte at byte 0."),
        (b"a,b\n1,\x002\n", "It is no text: line 2 has a character of value zero."),
        (
            b"a,b\n1," + b"2" * 131_073 + b"\n",
            "It is no CSV, line 2: field larger than field limit (131072).",
        ),
        (b"a," + b"2" * 131_073, "It is no CSV, line 1: field larger than field limit (131072)."),
    ],
)
def test_what_is_no_table_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(NotATable) as told:
        read_table(content)

    assert str(told.value) == reason


def test_nothing_is_a_table_without_columns() -> None:
    assert read_table(b"").columns == ()
