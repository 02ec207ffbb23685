"""Rounding and spreading of amounts: the only place in Python where a cent is decided.

Rounding is half away from zero, as accountants expect. The SQL of each book has one function
with the same rule, and both are held to the same tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

# Wide enough for any sum of any amounts: arithmetic here never loses a digit.
_EXACT: Final = Context(prec=100, rounding=ROUND_HALF_UP)


def round_half_away(value: Decimal, digits: int) -> Decimal:
    """Round to ``digits`` decimals, half away from zero: 2.345 becomes 2.35, -2.345 -2.35."""
    # ROUND_HALF_UP is half away from zero in the decimal module, for both signs.
    return value.quantize(Decimal(1).scaleb(-digits), context=_EXACT)


def spread(
    total: Decimal, weights: Sequence[Decimal], digits: int, remainder_to: int
) -> tuple[Decimal, ...]:
    """Spread a total over parts by weight, to the last digit.

    Before  the total has at most ``digits`` decimals; no weight is negative, one is positive.
    After   every share but one is the rounded proportion; the share at index ``remainder_to``
            takes what is left, so that the shares always add up to the total.
    """
    assert total == round_half_away(total, digits), f"{total} has more than {digits} decimals"
    whole = sum(weights, Decimal(0))
    assert whole > 0, "nothing to spread over"
    assert all(weight >= 0 for weight in weights), "a share cannot have a negative weight"
    shares = [
        round_half_away(_EXACT.divide(_EXACT.multiply(total, weight), whole), digits)
        for weight in weights
    ]
    shares[remainder_to] += total - sum(shares, Decimal(0))
    return tuple(shares)
