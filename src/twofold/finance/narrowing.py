"""What lists of documents are narrowed by: whose they are, and the days they are of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Documents of a customer (their account, or a part of the name), from a day to a day.

    '' and None are no limit; both days are among those that are given.
    """

    customer: str = ""
    day_from: date | None = None
    day_to: date | None = None


EVERYTHING: Final = Narrowing()
"""No limit at all."""
