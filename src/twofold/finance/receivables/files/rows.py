"""A payment as a file states it, and how a cell of it is read. Every bad cell is reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

# What fits numeric(19, 4).
_AMOUNT_MAX: Final = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class StatedPayment:
    """Money that came in. ``named`` are what may be invoice numbers, the surest first."""

    place: str
    reference: str
    payment_date: date
    amount: Decimal
    currency: str
    named: tuple[str, ...]
    remittance: str
    payer: str
    customer_account: str | None


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """What a file says, what is wrong with it, and how many of its entries are no payment."""

    payments: tuple[StatedPayment, ...]
    refusals: tuple[Refusal, ...]
    left_count: int


class Cells:
    """Reads the cells of one row and keeps what is wrong with them."""

    def __init__(self, place: str) -> None:
        self.place: Final = place
        self.refusals: Final[list[Refusal]] = []

    def bad(self, field: str, value: str, reason: str) -> None:
        """Note a bad cell."""
        self.refusals.append(refuse("ERR-L20", self.place, field=field, value=value, reason=reason))

    def text(self, field: str, value: str | None) -> str:
        """Read a cell that must say something."""
        found = (value or "").strip()
        if not found:
            self.bad(field, "", "It is empty.")
        return found

    def day(self, field: str, value: str | None) -> date:
        """Read a date, or the date of a moment."""
        try:
            return date.fromisoformat((value or "").strip()[:10])
        except ValueError:
            self.bad(field, value or "", "It is no date such as 2026-11-02.")
            return date.min

    def amount(self, field: str, value: str | None) -> Decimal:
        """Read an amount above zero, with a point and at most four decimals."""
        try:
            found = Decimal((value or "").strip())
        except InvalidOperation:
            found = Decimal("NaN")
        exponent = found.as_tuple().exponent
        if not (found.is_finite() and 0 < found < _AMOUNT_MAX):
            self.bad(field, value or "", "It is no amount above zero such as 1250.00.")
            return Decimal(0)
        if isinstance(exponent, int) and exponent < -4:
            self.bad(field, value or "", "It has more than four decimals.")
        return found

    def currency(self, field: str, value: str | None) -> str:
        """Read a currency's three letters."""
        found = (value or "").strip()
        if not (len(found) == 3 and found.isascii() and found.isupper() and found.isalpha()):
            self.bad(field, found, "It is no currency such as USD.")
        return found
