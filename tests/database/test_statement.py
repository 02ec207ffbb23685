"""The loader of statements: sections, placeholders, and what it refuses."""

from __future__ import annotations

import pytest

from twofold.database.statement import parameters_of, read_sections


def test_sections_are_split_and_lose_comments_and_the_semicolon() -> None:
    text = """
-- Statements of the test.
-- name: first
-- Why: 100 % of the rows, not %(one)s.
SELECT 1;

-- name: second
SELECT
    -- an indented comment
    %(two)s::int8 AS two
"""

    assert read_sections(text) == {
        "first": "SELECT 1",
        "second": "SELECT\n    %(two)s::int8 AS two",
    }


def test_parameters_are_found_and_a_doubled_percent_is_none() -> None:
    assert parameters_of("%(a)s + %(b_2)s LIKE 'x%%(c)s' AND %(a)s") == {"a", "b_2"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT 1", "before the first"),
        ("-- name: one\nSELECT 1\n-- name: one\nSELECT 2", "two sections"),
        ("-- name: one\n-- nothing here\n", "empty"),
    ],
)
def test_a_badly_made_file_is_refused(text: str, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        read_sections(text)
