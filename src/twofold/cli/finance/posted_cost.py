"""General journals and vendor invoices: post a file of them, list what was posted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import one_company
from twofold.cli.documents import list_over_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    actor_name,
)
from twofold.finance.costs.reads import CostsAsked, list_costs
from twofold.finance.costs.stated_cost import DocumentKind
from twofold.journey.cost_file import FileOfCosts, post_cost_file

general_journal = App(
    name="general-journal", help="Costs on projects against any account: post, list."
)
vendor_invoice = App(name="vendor-invoice", help="Invoices of vendors on projects: post, list.")

CostPath = Annotated[Path, Parameter(help="A CSV file; its first line names the columns.")]


@general_journal.command(name="post")
def post_journal(
    file: CostPath,
    /,
    *,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Post a general journal, one voucher per line.

    Columns: date, project, cost_price, offset_account; and if you like quantity, sales_price,
    currency, category, task, customer, contract_line, description.
    """
    _post(
        FileOfCosts(file.name, file.read_bytes(), "general_journal"),
        company=company,
        actor=actor,
        as_json=as_json,
    )


@vendor_invoice.command(name="post")
def post_invoice(
    file: CostPath,
    /,
    *,
    prices_include_tax: Annotated[
        bool, Parameter(name="--prices-include-tax", negative=(), help="Prices have tax in them.")
    ] = False,
    intercompany: Annotated[
        bool,
        Parameter(name="--intercompany", negative=(), help="Another company lent who worked."),
    ] = False,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Post vendor invoices, one voucher per invoice.

    Columns: vendor, invoice, date, project, price; and if you like class, quantity, charge,
    currency, tax_group, item_tax_group, category, task, customer, contract_line, description.
    """
    _post(
        FileOfCosts(
            file.name, file.read_bytes(), "vendor_invoice", prices_include_tax, intercompany
        ),
        company=company,
        actor=actor,
        as_json=as_json,
    )


@general_journal.command(name="list")
def list_journals(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """List posted lines of general journals, newest first."""
    _list("general_journal", company, limit, as_json=as_json)


@vendor_invoice.command(name="list")
def list_invoices(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """List posted lines of vendor invoices, newest first."""
    _list("vendor_invoice", company, limit, as_json=as_json)


def _post(file: FileOfCosts, *, company: str | None, actor: str | None, as_json: bool) -> None:
    with opened(alone="finance") as system:
        code = one_company(system, company)
        posted = post_cost_file(system, company=code, file=file, actor=actor_name(actor))
    printing.show(
        {"company": code, "posted": posted},
        printing.table(
            ("Document", "Vouchers", "Lines", "Accounting amount", "Ledger entries"),
            [
                (
                    posted.document, posted.voucher_count, posted.line_count,
                    posted.accounting_amount, posted.entry_count,
                )
            ],
            title=f"Posted in {code}",
        ),
        as_json=as_json,
    )  # fmt: skip
    if not as_json:
        printing.say(
            "Next: `twofold deliver` tells operations, `twofold finance-cost take` makes the "
            "costs and sales there."
        )


def _list(kind: DocumentKind, company: str | None, limit: int, *, as_json: bool) -> None:
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: list_costs(
                reader, company=code, kind=kind, limit=rows, asked=CostsAsked()
            ),
        )  # fmt: skip
    printing.show(
        [{"company": code, "cost": one} for code, one in found],
        printing.table(
            ("Company", "Document", "Line", "Voucher", "Date", "Project", "Quantity", "Cost",
             "Tax back", "Currency", "Accounting", "Account", "Offset"),
            [
                (
                    code, one.document, one.line_number, one.voucher, one.accounting_date,
                    one.project_number, one.quantity, one.cost_amount, one.recoverable_tax_amount,
                    one.currency, one.accounting_amount, one.cost_account, one.offset_account,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip
