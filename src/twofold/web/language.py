"""Words, numbers, money and dates as the reader knows them: English, French, Portuguese, Spanish.

What is typed is read back strictly in the same format: `1.234,5` is no number to an English reader,
rather than 1.2345.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from typing import Final, Literal

from babel import Locale
from babel.dates import format_date, parse_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import get_decimal_symbol, get_group_symbol

LOCALES: Final[Mapping[str, str]] = {"en": "en_GB", "fr": "fr_FR", "pt": "pt_PT", "es": "es_ES"}
NAMES: Final[Mapping[str, str]] = {
    "en": "English",
    "fr": "Français",
    "pt": "Português",
    "es": "Español",
}
_FILES: Final = {"pages": "locale/{}.po", "codes": "locale/codes/{}.po"}
_SPACES: Final = re.compile(r"[\s\u00a0\u202f]")


class Unreadable(ValueError):
    """What was typed is no number or no date in the reader's format."""


@cache
def translations(language: str, *, of: Literal["pages", "codes"] = "pages") -> NullTranslations:
    """Read the words of a language, once; English is what templates and error catalogue say."""
    if language == "en":
        return NullTranslations()
    source = resources.files("twofold.web").joinpath(_FILES[of].format(language))
    with source.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


@dataclass(frozen=True, slots=True)
class Speech:
    """A language and its formats."""

    language: str

    @property
    def locale(self) -> Locale:
        """The region whose formats are used."""
        return Locale.parse(LOCALES[self.language])

    @property
    def signs(self) -> tuple[str, str]:
        """What stands before decimals, and each sign that may stand between thousands.

        A space is any space.
        """
        group = get_group_symbol(self.locale)
        separator = " " if _SPACES.fullmatch(group) else group
        # Readers of Portuguese write dots as well as the space of the standard.
        is_pt = self.language == "pt"
        return get_decimal_symbol(self.locale), f"{separator}." if is_pt else separator

    @property
    def group(self) -> str:
        """What is written between thousands."""
        return get_group_symbol(self.locale)

    def words(self, english: str) -> str:
        """Say it in the language."""
        return translations(self.language).gettext(english) if english else ""

    def meant(self, english: str) -> str:
        """Say what the error catalogue says, in the language."""
        return translations(self.language, of="codes").gettext(english) if english else ""

    def number(self, value: Decimal | int | None) -> str:
        """Write a quantity or count, grouped, without zeros at its end."""
        return "" if value is None else _written(Decimal(value), 0, *_signs(self.language))

    def money(self, value: Decimal | None, currency: str = "") -> str:
        """Write an amount with two decimals or more, and the code of its currency if given."""
        if value is None:
            return ""
        amount = _written(value, 2, *_signs(self.language))
        return f"{amount}\u00a0{currency}" if currency else amount

    def day(self, value: date | None) -> str:
        """Write a date in its usual short form, the year in full."""
        if value is None:
            return ""
        return _day(self.language, value)

    def moment(self, value: datetime | None) -> str:
        """Write a moment, in UTC."""
        if value is None:
            return ""
        return f"{self.day(value.date())} {value:%H:%M}"

    def read_number(self, typed: str) -> Decimal:
        """Read a number as this reader writes them.

        Raises  Unreadable: a sign that is not of this format, or groups that are no thousands.
        """
        decimal, separators = self.signs
        text = typed.strip().replace("\u2212", "-")
        whole, point, fraction = text.partition(decimal)
        groups = _SPACES.sub(" ", whole)
        pattern = "|".join(re.escape(one) for one in separators)
        if not re.fullmatch(rf"-?(\d+|\d{{1,3}}((?:{pattern})\d{{3}})+)", groups) or (
            point and not fraction.isdecimal()
        ):
            raise Unreadable(typed)
        digits = re.sub(pattern, "", groups)
        try:
            return Decimal(f"{digits}.{fraction}" if point else digits)
        except InvalidOperation:
            raise Unreadable(typed) from None

    def read_day(self, typed: str) -> date:
        """Read a date: as the browser's field gives it (ISO 8601), or as this reader writes it.

        Raises  Unreadable.
        """
        text = typed.strip()
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                return date.fromisoformat(text)
            return parse_date(text, locale=self.locale)
        except (ValueError, IndexError):
            raise Unreadable(typed) from None


@cache
def _signs(language: str) -> tuple[str, str]:
    """Give what stands before the fraction, and between thousands."""
    locale = Locale.parse(LOCALES[language])
    return get_decimal_symbol(locale), get_group_symbol(locale)


def _written(value: Decimal, decimals: int, point: str, group: str) -> str:
    """Write a figure: thousands grouped, so many decimals at least and four at most."""
    whole, _, fraction = f"{round(value, 4):,f}".partition(".")
    kept = fraction.rstrip("0").ljust(decimals, "0")
    grouped = whole.replace(",", group)
    return f"{grouped}{point}{kept}" if kept else grouped


@lru_cache(maxsize=4096)
def _day(language: str, value: date) -> str:
    """Write a date; a page has few of them many times."""
    pattern = "d MMM yyyy" if language == "en" else "dd/MM/yyyy"
    return format_date(value, pattern, locale=Locale.parse(LOCALES[language]))


def language_of(accepted: str) -> str:
    """Choose a language by the header Accept-Language; English when none is known."""
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";q=")
        language = name.split("-")[0].lower()
        if language in LOCALES:
            try:
                wanted.append((-float(weight or 1), language))
            except ValueError:
                continue
    return min(wanted)[1] if wanted else "en"
