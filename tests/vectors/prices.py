"""Worked cases of prices: methods, units, overrides; and a project billed by both methods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tests.scenarios.support import (
    Story,
    Work,
    finance_cast,
    finance_changed,
    operations_cast,
)
from tests.support.clock import NOW
from tests.vectors.case import ROLE, Case, vector
from tests.vectors.proposals import estimate
from twofold.finance.setup.records import ProfileRule
from twofold.operations.entries.create_entry import NewEntry, create_entry
from twofold.operations.entries.submit import submit_entries
from twofold.operations.setup.records import (
    OperationsSetup,
    PriceMethod,
    Product,
    ProductPrice,
    RolePrice,
    TimeUnit,
)

COMPANY: Final = "USPM"
DAY: Final = date(2026, 10, 5)


def priced(setup: OperationsSetup, *prices: RolePrice) -> OperationsSetup:
    """Replace what lists say of the role by these prices; other lists keep theirs."""
    lists = {price.price_list for price in prices}
    kept = [one for one in setup.role_prices if one.price_list not in lists or one.role != ROLE]
    return replace(setup, role_prices=(*kept, *prices))


def dollars(amount: object, **narrowed: Any) -> RolePrice:  # noqa: ANN401 - fields of RolePrice
    """Give a sales price of the role."""
    price = None if amount is None else Decimal(str(amount))
    return RolePrice(COMPANY, "Dollars", ROLE, price, **narrowed)


def sales_price(story: Story, **given: Any) -> Decimal:  # noqa: ANN401 - fields of NewEntry
    """Submit one unit of work and give what it sells for."""
    values: dict[str, Any] = {
        "cls": "time",
        "on": DAY,
        "project_number": "ARM",
        "quantity": Decimal(1),
        "person": "Bob Kozack",
        **given,
    }
    with story.books.operations.transaction() as transaction:
        entry_id = create_entry(
            transaction, company=COMPANY, entry=NewEntry(**values), actor="bob", at=NOW
        )
        result = submit_entries(
            transaction, company=COMPANY, entry_ids=[entry_id], actor="bob", at=NOW
        )
    assert not result.refusals, result.refusals
    (line,) = story.in_operations(
        "SELECT price FROM operations.journal_line"
        " WHERE entry_id = %s AND transaction_type = 'unbilled_sales'",
        entry_id,
    )
    return line["price"]


def in_2026(month_and_day: str) -> date:
    """Give a day such as 03-15."""
    return date.fromisoformat(f"2026-{month_and_day}")


@vector("PR-01")
def material_methods(case: Case) -> None:
    # One cost, three methods: each product of the case has one of them.
    cost = Decimal(case.given["cost"])
    methods: dict[str, tuple[PriceMethod, int | None, int | None]] = {
        "at_cost": ("at_cost", None, None),
        "markup_10": ("markup", None, 10),
        "price_per_unit_200": ("per_unit", 200, None),
    }
    prices: list[ProductPrice] = []
    for name in case.given["methods"]:
        method, price, percent = methods[name]
        prices.append(ProductPrice(COMPANY, "Cost", name, "per_unit", cost, None))
        prices.append(
            ProductPrice(COMPANY, "Dollars", name, method, decimal(price), decimal(percent))
        )
    products = tuple(Product(name, name) for name in case.given["methods"])
    story = Story(
        case.books,
        operations=replace(operations_cast(), products=products, product_prices=tuple(prices)),
    )

    found = [
        sales_price(story, cls="material", category="Servo motor", product=name)
        for name in case.given["methods"]
    ]

    assert found == case.expect["price"]
    story.holds()


def decimal(number: int | None) -> Decimal | None:
    """Give a number of a case as the books take it."""
    return None if number is None else Decimal(number)


@vector("PR-02")
def unit_conversion(case: Case) -> None:
    # A role priced by the day is sold by the hour.
    given = case.given
    unit = TimeUnit(given["unit"], Decimal(given["hours_in_unit"]))
    setup = priced(operations_cast(), dollars(given["price"], time_unit=unit.name))
    story = Story(case.books, operations=replace(setup, time_units=(unit,)))

    assert sales_price(story) == case.expect["price"]


@vector("PR-04")
def scoped_override(case: Case) -> None:
    # An override for the contract wins over one for everybody of the same day.
    contracts = {"Arm Installation at Adatum": "TM", None: None}
    overrides = [
        dollars(one["price"], effective_from=in_2026(one["from"]), contract=contracts[one["scope"]])
        for one in case.given["overrides"]
    ]
    story = Story(
        case.books,
        operations=priced(operations_cast(), dollars(case.given["base"]), *overrides),
    )
    day = in_2026("03-20")
    # «Line Upgrade» is of another contract with the same price list.
    found = {
        "adatum_contract": sales_price(story, on=day),
        "other_contract": sales_price(story, on=day, project_number="UPGRADE"),
        "before_03_15": sales_price(story, on=in_2026("03-14")),
    }

    assert found == case.expect


@vector("PR-05")
def markup_by_date(case: Case) -> None:
    # The base is what the hour costs; the role is sold at a markup that changes by date.
    given = case.given
    overrides = [
        dollars(None, **markup(one["markup"]), effective_from=in_2026(one["from"]))
        for one in given["overrides"]
    ]
    setup = priced(
        operations_cast(),
        RolePrice(COMPANY, "Cost", ROLE, Decimal(given["base"])),
        dollars(None, **markup(given["markup_overtime"])),
        *overrides,
    )
    story = Story(case.books, operations=setup)

    found = {day: sales_price(story, on=in_2026(day)) for day in case.expect}

    assert found == case.expect


def markup(percent: int) -> dict[str, Any]:
    """Give the method of a price that is the cost and a percentage."""
    return {"method": "markup", "percent": Decimal(percent)}


@vector("PR-06")
def overlapping_lists(case: Case) -> None:
    # Two price lists of a day give no price, whichever was there first.
    setup = operations_cast()
    (listed,) = (one for one in setup.price_lists if one.name == "Dollars")
    copies = [replace(listed, name=f"Copy {n}") for n in range(1, case.given["matching_lists"])]
    prices = [RolePrice(COMPANY, copy.name, ROLE, Decimal(300)) for copy in copies]
    story = Story(
        case.books,
        operations=replace(
            setup,
            price_lists=(*setup.price_lists, *copies),
            role_prices=(*setup.role_prices, *prices),
        ),
    )

    assert sales_price(story) == case.expect["price"]


@vector("FP-08")
def both_methods_on_one_project(case: Case) -> None:
    # Of one project, expenses are in a fixed price and hours are billed: the class decides.
    (contract,) = {
        line.contract for line in operations_cast().contract_lines if line.project == "UPGRADE"
    }
    work = {
        one["class"]: Work("UPGRADE", one["hours"])
        if one["class"] == "time"
        else Work("UPGRADE", cls="expense", category="Travel", unit_price=one["amount"])
        for one in case.given["entries"]
    }
    rule = ProfileRule("fixed_price", "FP_CompP", contract_number=contract)
    story = case.story(
        finance=finance_changed(profile_rules=(*finance_cast().company[0].profile_rules, rule))
    )

    entry_ids = story.approve(*work.values())

    found = story.in_operations(
        "SELECT entry_id, array_agg(transaction_type::text) AS types FROM operations.actual"
        " GROUP BY entry_id"
    )
    types = {row["entry_id"]: set(row["types"]) for row in found}
    made = dict(zip(work, (types[key] for key in entry_ids), strict=True))
    for name, expected in named(case, work):
        assert ("cost" in made[name]) == expected["cost"]
        assert ("unbilled_sales" in made[name]) == expected["ubs"]
    # What no sale was made of is billed by the milestones of its line.
    assert case.expect["expense"]["invoiced_by"] == "milestones"
    story.ready()
    story.create(contract)
    classes = story.in_operations("SELECT DISTINCT class::text FROM operations.proforma_detail")
    assert {row["class"] for row in classes} == {"time", "milestone"}
    # And only that counts for how far the fixed price is.
    story.post_work()
    assert f"{contract}/1" in estimate(story, f"{contract}/1")
    estimated = story.in_finance(
        "SELECT actual.class::text FROM finance.estimated_cost"
        " JOIN finance.staged_actual AS actual USING (company, actual_id)"
    )
    for name, expected in named(case, work):
        assert (name in {row["class"] for row in estimated}) == expected["in_fixed_price_estimate"]
    story.holds()


def named(case: Case, work: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """Give what a case expects of each class."""
    return [(name, case.expect[name]) for name in work]
