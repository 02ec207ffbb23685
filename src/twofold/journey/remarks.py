"""What a journey says in words: English with named values, so that pages say it in any language.

Pages look the English up in `web/locale/journey` and write the values in the reader's format; the
command line says it as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the system as the books have it, such as ``unbilled_sales``."""

    text: str


Value = Term | str | int | Decimal | date


@dataclass(frozen=True, slots=True)
class Remark:
    """Words with ``{names}``, and the value of each name; one that ends in ``amount`` is money."""

    words: str
    values: dict[str, Value]

    def __str__(self) -> str:
        """Say it in English."""
        said = {name: _english(name, value) for name, value in self.values.items()}
        return self.words.format(**said)


def remark(words: str, **values: Value) -> Remark:
    """Make a remark; every name in ``words`` has a value."""
    return Remark(words, values)


def is_money(name: str) -> bool:
    """Tell whether the value of a name is an amount."""
    return name.endswith("amount")


def _english(name: str, value: Value) -> str:
    if isinstance(value, Term):
        return value.text
    if isinstance(value, Decimal):
        return f"{value:.2f}" if is_money(name) else f"{value.normalize():f}"
    return str(value)
