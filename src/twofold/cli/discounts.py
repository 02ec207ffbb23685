"""Columns of discount and fee, shown where any row has one: most contracts have neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol


class Discounted(Protocol):
    """A row with a discount and a fee, both signed as its amount."""

    @property
    def discount_amount(self) -> Decimal:
        """What is taken off."""
        ...

    @property
    def fee_amount(self) -> Decimal:
        """What is added."""
        ...


class Sold(Discounted, Protocol):
    """A row whose amount is before discount and fee."""

    @property
    def amount(self) -> Decimal:
        """Quantity times price."""
        ...


Headings = tuple[str, ...]
Cells = tuple[Decimal, ...]


def sold_columns(rows: Sequence[Sold]) -> tuple[Headings, Callable[[Sold], Cells]]:
    """Give the columns of rows in operations: discount, fee, and what is billed with both."""
    if not _any(rows):
        return (), lambda _: ()
    return ("Discount", "Fee", "Extended amount"), lambda one: (
        one.discount_amount,
        one.fee_amount,
        one.amount - one.discount_amount + one.fee_amount,
    )


def billed_columns(rows: Sequence[Discounted]) -> tuple[Headings, Callable[[Discounted], Cells]]:
    """Give the columns of rows in finance, whose amount is less discount: that, and the fee."""
    if not _any(rows):
        return (), lambda _: ()
    return ("Discount taken off", "Fee"), lambda one: (one.discount_amount, one.fee_amount)


def _any(rows: Sequence[Discounted]) -> bool:
    return any(one.discount_amount or one.fee_amount for one in rows)
