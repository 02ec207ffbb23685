"""One table of a setup file, read strictly: every problem is kept, none stops the reading.

A reader asks for each key once and by kind. A value that is missing or wrong becomes a problem
and a stand-in, so that the rest of the file is still looked at; ``close`` turns every key that
nobody asked for into a problem too, because a misspelt key would otherwise be a silent default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeVar, cast

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

KEY_MISSING: Final = "ERR-A14"
KEY_UNKNOWN: Final = "ERR-A15"
VALUE_INVALID: Final = "ERR-A16"

AMOUNT_MAX: Final = Decimal(10**9)
AMOUNT_DIGITS: Final = 4
PERCENT_MAX: Final = Decimal(100)
NO_DATE: Final = date(1, 1, 1)

C = TypeVar("C", bound=str)


class Section:
    """The keys of one table of the file, and the problems found so far."""

    __slots__ = ("_asked", "_content", "_problems", "record")

    def __init__(self, content: Mapping[str, object], record: str, problems: list[Refusal]) -> None:
        self.record = record
        self._content = content
        self._problems = problems
        self._asked: set[str] = set()

    def text(self, key: str) -> str:
        """Text that must be there."""
        text = self.text_or_none(key)
        if text is None:
            self._miss(key)
        return text or ""

    def text_or_none(self, key: str) -> str | None:
        """Text that may be left out. Space at its ends and repeated space do not count."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong(key, value, "is not a text")
            return None
        text = " ".join(value.split())
        if not text:
            self._wrong(key, value, "is empty")
        return text or None

    def choice(self, key: str, choices: Sequence[C], default: C | None = None) -> C:
        """One of some words; ``default`` where the key is left out, if there is one."""
        text = self.text_or_none(key) if default is not None else self.text(key)
        for choice in choices:
            if choice == text:
                return choice
        if text:
            self._wrong(key, text, f"is none of {', '.join(choices)}")
        return default if default is not None else choices[0]

    def choices(self, key: str, choices: Sequence[C]) -> tuple[C, ...]:
        """Give those of the words that are listed, at least one."""
        texts = self.texts(key)
        for text in texts:
            if text not in choices:
                self._wrong(key, text, f"is none of {', '.join(choices)}")
        return tuple(choice for choice in choices if choice in texts)

    def texts(self, key: str) -> tuple[str, ...]:
        """List of texts, each once, at least one."""
        value = self._take(key)
        if value is None:
            self._miss(key)
            return ()
        items: list[object] = [value]
        if isinstance(value, list):
            items = cast("list[object]", value)
        texts = [" ".join(item.split()) for item in items if isinstance(item, str)]
        if len(texts) != len(items) or not all(texts) or len(set(texts)) != len(texts):
            self._wrong(key, items, "is not a list of different texts")
        return tuple(dict.fromkeys(filter(None, texts)))

    def texts_or_none(self, key: str) -> tuple[str, ...]:
        """List of texts that may be left out."""
        return self.texts(key) if key in self._content else self._skip(key)

    def amount(self, key: str, default: Decimal | None = None) -> Decimal:
        """Amount of zero or more, at most four decimals; ``default`` where it may be left out."""
        value = self._take(key)
        if value is None:
            if default is None:
                self._miss(key)
            return default or Decimal(0)
        return self._checked_amount(key, value)

    def amount_or_none(self, key: str) -> Decimal | None:
        """Amount that may be left out."""
        value = self._take(key)
        return None if value is None else self._checked_amount(key, value)

    def percent(self, key: str, default: Decimal | None = None) -> Decimal:
        """Percentage from 0 to 100, at most four decimals; ``default`` where it may be left out."""
        percent = self.amount(key, default)
        if percent > PERCENT_MAX:
            self._wrong(key, percent, f"is more than {PERCENT_MAX}")
            return Decimal(0)
        return percent

    def flag(self, key: str, *, default: bool) -> bool:
        """Yes or no, written true or false; ``default`` where the key is left out."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._wrong(key, value, "is neither true nor false")
            return default
        return value

    def number(self, key: str) -> int:
        """Whole number above zero."""
        value = self._take(key)
        if value is None:
            self._miss(key)
        elif isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**6:
            self._wrong(key, value, "is not a whole number above zero")
        else:
            return value
        return 1

    def day(self, key: str) -> date:
        """Date that must be there."""
        if key not in self._content:
            self._asked.add(key)
            self._miss(key)
            return NO_DATE
        return self.day_or_none(key) or NO_DATE

    def day_or_none(self, key: str) -> date | None:
        """Date that may be left out, written without quotes: 2026-10-05."""
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            self._wrong(key, value, "is not a date written like 2026-10-05, without quotes")
            return None
        return value

    def currency(self, key: str) -> str:
        """Code of a currency."""
        text = self.text(key)
        if text and not (len(text) == 3 and text.isascii() and text.isupper() and text.isalpha()):
            self._wrong(key, text, "is not a currency code of three capital letters")
        return text

    def prices(self, key: str) -> tuple[tuple[str, Decimal], ...]:
        """Table of names and amounts; may be left out."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, dict):
            self._wrong(key, value, "is not a table of names and prices")
            return ()
        table = cast("dict[str, object]", value)
        return tuple(
            (" ".join(name.split()), self._checked_amount(f"{key}.{name}", price))
            for name, price in table.items()
        )

    def words(self, key: str, choices: Sequence[C]) -> tuple[tuple[str, C], ...]:
        """Table of names, each with one of some words; may be left out."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, dict):
            self._wrong(key, value, "is not a table of names and words")
            return ()
        words: list[tuple[str, C]] = []
        for name, word in cast("dict[str, object]", value).items():
            chosen = next((choice for choice in choices if choice == word), None)
            if chosen is None:
                self._wrong(f"{key}.{name}", word, f"is none of {', '.join(choices)}")
            else:
                words.append((" ".join(name.split()), chosen))
        return tuple(words)

    def sections(self, key: str, label: str, name_key: str) -> list[Section]:
        """Tables under this one, each known in messages by ``label`` and what names it."""
        value = self._take(key)
        if value is None:
            return []
        items = cast("list[object]", value if isinstance(value, list) else [value])
        under = f"{self.record}/" if self.record else ""
        sections: list[Section] = []
        for position, item in enumerate(items, start=1):
            if not isinstance(item, dict):
                self._wrong(key, item, f"is not a table; write [[{key}]]")
                continue
            table = cast("dict[str, object]", item)
            name = table.get(name_key)
            shown = name if isinstance(name, str | int) and name != "" else f"#{position}"
            sections.append(Section(table, f"{under}{label} {shown}", self._problems))
        return sections

    def has(self, key: str) -> bool:
        """Tell whether the key is there at all."""
        return key in self._content

    def close(self) -> None:
        """Refuse the keys that nobody asked for."""
        for key in self._content:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                self.refuse(KEY_UNKNOWN, key, reason=f"is not a key here; known are {known}")

    def refuse(self, code: str, field: str, *, value: str = "", reason: str = "") -> None:
        """Keep one problem of this table."""
        record = self.record or "setup"
        self._problems.append(refuse(code, record, field=field, value=value, reason=reason))

    def _take(self, key: str) -> object | None:
        self._asked.add(key)
        return self._content.get(key)

    def _skip(self, key: str) -> tuple[str, ...]:
        self._asked.add(key)
        return ()

    def _miss(self, key: str) -> None:
        self.refuse(KEY_MISSING, key)

    def _wrong(self, key: str, value: object, reason: str) -> None:
        self.refuse(VALUE_INVALID, key, value=str(value), reason=reason)

    def _checked_amount(self, key: str, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self._wrong(key, value, "is not a number")
            return Decimal(0)
        amount = Decimal(value)
        if not amount.is_finite() or not 0 <= amount < AMOUNT_MAX:
            self._wrong(key, value, f"is not from 0 to below {AMOUNT_MAX:,}")
            return Decimal(0)
        if amount != round(amount, AMOUNT_DIGITS):
            self._wrong(key, value, f"has more than {AMOUNT_DIGITS} decimals")
        return amount
