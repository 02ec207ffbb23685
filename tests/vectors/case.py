"""A worked case: what the data file says of it, and the words to compare books with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import yaml

from tests.scenarios.support import Row, Story, finance_cast, operations_cast
from tests.support.books import Books
from twofold.finance.setup.records import FinanceSetup
from twofold.operations.setup.records import OperationsSetup, RolePrice

FILE: Final = Path(__file__).parent / "vectors.yaml"

# What the data file abbreviates, and what the books say.
TYPES: Final = {"C": "cost", "UBS": "unbilled_sales", "BS": "billed_sales"}
BILLING: Final = {
    "created": "unbilled_sales_created",
    "ready": "ready_to_invoice",
    "inv_created": "customer_invoice_created",
    "inv_posted": "customer_invoice_posted",
    "canceled": "canceled",
}
PROJECTS: Final = {"tm": "ARM", "fixed_price": "CELL"}
CONTRACTS: Final = {"tm": "TM", "fixed_price": "FIXED"}
ROLE: Final = "Field Engineer"


@cache
def data_file() -> dict[str, Any]:
    """Read the data file, once."""
    return cast("dict[str, Any]", yaml.safe_load(FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Case:
    """One case of the data file, with two fresh books to run it on."""

    id: str
    given: Mapping[str, Any]
    expect: Mapping[str, Any]
    books: Books

    def story(
        self,
        *,
        cost: object = None,
        bill: object = None,
        operations: OperationsSetup | None = None,
        finance: FinanceSetup | None = None,
    ) -> Story:
        """Set both books up with the cast of the file, at its rates or at those given."""
        cast_of_file = data_file()["meta"]["cast"]
        rates = (
            Decimal(str(cost or cast_of_file["cost_rate"])),
            Decimal(str(bill or cast_of_file["bill_rate"])),
        )
        setup = operations or operations_cast()
        prices = tuple(_priced(setup, price, *rates) for price in setup.role_prices)
        return Story(
            self.books,
            operations=replace(setup, role_prices=prices),
            finance=finance or finance_cast(),
        )


Run = Callable[[Case], None]


@dataclass(frozen=True, slots=True)
class Built:
    """How a case is run, and which parts of what it expects are not built yet."""

    run: Run
    not_built: tuple[str, ...]


BUILT: Final[dict[str, Built]] = {}


def vector(vector_id: str, *, not_built: Sequence[str] = ()) -> Callable[[Run], Run]:
    """Register how the case with this id is run."""

    def register(run: Run) -> Run:
        assert vector_id not in BUILT, vector_id
        BUILT[vector_id] = Built(run, tuple(not_built))
        return run

    return register


def _priced(setup: OperationsSetup, price: RolePrice, cost: Decimal, bill: Decimal) -> RolePrice:
    if price.role != ROLE:
        return price
    context = next(one.context for one in setup.price_lists if one.name == price.price_list)
    return replace(price, price=cost if context == "cost" else bill)


# ---- actuals

ACTUALS: Final = """
    SELECT
        actual.actual_id, actual.transaction_type::text, actual.class::text,
        actual.billing_type::text, actual.quantity, actual.amount, actual.reverses_id,
        actual.skip_sync, actual.accounting_date, actual.transaction_date,
        status.adjustment_status, status.billing_status
    FROM operations.actual
    JOIN operations.actual_status AS status USING (company, actual_id)
    ORDER BY actual.actual_id
"""


def actuals(story: Story) -> list[Row]:
    """Give all actuals with their derived states, in the order of their keys."""
    return story.in_operations(ACTUALS)


def shown(found: Row, before: Sequence[Row] = ()) -> dict[str, object]:
    """Give an actual in the shorthand of the data file; ``before`` tells its state."""
    earlier = {row["actual_id"]: row for row in before}
    state = "reversal" if found["reverses_id"] is not None else "new"
    if found["actual_id"] in earlier:
        state = "existing" if earlier[found["actual_id"]] == found else "updated"
    return {
        "type": next(short for short, name in TYPES.items() if name == found["transaction_type"]),
        "class": found["class"],
        "qty": found["quantity"],
        "amount": found["amount"],
        "bt": found["billing_type"],
        "adj": found["adjustment_status"],
        "billing": next(
            (short for short, name in BILLING.items() if name == found["billing_status"]), None
        ),
        "skip_sync": found["skip_sync"],
        "state": state,
    }


def compare(found: Sequence[Mapping[str, object]], wanted: Sequence[Mapping[str, object]]) -> None:
    """Compare rows one to one, in what the wanted ones say; order does not matter."""
    rest = list(found)
    for one in wanted:
        match = next((row for row in rest if one.items() <= row.items()), None)
        assert match is not None, f"no {dict(one)} among {rest}"
        rest.remove(match)
    assert not rest, f"not expected: {rest}"


def compare_actuals(
    story: Story, wanted: Sequence[Mapping[str, object]], before: Sequence[Row] = ()
) -> None:
    """Compare every actual of the book with what a case expects."""
    compare([shown(row, before) for row in actuals(story)], wanted)


def compare_ledger(found: Mapping[str, Decimal], wanted: Sequence[Mapping[str, object]]) -> None:
    """Compare ledger amounts by posting type with what a case expects."""
    assert found == {str(one["type"]): one["acct"] for one in wanted}
