"""The backlog added up by customer, project or age."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import AsJson, Company, day
from twofold.operations.backlog.totals import Dimension, backlog_by


def totals(
    *,
    by: Annotated[Dimension, Parameter(help="Added up by what.")] = "customer",
    on: Annotated[
        date | None, Parameter(help="Day to which ages are counted; left out: today.")
    ] = None,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Add up what is still to be invoiced."""
    with opened(alone="operations") as system, system.operations.reader() as reader:
        found = [
            (code, one)
            for code in chosen_companies(system, company)
            for one in backlog_by(reader, company=code, dimension=by, as_of=day(on))
        ]
    printing.show(
        [{"company": code, "total": one} for code, one in found],
        printing.table(
            (
                "Company", by.capitalize(), "Name", "Currency", "Items", "Amount", "Ready",
                "Amount", "Oldest",
            ),
            [
                (
                    code, one.number, one.name, one.currency, one.item_count, one.amount,
                    one.ready_count, one.ready_amount, one.oldest,
                )
                for code, one in found
            ],
            title=f"Backlog by {by}",
        ),
        as_json=as_json,
    )  # fmt: skip
