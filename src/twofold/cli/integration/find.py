"""Say what a number means in both books."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import AsJson, Company
from twofold.journey import find as journey


def find(
    number: Annotated[
        str, Parameter(help="Any number, account or key; actual/KEY, entry/KEY or set/KEY.")
    ],
    /,
    *,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Show every record that a number means, and what to trace."""
    with opened() as system:
        companies = chosen_companies(system, company)
        matches = journey.find(system, number=number, companies=companies)
    shown = printing.table(
        ("Company", "What", "Number", "Name", "State", "Amount", "Currency", "Trace"),
        [
            (
                one.company, one.kind, one.number, one.name, one.state, one.amount, one.currency,
                one.follow,
            )
            for one in matches
        ],
    )  # fmt: skip
    printing.show(matches, shown, as_json=as_json)
