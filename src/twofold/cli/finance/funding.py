"""Who funds a contract, by the rules and limits of its funding sources."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.companies import found_once
from twofold.cli.opening import opened
from twofold.cli.parameters import ROWS_SHOWN, AsJson, Company, LimitOfRows
from twofold.finance.funding.allocation import find_contract, funded_sales, funding_sources


def show_funding(
    contract: Annotated[str, Parameter(help="Number of the contract.")],
    /,
    *,
    sales: Annotated[bool, Parameter(negative=(), help="Show it sale by sale as well.")] = False,
    company: Company = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show what each funding source of a contract gives, and what it has left."""
    with opened(alone="finance") as system, system.finance.reader() as reader:
        code, found = found_once(
            system, company, f"contract {contract}",
            lambda code: find_contract(reader, company=code, contract=contract),
        )  # fmt: skip
        sources = funding_sources(reader, company=code, contract=contract)
        lines = funded_sales(reader, company=code, contract=contract, limit=limit) if sales else ()
    tables = [
        printing.table(
            ("Payer", "Name", "Limit", "Funds", "Left", "Sold to"),
            [
                (
                    one.payer or "nobody", one.name, one.limit_amount, one.funded_amount,
                    one.left_amount, one.sold_amount,
                )
                for one in sources
            ],
            title=f"Funding of {found.number} {found.name} in {code}, {found.currency}",
        ),
        *([printing.table(
            ("Date", "Kind", "Key", "Amount", "Rule", "Payer", "Funds"),
            [
                (
                    one.transaction_date, one.kind, one.document_id, one.amount, one.priority,
                    one.payer, one.funded_amount,
                )
                for one in lines
            ],
            title="Sale by sale",
        )] if sales else []),
    ]  # fmt: skip
    printing.show(
        {"company": code, "contract": found, "sources": sources, "sales": lines},
        *tables,
        as_json=as_json,
    )
