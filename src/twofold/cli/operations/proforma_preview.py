"""See what confirming a draft would write: the same statements, in a transaction not kept."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.by_number import found_proforma
from twofold.cli.discounts import sold_columns
from twofold.cli.opening import opened
from twofold.cli.operations.proforma_drafts import Number
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    actor_name,
    day,
)
from twofold.journey.preview import Preview, preview_confirmation


def preview(
    number: Number,
    /,
    *,
    company: Company = None,
    on: Annotated[
        date | None, Parameter(help="Accounting date if the draft has none; left out: today.")
    ] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """See what confirming a draft would write, and whether finance would take it."""
    with opened(alone="operations") as system:
        code, header = found_proforma(system, company, number)
        found = preview_confirmation(
            system,
            company=code,
            proforma_ids=(header.proforma_id,),
            actor=actor_name(actor),
            on=day(on),
            limit=limit,
        )
    printing.show(
        {"company": code, "preview": found},
        _totals(found),
        _actuals(found),
        as_json=as_json,
    )
    printing.tell_refusals(list(found.refusals), title="Finance would refuse it")


def _totals(found: Preview) -> printing.RenderableType:
    return printing.table(
        ("What", "Because of", "Billing", "Finance gets it", "Actuals", "Quantity", "Amount"),
        [
            (
                one.kind, one.event, one.billing_type, "yes" if one.travels else "no",
                one.actual_count, one.quantity, one.amount,
            )
            for one in found.totals
        ],
        title="Confirming would write",
    )  # fmt: skip


def _actuals(found: Preview) -> printing.RenderableType:
    extended, cells = sold_columns(found.actuals)
    return printing.table(
        ("Date", "Type", "Class", "Billing", "Quantity", "Price", "Amount", *extended,
         "Description"),
        [
            (
                one.transaction_date, one.transaction_type, one.transaction_class,
                one.billing_type, one.quantity, one.price, one.amount, *cells(one),
                one.description,
            )
            for one in found.actuals
        ],
        title="Its first actuals",
    )  # fmt: skip
