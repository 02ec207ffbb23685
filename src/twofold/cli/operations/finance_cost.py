"""Costs that finance posted itself: take them over as costs and sales, list them."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import one_company
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    actor_name,
)
from twofold.operations.finance_costs.reads import list_finance_costs
from twofold.operations.finance_costs.take_costs import take_costs

app = App(name="finance-cost", help="Costs that finance posted itself: take over, list.")


@app.command
def take(*, company: Company = None, actor: ActorName = None, as_json: AsJson = False) -> None:
    """Make a cost, and on time and material a sale, of every line that arrived."""
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.transaction() as transaction:
            taken = take_costs(transaction, company=code, actor=actor_name(actor), at=system.now())
    printing.show(
        {"company": code, "taken": taken},
        printing.table(
            ("Documents", "Costs", "Sales", "Left"),
            [(taken.journal_count, taken.cost_count, taken.sale_count, len(taken.refusals))],
            title=f"Taken over in {code}",
        ),
        as_json=as_json,
    )
    if not as_json and taken.refusals:
        printing.tell_refusals(taken.refusals)


@app.command(name="list")
def list_all(
    *,
    waiting: Annotated[
        bool, Parameter(negative=(), help="Only those that nobody took over yet.")
    ] = False,
    company: Company = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List what arrived, newest first, with the actuals that were made of it."""
    with opened(alone="operations") as system:
        code = one_company(system, company)
        with system.operations.reader() as reader:
            found = list_finance_costs(reader, company=code, is_waiting=waiting, limit=limit)
    printing.show(
        found,
        printing.table(
            ("Kind", "Document", "Line", "Voucher", "Date", "Project", "Quantity", "Cost",
             "Currency", "Sells at", "Journal", "Cost actual", "Sale actual"),
            [
                (
                    one.kind, one.document, one.line_number, one.voucher, one.transaction_date,
                    one.project_number, one.quantity, one.amount, one.currency, one.sales_price,
                    one.journal_id, one.cost_actual_id, one.sale_actual_id,
                )
                for one in found
            ],
            title=f"Costs of finance in {code}",
        ),
        as_json=as_json,
    )  # fmt: skip
