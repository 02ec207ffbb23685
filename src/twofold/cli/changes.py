"""What was made anew, shown the same way for a correction and for a contract."""

from __future__ import annotations

from twofold.cli import printing
from twofold.operations.entries.readjustment import Readjusted


def change_table(made: Readjusted | None, *, title: str) -> printing.RenderableType:
    """Show what is taken back and what is made instead."""
    return printing.table(
        ("What", "Made", "Billing", "Actuals", "Quantity", "Amount", "Currency"),
        [
            (
                "reversal" if one.is_reversal else "replacement", one.transaction_type,
                one.billing_type, one.actual_count, one.quantity, one.amount, one.currency,
            )
            for one in (made.totals if made else ())
        ],
        title=title,
    )  # fmt: skip
