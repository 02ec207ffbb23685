"""Put chosen backlog items on drafts, and say how much of a milestone comes next."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.companies import one_company
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, Misused, actor_name, day
from twofold.journey.add_to_invoice import Items, add_to_invoice
from twofold.operations.backlog.mark_progress import NextInvoice, mark_progress


def invoice(
    *,
    actuals: Annotated[
        tuple[int, ...], Parameter(name="--actual", negative=(), help="These sales, by key.")
    ] = (),
    milestones: Annotated[
        tuple[int, ...],
        Parameter(name="--milestone", negative=(), help="These milestones, by key."),
    ] = (),
    is_new: Annotated[
        bool, Parameter(name="--new", negative=(), help="Open new drafts, whatever drafts exist.")
    ] = False,
    on: Annotated[
        date | None, Parameter(help="Items are dated up to this day; left out: today.")
    ] = None,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Add items to the latest draft of their contract and customer, or to a new one."""
    if not (actuals or milestones):
        raise Misused("name the items: --actual KEY, --milestone KEY")
    with opened(alone="operations") as system:
        code = one_company(system, company)
        added = add_to_invoice(
            system,
            company=code,
            items=Items(day(on), actuals, milestones),
            is_new=is_new,
            actor=actor_name(actor),
        )
    printing.show(
        {"company": code, "added": added},
        printing.table(
            ("Company", "Number", "Draft", "Items", "Net", "Tax", "Total"),
            [
                (
                    code, one.number, words, one.detail_count, one.detail_amount, one.tax_amount,
                    one.total_amount,
                )
                for words, drafts in (("extended", added.extended), ("new", added.opened))
                for one in drafts
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


def progress(
    milestone: Annotated[int, Parameter(help="Key of the milestone, or of one of its parts.")],
    /,
    *,
    percent: Annotated[
        Decimal | None, Parameter(help="Invoice this percentage of the whole milestone next.")
    ] = None,
    amount: Annotated[Decimal | None, Parameter(help="Invoice this amount next.")] = None,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Make a part of a milestone ready to invoice, on a line that is billed by progress."""
    if (percent is None) == (amount is None):
        raise Misused("say how much: --percent or --amount")
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.transaction() as transaction:
            found = mark_progress(
                transaction,
                company=code,
                milestone_id=milestone,
                invoice=NextInvoice(amount, percent),
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "milestone": found},
        printing.table(
            ("Company", "Milestone", "Amount", "Invoiced", "Next", "Remaining", "Currency"),
            [
                (
                    code, found.name, found.amount, found.invoiced_amount, found.next_amount,
                    found.remaining_amount, found.currency,
                )
            ],
        ),
        as_json=as_json,
    )  # fmt: skip
