"""Worked cases of revenue estimates: percent complete, and revenue shared out by standalone price."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Final

from tests.finance.estimating import CostLine, Estimating
from tests.vectors.case import Case, vector
from twofold.finance.estimates.forecast_file import ForecastLine

LINE: Final = "K-3/2"
HUNDRED: Final = Decimal(100)


def forecast(**amounts: int | tuple[int, int]) -> tuple[ForecastLine, ...]:
    """Give a forecast of the line by class: an amount, or a quantity and an amount."""
    pairs = {
        class_: given if isinstance(given, tuple) else (0, given)
        for class_, given in amounts.items()
    }
    return tuple(
        ForecastLine(LINE, class_, "", Decimal(quantity), Decimal(amount))
        for class_, (quantity, amount) in pairs.items()
    )


@vector("RR-01")
def percent_by_template(case: Case) -> None:
    # What the template counts decides how far the project is.
    given = case.given
    plan, actual = given["forecast"], given["actual"]
    estimating = Estimating(case.books)
    estimating.load(*forecast(time=(plan["hours"], plan["hour_cost"]), expense=plan["expense"]))
    estimating.post_costs(
        ("time", "Service", actual["planned_hours"], actual["planned_hours"] * actual["rate"]),
        ("time", "Design", actual["unplanned_hours"], actual["unplanned_cost"]),
    )
    all_hours: list[CostLine] = [{"class": "time"}]
    planned: list[CostLine] = [
        {"class": "time"},
        {"class": "time", "categories": ["Design"], "is_counted": False},
    ]
    everything: list[CostLine] = [*all_hours, {"class": "expense"}]

    found = {
        "all_hours_amount": estimating.percent("amount", all_hours),
        "all_hours_units": estimating.percent("quantity", all_hours),
        "planned_hours": estimating.percent("amount", planned),
        "hours_and_expenses": estimating.percent("amount", everything),
    }
    assert found["planned_hours"] == estimating.percent("quantity", planned)
    estimating.post_costs(("expense", "Service", 1, 900))
    found["after_trip_900"] = estimating.percent("amount", everything)

    assert {name: float(round(percent, 1)) for name, percent in found.items()} == {
        name: float(percent) for name, percent in case.expect.items()
    }
    estimating.holds()


@vector("RR-02")
def original_forecast_as_the_measure(case: Case) -> None:
    # A cost above its forecast raises the total, unless the line says that the forecast stays.
    months = {"november": case.given["november"], "december": case.given["december"]}
    classes = {"hour": "time", "expense": "expense", "item": "material"}
    categories = {"time": "Service", "expense": "Service", "material": "Parts"}
    estimating = Estimating(case.books)
    estimating.load(
        *forecast(**{classes[name]: amount for name, amount in case.given["forecast"].items()})
    )

    for month, costs in months.items():
        estimating.post_costs(
            *(
                (classes[name], categories[classes[name]], 1, amount)
                for name, amount in costs.items()
            )
        )
        found = {
            name: estimating.percent(
                "amount",
                [{"class": class_, "uses_forecast": name == "new"} for class_ in classes.values()],
            )
            for name in ("old", "new")
        }
        wanted = case.expect[month]
        assert {name: float(round(percent, 2)) for name, percent in found.items()} == {
            name: wanted[name] for name in ("old", "new")
        }
    estimating.holds()


@vector("RR-03")
def shared_out_by_standalone_price(case: Case) -> None:
    # Each line has its share of the contract's price, recognised as it goes; what its milestones
    # are invoiced more or less is contract variance in the end.
    lines = dict(zip(case.given, count(2), strict=False))
    milestones = {lines[name]: one["milestone"] for name, one in case.given.items()}
    estimating = Estimating(case.books, milestones=milestones)
    for name, one in case.given.items():
        estimating.price(lines[name], one["ssp"])
        estimating.load(
            ForecastLine(
                f"K-3/{lines[name]}", "time", "", Decimal(0), Decimal(one["estimated_cost"])
            )
        )

    percent: dict[str, list[Decimal]] = {name: [] for name in lines}
    accrued: dict[str, list[Decimal]] = {name: [] for name in lines}
    for month in range(3):
        for name, line in lines.items():
            cost = case.given[name]["cost"][month]
            if cost:
                estimating.post_costs(("time", "Service", 1, cost), line=line, month=month)
        created = {one.number: one for one in estimating.create(month=month).created}
        posted = {one.number: one for one in estimating.post().posted}
        for name, line in lines.items():
            number = f"K-3/{line}"
            assert created[number].contract_amount == case.expect["allocated"][name]
            percent[name].append(posted[number].percent)
            accrued[name].append(posted[number].accrued_amount)

    estimating.invoice()
    eliminated = {one.number: one for one in estimating.eliminate().eliminated}
    variance = {name: eliminated[f"K-3/{line}"].variance_amount for name, line in lines.items()}

    assert percent == case.expect["percent"]
    assert accrued == case.expect["accrued"]
    assert variance == case.expect["variance_at_elimination"]
    assert not sum(variance.values())
    assert estimating.ledger()["accrued_revenue"] == -sum(milestones.values())
    estimating.holds()
