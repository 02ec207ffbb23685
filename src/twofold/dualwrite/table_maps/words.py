"""What expressions and filters may be made of: columns, literals and allow-listed words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_WORD: Final = re.compile(r"'[^'%\\]*'|--|/\*|[A-Za-z_][\w.]*|\d+(?:\.\d+)?|::|<>|<=|>=|\|\||\S")
_SIGNS: Final = frozenset("(),=<>+-*/") | {"<>", "<=", ">=", "||", "::"}
# None of them reads a table, a clock, a setting or a file, or gives another answer next time.
ALLOWED: Final = frozenset({
    "and", "or", "not", "is", "null", "in", "case", "when", "then", "else", "end", "true", "false",
    "between", "coalesce", "nullif", "greatest", "least", "distinct", "from",
    # text: joined, split, cut, filled
    "concat", "concat_ws", "split_part", "left", "right", "substr", "substring", "for", "replace",
    "upper", "lower", "trim", "ltrim", "rtrim", "lpad", "rpad", "length", "strpos",
    # numbers
    "round", "trunc", "ceil", "floor", "abs", "sign", "mod", "div",
    # days
    "date", "make_date", "extract", "year", "month", "day", "quarter", "week",
    # types
    "text", "bigint", "integer", "numeric", "boolean",
})  # fmt: skip


def not_allowed(text: str) -> Iterator[tuple[str, str]]:
    """Give each word of a piece that is not allowed, with the reason."""
    depth = lowest = 0
    for word in _WORD.findall(text):
        literal = word[0].isdigit() or (word.startswith("'") and len(word) > 1)
        named = literal or word.startswith("s.")
        if not (named or word in _SIGNS or word.lower() in ALLOWED):
            yield word, f"{word} is not allowed here"
        depth += {"(": 1, ")": -1}.get(word, 0)
        lowest = min(lowest, depth)
    # A piece stays a piece: it may not close the parentheses around it.
    if depth or lowest:
        yield text, "its parentheses do not match"
