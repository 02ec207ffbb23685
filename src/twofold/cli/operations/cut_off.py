"""The cut-off of the opening balances of a company."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.companies import one_company
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, actor_name
from twofold.finance.setup.state_cut_off import state_cut_off


def cut_off(
    on: Annotated[date, Parameter(help="The last day that is brought over as opening balance.")],
    /,
    *,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """State up to which day actuals are opening balances: subledger only, no ledger entries."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            stated = state_cut_off(
                transaction,
                company=code,
                cut_off_on=on,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "cut_off": stated},
        printing.facts(
            (
                ("Company", code),
                ("Brought over up to", stated.cut_off_on),
                ("Before", stated.before),
            )
        ),
        as_json=as_json,
    )
