"""Rounding half away from zero, and shares that add up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.kernel.money import round_half_away, spread

amounts = st.integers(-(10**12), 10**12).map(lambda cents: Decimal(cents).scaleb(-2))
weights = st.lists(st.integers(0, 1000).map(Decimal), min_size=1, max_size=9).filter(any)


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        ("2.345", 2, "2.35"),
        ("-2.345", 2, "-2.35"),
        ("2.3449999", 2, "2.34"),
        ("0.5", 0, "1"),
        ("-0.5", 0, "-1"),
        ("1.2", 4, "1.2000"),
        ("12345678901234567890123456789012345.675", 2, "12345678901234567890123456789012345.68"),
    ],
)
def test_a_half_goes_away_from_zero(value: str, digits: int, rounded: str) -> None:
    assert str(round_half_away(Decimal(value), digits)) == rounded


def test_the_rounding_customer_takes_the_odd_cent() -> None:
    thirds = [Decimal(1)] * 3

    assert spread(Decimal("100.00"), thirds, 2, 0) == (
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    )


def test_a_split_by_percent() -> None:
    shares = spread(Decimal(8), [Decimal(60), Decimal(40)], 4, 0)

    assert shares == (Decimal("4.8"), Decimal("3.2"))


@given(total=amounts, parts=weights, data=st.data())
def test_shares_add_up_and_differ_by_rounding_only(
    total: Decimal, parts: list[Decimal], data: st.DataObject
) -> None:
    odd = data.draw(st.integers(0, len(parts) - 1))

    shares = spread(total, parts, 2, odd)

    assert sum(shares) == total
    for index, share in enumerate(shares):
        if index != odd:
            exact = total * parts[index] / sum(parts)
            assert abs(share - exact) <= Decimal("0.0051")


def test_nothing_to_spread_over_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(AssertionError, match="nothing to spread over"):
        spread(Decimal(1), [Decimal(0)], 2, 0)
