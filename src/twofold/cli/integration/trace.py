"""Follow one invoice or actual through both books."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import AsJson, Company
from twofold.journey import trace as journey
from twofold.journey.stations import Journey


def trace(
    number: Annotated[
        str, Parameter(help="A proforma, proposal, invoice or voucher number, or actual/KEY.")
    ],
    /,
    *,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Show the whole path of one invoice or actual, and what it waits for."""
    with opened() as system:
        companies = chosen_companies(system, company)
        journeys = journey.trace(system, number=number, companies=companies)
    printing.show(
        journeys, *(part for one in journeys for part in path_tables(one)), as_json=as_json
    )


def path_tables(one: Journey) -> list[printing.RenderableType]:
    """Show the stations of a path, and what it waits for."""
    path = printing.table(
        ("", "Station", "Where", "When", "Who", "Number", "Count", "Amount", "Currency", "Note"),
        [
            (
                "✓" if stop.reached else "…", stop.name, stop.where, stop.at, stop.actor,
                stop.number, stop.count, stop.amount, stop.currency, stop.note,
            )
            for stop in one.stations
        ],
        title=f"{one.number} in {one.company}",
    )  # fmt: skip
    wait = one.waits_for
    if wait is None:
        return [path]
    waits = printing.facts(
        (("Waits for", wait.station), ("Who", str(wait.words)), ("Remedy", wait.remedy))
    )
    if not wait.problems:
        return [path, waits]
    return [path, waits, printing.refusal_table(wait.problems, title="Because")]
